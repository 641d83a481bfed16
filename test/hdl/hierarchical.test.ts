// A model that Verilator builds in blocks (--hierarchical), one within another, does what it does as a whole.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { decodeCompletion, encodeAccess } from '../../bridge/wire/wire.js'
import { toValue } from '../../bridge/wire/access.js'
import { configSchema } from '../../bridge/config/schema.js'
import { verilatorModels } from '../../bridge/config/used-models.js'
import { makeCheckpoint } from '../../bridge/model/checkpoint.js'
import { launchModel } from '../../bridge/model/launch-model.js'
import type { RunningModel } from '../../bridge/model/running-model.js'
import { type BuiltModel, buildModel } from '../../bridge/verilate/build-model.js'
import { cacheDirectory } from '../../bridge/ground/paths.js'
import { joined } from '../support/patterns.js'
import { nothingRecorded } from '../../bridge/run/recording.js'
import { makeScratch } from '../support/scratch.js'
import { buildCore, buildTimeoutMs, runCore, type RunSettings } from './run-model.js'

const ports = { native: { wordAddress: true, readLatency: 0 } }
const verilatorArgs = ['--hierarchical']

let whole: BuiltModel
let inBlocks: BuiltModel
beforeAll(async () => {
  whole = await buildCore('blocks', {}, { ports, trace: true })
  inBlocks = await buildCore('blocks', {}, { ports, trace: true, verilatorArgs })
}, 2 * buildTimeoutMs)

const registers = 32
const [wideTicks, wideUnset, narrowTicks, narrowUnset] = [0x80, 0x84, 0x88, 0x8c] as const

/** What reads show after all registers have been written, and the cycles in which they ended. */
async function valuesOf(built: BuiltModel, settings: RunSettings = {}): Promise<{ set: bigint[]; unset: bigint[] }> {
  const core = await runCore(built, { seed: 7, ...settings })
  for (let i = 0; i < registers; i++) await core.write(4 * i, 0x01020304 * (i + 1))
  const set: bigint[] = []
  for (const offset of [...Array.from({ length: registers }, (_, i) => 4 * i), wideTicks, narrowTicks, wideTicks]) {
    const completion = await core.read(offset)
    set.push(toValue(completion.data), BigInt(completion.cycleEnd))
  }
  const unset = [await core.value(wideUnset), await core.value(narrowUnset)]
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
  return { set, unset }
}

test('the same values in the same cycles as a whole', async () => {
  expect(inBlocks.hash).not.toBe(whole.hash)
  const { set } = await valuesOf(whole)
  expect(set.slice(0, 2 * registers).filter((_, i) => i % 2 === 0)).toEqual(
    Array.from({ length: registers }, (_, i) => BigInt(0x01020304 * (i + 1)) & (i < 16 ? 0xffff_ffffn : 0xffffn)),
  )
  expect((await valuesOf(inBlocks)).set).toEqual(set)
})

test('one seed is one run, and others have other values at power-up', async () => {
  const first = await valuesOf(inBlocks)
  expect(await valuesOf(inBlocks)).toEqual(first)
  const others = await Promise.all([8, 9, 10].map((seed) => valuesOf(inBlocks, { seed })))
  expect(new Set([first, ...others].map(({ unset }) => unset[0])).size).toBe(4)
  expect(new Set([first, ...others].map(({ unset }) => unset[1])).size).toBe(4)
  for (const { set } of others) expect(set).toEqual(first.set)
})

test.each([
  [0, 77, 'overflow of 77 (in dut.wide)'],
  [0x40, 77, 'overflow of 77 (in dut.bank.narrow)'],
  [0, 78, '78 is too much (in dut.wide)'],
  [0x40, 78, '78 is too much (in dut.bank.narrow)'],
])(
  'a write at offset %i of %i ends it in the same words, at the same place and cycle',
  async (offset, value, words) => {
    const endOf = async (built: BuiltModel) => {
      const core = await runCore(built)
      const data = Buffer.from([value, 0, 0, 0])
      await core.access({ operation: 'write', offset: BigInt(offset), widthBytes: 4, data })
      return await core.ended
    }
    const end = await endOf(inBlocks)
    expect(end).toMatchObject({ status: 1, fault: { message: words } })
    expect(end.fault?.file).toMatch(/register_block\.sv$/)
    expect(end).toEqual(await endOf(whole))
  },
)

test('the waveform has what is in the blocks', async () => {
  const core = await runCore(inBlocks, { records: true })
  await core.write(0, 0x12345678)
  await core.write(0x40, 0xfedc)
  await core.stop()
  const text = execFileSync('fst2vcd', [core.trace], { encoding: 'utf8', maxBuffer: 2 ** 26 })
  expect(text.match(/\$var .*\bnever_written\b/g)).toHaveLength(2)
  expect(text).toContain(`\nb${(0x12345678).toString(2).padStart(32, '0')} `)
  expect(text).toMatch(new RegExp(`\\nb0*${(0xfedc).toString(2)} `))
})

test('a copy of it goes on where it stood', async () => {
  const runDirectory = makeScratch().path
  const model = await launchModel({
    ...{ name: 'core', executable: inBlocks.executable, workingDirectory: runDirectory, runDirectory },
    ...{ ports: ['native'], managers: [], streams: [], interrupts: [], memories: [] },
    ...{ seed: 7, maxCycles: 1000, minCyclesPerAccess: 0, stall: {}, resetCycles: 16, periodPs: 10_000 },
    ...{ furtherClocks: [], recording: nothingRecorded, onOutput: () => undefined },
  })
  onTestFinished(() => void model.stop())
  const unset = await firstValue(model, narrowUnset)
  const checkpoint = await makeCheckpoint(model, runDirectory)
  const trace = join(runDirectory, 'copy.fst')
  const copy = await checkpoint.fork({
    ...{
      name: 'core',
      runDirectory: makeScratch().path,
      ports: ['native'],
      recording: { ...nothingRecorded, traceFile: trace },
    },
    ...{ onOutput: () => undefined },
  })
  onTestFinished(() => void copy.stop())
  expect(await firstValue(copy, narrowUnset)).toBe(unset)
  await copy.stop()
  expect(execFileSync('fst2vcd', [trace], { encoding: 'utf8' })).toMatch(/\$var .*\bnever_written\b/)
  await checkpoint.close()
})

/** In a session of its own. */
async function firstValue({ link }: RunningModel, offset: number): Promise<bigint> {
  const devices = [{ handle: 1, name: 'dut', port: 0, address: 0, size: 0x1000 }]
  await link.call({ openSession: { session: 1, pid: 7, devices } }, 'done')
  const read = encodeAccess({ seq: 1n, device: 1, operation: 'read', offset: BigInt(offset), widthBytes: 4 })
  const bytes = await new Promise<Buffer | undefined>((complete) => link.sendAccess(1, read, { complete }))
  await link.call({ closeSession: { session: 1 } }, 'done')
  if (!bytes) throw new Error('no answer')
  return toValue(decodeCompletion(bytes).data)
}

/** Builds no further than Verilator gets. */
async function build(sources: string[], memories: string[]): Promise<void> {
  const { core } = verilatorModels(
    configSchema.parse({
      models: { core: { top: 'blocks', sources, ports, verilatorArgs } },
      devices: {},
    }).models,
  )
  if (!core) throw new Error('the configuration lost its model')
  await buildModel(core, { name: 'core', configDir: cores, memories, trace: false, cacheDir: cacheDirectory() })
}

const cores = join(import.meta.dirname, 'cores')
const [block, ...others] = ['register_block', 'register_bank', 'blocks'].map((name) => join(cores, `${name}.sv`))

test('a memory in a block is out of the reach of a backdoor', async () => {
  await expect(build([block ?? '', ...others], ['bank.narrow.registers_q'])).rejects.toThrow(
    'a memory of the key "backdoor" lies in a block of blocks, where it can\'t be reached; leave out ' +
      '--hierarchical, or',
  )
})

test('a delay that drives something in a block is refused', async () => {
  const delayed = join(makeScratch().path, 'register_block.sv')
  const oscillator = 'logic osc = 0;\nalways #7 osc = ~osc;\nendmodule\n'
  writeFileSync(delayed, readFileSync(block ?? '', 'utf8').replace('endmodule', oscillator))
  await expect(build([delayed, ...others], [])).rejects.toThrow(
    joined(
      /^a block of blocks has delays that drive something, which Verilator can't do in blocks; leave out /,
      /.*--no-timing \(its/,
    ),
  )
})
