/** One program on RTL and on a golden model of it: the same bytes, the same log, whoever wrote it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, sampleModel } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

/** axil_ram with 512 words, as its header describes it. */
const golden = `const beyond = () => Object.assign(new Error('beyond'), { name: 'BusError', status: 'SLVERR' })
export default class {
  words = new Map()
  read(address) {
    if (address >= 0x800n) throw beyond()
    return this.words.get(address) ?? 0n
  }
  write(address, value, mask) {
    if (address >= 0x800n) throw beyond()
    this.words.set(address, ((this.words.get(address) ?? 0n) & ~mask) | (value & mask))
  }
}
`

function configFor(scratch: Scratch): string {
  scratch.write('ram-golden.mjs', golden)
  const config: TraplineConfig = {
    models: { ram: sampleModel('axil_ram', { AddrWidth: 13, Depth: 512 }) },
    goldens: { twin: { file: './ram-golden.mjs' } },
    devices: { mem0: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'ram', onError: 'ones' } },
  }
  return scratch.write('trapline.config.json', config)
}

const program = [host('twin'), '/dev/mem', String(base)]
const goldenInstead = ['--model', 'ram=twin']

it('every width, masks and errors: one log, one replay, and lockstep has nothing to say', async () => {
  const scratch = makeScratch()
  configFor(scratch)
  const run = (...flags: string[]) => trapline(scratch, ['run', '--seed', '1', ...flags, '--', ...program])
  const rtl = await run('--log', 'rtl.jsonl')
  const twin = await run(...goldenInstead, '--log', 'golden.jsonl')
  expect(twin, twin.stderr).toMatchObject({ status: 0, stdout: rtl.stdout })
  const lines = readFileSync(join(scratch.path, 'golden.jsonl'), 'utf8').split('\n')
  expect(lines.filter((line) => line.includes('"byteEnables":')).length).toBeGreaterThan(0)
  expect(lines.filter((line) => line.includes('"status":"SLVERR"')).length).toBeGreaterThan(2)
  const compared = await trapline(scratch, ['diff', 'rtl.jsonl', 'golden.jsonl'])
  expect(compared.status, compared.stdout).toBe(0)
  const replayed = await trapline(scratch, ['replay', 'rtl.jsonl'])
  expect(replayed.status, replayed.stdout + replayed.stderr).toBe(0)
  const locked = await run('--lockstep', 'twin')
  expect(locked, locked.stderr).toMatchObject({ status: 0, stdout: rtl.stdout })
  // Each is said when its line in the source is known, whichever that is first.
  const errorsOf = ({ sentences }: { sentences: string[] }) =>
    sentences.flatMap((line) => (line.startsWith('SLVERR') ? line.replace(/pc 0x\w+/, '') : [])).sort()
  expect(errorsOf(rtl)).toHaveLength(3)
  expect(errorsOf(twin)).toEqual(errorsOf(rtl))
})

it.each([
  ['RTL', []],
  ['a golden model', goldenInstead],
])('a locked instruction of one process is one on %s', async (_kind, flags) => {
  const scratch = makeScratch()
  configFor(scratch)
  const { status, stdout, stderr } = await trapline(scratch, ['run', ...flags, '--', ...program, 'together'])
  expect(stdout, stderr).toBe('counter 200\n')
  expect(status).toBe(0)
})
