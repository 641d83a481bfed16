/**
 * in, out, ins and outs in all their encodings, in programs of 64 and of 32 bits; who may use which ports, and what
 * faults; and instructions that raise the same fault and are none of I/O, which are as without Trapline.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { root, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, toWords } from '../support/trapline.js'

const config: TraplineConfig = {
  models: {
    ports: { top: 'port_ram', sources: [join(import.meta.dirname, 'cores/port_ram.v')] },
    memory: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] },
  },
  devices: {
    ports: { kind: 'port', base: 0x40, size: 0x80, model: 'ports' },
    memory: { kind: 'mem', base: 0, size: 0x1000, model: 'memory' },
  },
}
const kinds: [string, string[]][] = [
  ['a program', ['gcc']],
  ['a static program, into which the agent is brought', ['gcc', '-static']],
  ['a static program of 32 bits', ['i686-linux-gnu-gcc', '-static']],
]

function compile(scratch: Scratch, [compiler = '', ...flags]: string[], name: string): string {
  const program = join(scratch.path, name)
  const source = join(root, `test/e2e/hosts/${name}.c`)
  execFileSync(compiler, ['-std=c17', '-O2', '-D_GNU_SOURCE', '-pthread', ...flags, '-o', program, source])
  return program
}

const refused = 'si_code 128, si_addr 0, trap 13'

describe.each(kinds)('%s', (_kind, compiler) => {
  const isThere = spawnSync(compiler[0] ?? '', ['--version']).status === 0
  const name = (promise: string) => `${promise}${isThere ? '' : ` (needs ${compiler[0]})`}`

  it.skipIf(!isThere)(name('makes each encoding the accesses of the manual, and nothing else'), async () => {
    const scratch = makeScratch()
    const program = compile(scratch, compiler, 'io_forms')
    const { status, stdout, stderr, log } = await runHost(scratch, config, [program])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => line.startsWith('wrong'))).toEqual([])
    expect(lines.at(-1), stderr).toMatch(/^forms: \d{3}, 0 wrong$/)
    expect(status).toBe(0)
    expect(log.map(toWords)).toEqual(lines.slice(0, -1))
  })

  it.skipIf(!isThere)(name('may use what it asked for, and what it starts may, too'), async () => {
    const scratch = makeScratch()
    const program = compile(scratch, compiler, 'io_faults')
    const { status, stdout, log } = await runHost(scratch, config, [program, 'grants'])
    expect(stdout.trimEnd().split('\n')).toEqual([
      `before: ${refused}`,
      ...['ioperm of none', 'ioperm beyond the last', 'ioperm that wraps', 'iopl 4', 'iopl -1'].map(
        (call) => `${call}: Invalid argument`,
      ),
      ...['ioperm: 0', 'granted: 5a', `next but one: ${refused}`, 'word: a55a', 'word, half of it: si_code 128'],
      ...['child: 5a', 'thread: 5a', 'ioperm off: 0', `taken back: ${refused}`],
      ...['iopl 1: 0', `at level 1: ${refused}`, 'iopl 3: 0', 'at level 3: a5', 'beyond the last: si_code 128'],
      ...['iopl 0: 0', `at level 0: ${refused}`, 'still granted: 5a'],
      ...['program, granted: 5a', `program, not granted: ${refused}`],
    ])
    expect(status).toBe(0)
    expect(log).toHaveLength(9)
  })

  it.skipIf(!isThere)(name('gets the faults of its memory where they belong'), async () => {
    const scratch = makeScratch()
    const program = compile(scratch, compiler, 'io_faults')
    const { stdout, log } = await runHost(scratch, config, [program, 'memory'])
    const one = compiler[0] === 'gcc' ? 'f'.repeat(16) : 'f'.repeat(8)
    expect(stdout.trimEnd().split('\n')).toEqual([
      `insw over the end: address +0, cx 3, di +${one}`,
      'insw that goes on: left 0, then 6677',
      'insw into read-only pages: code 2, address +2, cx 4',
      'outsb over the end: address +0, cx 2, si +0',
      'outsl from nowhere: code 1, address 0',
      'insw into a window: left 0, then 6655',
      'outsb from a window: left 0, then 02',
      'insw into a window that is read-only: code 2, +0, cx 2',
    ])
    // No port is read for memory that does not take it.
    expect(log.map(({ op, device, widthBytes }) => `${op} ${device} ${widthBytes}`)).toEqual([
      ...['write ports 1', 'write ports 1'],
      ...Array.from({ length: 4 }, () => 'read ports 2'),
      ...['write ports 1', 'write ports 1', 'write ports 1'],
      ...['read ports 2', 'write memory 2', 'read ports 2', 'write memory 2', 'read memory 2'],
      ...['write memory 2', 'read memory 1', 'write ports 1', 'read memory 1', 'write ports 1', 'read ports 1'],
    ])
  })

  it.skipIf(!isThere)(name('is told natively what it is told where ports are served'), async () => {
    const scratch = makeScratch()
    const program = compile(scratch, compiler, 'io_faults')
    const natively = execFileSync(program, ['unlike'], { encoding: 'utf8' })
    const { status, stdout, log } = await runHost(scratch, config, [program, 'unlike'])
    expect(natively).toContain('hlt: si_code 128, si_addr 0, trap 13, byte f4\n')
    expect({ status, stdout, log }).toEqual({ status: 0, stdout: natively, log: [] })
  })

  it.skipIf(!isThere)(name('asks the machine where the configuration has no ports'), async () => {
    const scratch = makeScratch()
    const program = compile(scratch, compiler, 'io_faults')
    const devices = Object.fromEntries(Object.entries(config.devices).filter(([device]) => device === 'memory'))
    const { status, stdout } = await runHost(scratch, { ...config, devices }, [program, 'unlike'])
    expect({ status, stdout }).toEqual({ status: 0, stdout: execFileSync(program, ['unlike'], { encoding: 'utf8' }) })
  })
})
