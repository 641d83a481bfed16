/**
 * A real device and RTL in lockstep: programs use the device, the RTL beside it is asked the same, and the first
 * answer in which they differ ends the run before its program has it. The devices here are files.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { sampleModel } from '../support/configs.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline, toWords, type LoggedAccess } from '../support/trapline.js'

const base = 0xfe00_0000
const pageBytes = 4096

interface Setup {
  model?: string
  contents?: Buffer
  registers?: object
  more?: Partial<TraplineConfig>
}

function configure(scratch: Scratch, { model = 'axil_regs', contents, registers, more }: Setup = {}) {
  const device = scratch.write('silicon', contents ?? Buffer.alloc(pageBytes))
  const described = registers && { registers: scratch.write('registers.json', registers) }
  const silicon = { kind: 'hardware', path: device, base, size: pageBytes, lockstep: 'rtl', ...described } as const
  scratch.write('trapline.config.json', { models: { rtl: sampleModel(model, {}) }, devices: { silicon }, ...more })
  return device
}

async function run(scratch: Scratch, program: string[], flags: string[] = []) {
  const file = join(scratch.path, 'recording.jsonl')
  const ended = await trapline(scratch, ['run', '--record', file, '--call-stacks', ...flags, '--', ...program])
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').filter(Boolean)
  return { ...ended, log: lines.map((line) => JSON.parse(line) as LoggedAccess) }
}

/** Registers of 32 bits by their number. */
function python(scratch: Scratch, device: string, lines: string[]): string[] {
  const text = [
    'import mmap, os, select, time',
    `m = mmap.mmap(os.open(${JSON.stringify(device)}, os.O_RDWR), ${pageBytes})`,
    'word = memoryview(m).cast("I")',
    ...lines,
  ]
  return ['python3', scratch.write('driver.py', text.join('\n'))]
}

it('a program gets what the device answers, as long as the RTL answers the same: every width', async () => {
  const scratch = makeScratch()
  const device = configure(scratch, { model: 'axil_ram' })
  const { status, stderr, log } = await run(scratch, [host('accesses'), device, '0'])
  expect(status, stderr).toBe(0)
  expect(log).toHaveLength(20)
  expect(log.some(({ widthBytes }) => widthBytes === 16)).toBe(true)
  expect(log.every((access) => !('cycleStart' in access))).toBe(true)
})

it('processes side by side are compared in the order of the device', async () => {
  const scratch = makeScratch()
  configure(scratch, { model: 'axil_ram' })
  const one = (i: number) => `for n in 1 2 3; do busybox devmem ${base + 4 * i} 32 $((n + ${i})); done`
  const all = [0, 1, 2, 3].map((i) => `(${one(i)}; busybox devmem ${base + 4 * i}) &`).join(' ')
  const { status, stdout, stderr, log } = await run(scratch, ['sh', '-c', `${all} wait`])
  expect(status, stderr).toBe(0)
  expect(stdout.trim().split('\n').sort()).toEqual(['0x00000003', '0x00000004', '0x00000005', '0x00000006'])
  expect(log).toHaveLength(16)
})

it('a process that is killed in the midst of its accesses fails nobody else', async () => {
  const scratch = makeScratch()
  const device = configure(scratch, { model: 'axil_ram' })
  const endless = 'for n in itertools.count(): word[0] = n; n == 3 and print(flush=True)'
  const program = [
    'import itertools, subprocess, sys',
    `if len(sys.argv) > 1:`,
    `  ${endless}`,
    'child = subprocess.Popen([sys.executable, __file__, "child"], stdout=subprocess.PIPE)',
    'child.stdout.readline(); child.kill(); child.wait()',
    'word[1] = 5; print(word[1])',
  ]
  const { status, stdout, stderr } = await run(scratch, python(scratch, device, program))
  expect([status, stdout], stderr).toEqual([0, '5\n'])
})

describe('where they differ', () => {
  /** The RTL sets STATUS by TRIGGER; a file does not. */
  const lines = ['word[0] = 7', 'word[6] = 5', 'print("status", word[2])', 'word[0] = 9']

  it('the run ends at that access: the program has no answer, the device sees nothing more', async () => {
    const scratch = makeScratch()
    const device = configure(scratch)
    const { status, stdout, stderr, sentences, log } = await run(scratch, python(scratch, device, lines))
    expect([status, stdout], stderr).toEqual([125, ''])
    expect(sentences.filter((line) => line.startsWith('lockstep: '))).toEqual([
      expect.stringMatching(/^lockstep: read of 4 bytes at silicon\+0x8 by <module> \(driver\.py:6\), pc 0x\w+: /),
    ])
    expect(stderr).toMatch(/: the real device gives 0x00000000, model rtl 0x00000005, cycles \d+ to \d+\n/)
    expect(log.map(toWords)).toEqual([
      'write silicon+0x0 4 B = 0x00000007',
      'write silicon+0x18 4 B = 0x00000005',
      'read silicon+0x8 4 B = 0x00000000',
    ])
    expect(readFileSync(device).readUInt32LE(0)).toBe(7)
  })

  it('that access is what the evidence is about', async () => {
    const scratch = makeScratch()
    const device = configure(scratch)
    const { stderr } = await run(scratch, python(scratch, device, lines), ['--results', join(scratch.path, 'results')])
    expect(stderr).toMatch(/access 3: lockstep: read of 4 bytes at silicon\+0x8 by <module> \(driver\.py:6\)/)
  })

  it('so does a write that the RTL refuses', async () => {
    const scratch = makeScratch()
    const device = configure(scratch)
    const { status, sentences } = await run(scratch, python(scratch, device, ['word[1] = 1']))
    expect(status).toBe(125)
    expect(sentences.join('\n')).toMatch(/write of 4 bytes at silicon\+0x4 .* gives OKAY, model rtl SLVERR, cycles/)
  })

  it('in volatile bits alone, the run goes on and says so', async () => {
    const scratch = makeScratch()
    const status = { name: 'STATUS', offset: 8, volatile: true }
    const registers = { format: 'trapline-registers-1', blocks: [{ name: 'regs', registers: [status] }] }
    const device = configure(scratch, { registers })
    const ended = await run(scratch, python(scratch, device, lines))
    expect([ended.status, ended.stdout], ended.stderr).toEqual([0, 'status 0\n'])
    expect(ended.sentences).toContain(
      'lockstep: volatile, so not compared: bits of 1 read (1 differs) of silicon STATUS',
    )
  })

  it('a golden model can be the one beside it', async () => {
    const scratch = makeScratch()
    scratch.write('golden.mjs', 'export default class { read() { return 3n } write() {} }')
    const device = configure(scratch, { more: { models: {}, goldens: { rtl: { file: './golden.mjs' } } } })
    const { status, sentences } = await run(scratch, python(scratch, device, ['word[0] = 3', 'word[1]']))
    expect(status).toBe(125)
    expect(sentences.join('\n')).toMatch(/silicon\+0x4 .* the real device gives 0x00000000, model rtl 0x00000003/)
  })
})

it('the time of the RTL passes while the program sleeps', async () => {
  const scratch = makeScratch()
  const contents = Buffer.alloc(pageBytes)
  // STATUS of axil_timer, as it is when the limit has been reached.
  contents.writeUInt32LE(1, 4)
  const device = configure(scratch, { model: 'axil_timer', contents })
  // Not a sleep until a time of the clock, of which a busy machine may leave nothing.
  const program = ['word[3] = 1000', 'word[0] = 1', 'select.select([], [], [], 0.001)', 'print(word[1])']
  const { status, stdout, stderr } = await run(scratch, python(scratch, device, program))
  expect([status, stdout], stderr).toEqual([0, '1\n'])
})

it('needs no configuration', async () => {
  const scratch = makeScratch()
  const device = scratch.write('silicon', Buffer.alloc(pageBytes))
  const rtl = ['--rtl', sampleRtl('axil_regs'), '--top', 'axil_regs']
  const flags = [...rtl, '--hardware', `${device}+0x1000`, '--lockstep', 'silicon=axil_regs']
  const same = await run(scratch, python(scratch, device, ['word[0] = 7', 'print(word[0])']), flags)
  expect([same.status, same.stdout], same.stderr).toEqual([0, '7\n'])
  const other = await run(scratch, python(scratch, device, ['print(word[1])']), flags)
  expect([other.status, other.stdout]).toEqual([125, ''])
  expect(other.sentences.join('\n')).toContain('the real device gives 0x00000000, model axil_regs 0x54524150')
})

describe('refused in one sentence', () => {
  it.each([
    {
      flags: ['--lockstep', 'rtl=silicon'],
      says: '--lockstep rtl=silicon: silicon is a real device, whose answers the program has; write silicon=MODEL',
    },
    { flags: ['--lockstep', 'silicon=nobody'], says: 'device silicon: lockstep names nobody, and models are rtl' },
  ])('$says', async ({ flags, says }) => {
    const scratch = makeScratch()
    configure(scratch)
    const { status, sentences } = await trapline(scratch, ['run', ...flags, '--', 'true'])
    expect([status, sentences]).toEqual([125, [says]])
  })

  it('RTL that reaches memory by itself', async () => {
    const scratch = makeScratch()
    configure(scratch, { model: 'axi_dma' })
    const { status, sentences } = await trapline(scratch, ['run', '--', 'true'])
    expect(status).toBe(125)
    expect(sentences.join('\n')).toMatch(
      /devices\.silicon\.lockstep: model rtl reaches host memory by itself \(.*\), which the real device does, too;/,
    )
  })
})
