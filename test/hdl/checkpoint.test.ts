/** Forks of a model that has been set up: each begins where it stood, and shares nothing that it writes. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Access, fromValue, toValue } from '../../bridge/wire/access.js'
import { decodeCompletion, encodeAccess } from '../../bridge/wire/wire.js'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { makeCheckpoint, type Checkpoint } from '../../bridge/model/checkpoint.js'
import { launchModel } from '../../bridge/model/launch-model.js'
import type { RunningModel } from '../../bridge/model/running-model.js'
import { nothingRecorded } from '../../bridge/run/recording.js'
import { makeScratch } from '../support/scratch.js'
import { buildCore, buildTimeoutMs, traceEndTime } from './run-model.js'

let ram: BuiltModel
/** Prints in its final block. */
let talker: BuiltModel
let traced: BuiltModel
beforeAll(async () => {
  ram = await buildCore('axil_ram')
  talker = await buildCore('trouble', { Kind: 6 })
  traced = await buildCore('axil_ram', {}, { trace: true })
}, buildTimeoutMs)

function directoryOf(name: string): string {
  const path = join(makeScratch().path, name)
  mkdirSync(path)
  return path
}

async function start(built: BuiltModel, runDirectory: string): Promise<RunningModel> {
  const model = await launchModel({
    name: 'core',
    executable: built.executable,
    workingDirectory: runDirectory,
    runDirectory,
    ports: built.ports.map(({ name }) => name),
    managers: built.managers,
    streams: [],
    interrupts: built.interrupts,
    memories: [],
    seed: 1,
    maxCycles: 1000,
    minCyclesPerAccess: 0,
    stall: {},
    resetCycles: 16,
    furtherClocks: [],
    periodPs: 10_000,
    recording: { ...nothingRecorded, writesLog: true },
    onOutput: () => undefined,
  })
  onTestFinished(() => void model.stop())
  return model
}

interface Fork {
  model: RunningModel
  lines: string[]
}

async function forkOf(checkpoint: Checkpoint, name: string, traceFile?: string): Promise<Fork> {
  const lines: string[] = []
  const model = await checkpoint.fork({
    name: 'core',
    runDirectory: directoryOf(name),
    ports: ['s_axil'],
    recording: { ...nothingRecorded, writesLog: true, traceFile },
    onOutput: (line) => lines.push(line),
  })
  onTestFinished(() => void model.stop())
  return { model, lines }
}

async function openSession(model: RunningModel): Promise<void> {
  const devices = [{ handle: 1, name: 'dut', port: 0, address: 0, size: 0x1000 }]
  await model.link.call({ openSession: { session: 1, pid: 7, devices } }, 'done')
}

function access(model: RunningModel, what: Partial<Access>) {
  const encoded = encodeAccess({ seq: 1n, device: 1, widthBytes: 4, ...what })
  return new Promise<{ value: bigint; cycle: bigint }>((resolve, reject) =>
    model.link.sendAccess(1, encoded, {
      complete: (bytes) => {
        const completion = bytes && decodeCompletion(bytes)
        if (completion?.status !== 'OKAY') reject(new Error(completion?.detail ?? 'no answer'))
        else resolve({ value: toValue(completion.data), cycle: completion.cycleStart })
      },
    }),
  )
}

const write = (model: RunningModel, offset: bigint, value: bigint) =>
  access(model, { operation: 'write', offset, data: fromValue(value, 4) })
const read = (model: RunningModel, offset: bigint) => access(model, { operation: 'read', offset })

/** A model whose word 0 has been written. */
async function prepared(built: BuiltModel) {
  const directory = directoryOf('checkpoint')
  const model = await start(built, directory)
  await openSession(model)
  const { cycle } = await write(model, 0n, 0x11n)
  await model.link.call({ closeSession: { session: 1 } }, 'done')
  return { model, cycle, checkpoint: await makeCheckpoint(model, directory) }
}

it('begins where the checkpoint stood, and keeps what it writes to itself', async () => {
  const { checkpoint, cycle } = await prepared(ram)
  const [one, other] = await Promise.all(['one', 'other'].map((name) => forkOf(checkpoint, name)))
  if (!one || !other) throw new Error('two forks were asked for')
  for (const { model } of [one, other]) await openSession(model)
  const first = await read(one.model, 0n)
  expect(first.value).toBe(0x11n)
  expect(first.cycle).toBeGreaterThan(cycle)
  await write(one.model, 0n, 0x22n)
  expect((await read(other.model, 0n)).value).toBe(0x11n)
  expect((await read(one.model, 0n)).value).toBe(0x22n)
  await one.model.stop()
  const log = readFileSync(one.model.rawLog, 'utf8').trim().split('\n')
  expect(log.map((line) => (JSON.parse(line) as { op: string }).op)).toEqual(['read', 'write', 'read'])
  await checkpoint.close()
})

it('repeats: two forks answer the same accesses in the same cycles', async () => {
  const { checkpoint } = await prepared(ram)
  const cycles = async (name: string) => {
    const { model } = await forkOf(checkpoint, name)
    await openSession(model)
    const made = []
    for (let i = 0n; i < 10n; i++) made.push((await write(model, 4n * i, i)).cycle, (await read(model, 4n * i)).cycle)
    return made
  }
  expect(await cycles('one')).toEqual(await cycles('other'))
})

it('lives on when the checkpoint is closed, and no fork comes after', async () => {
  const { checkpoint } = await prepared(ram)
  const { model } = await forkOf(checkpoint, 'one')
  await checkpoint.close()
  await openSession(model)
  expect((await read(model, 0n)).value).toBe(0x11n)
  await expect(forkOf(checkpoint, 'late')).rejects.toThrow('ENOENT')
  expect(await model.stop()).toEqual({ cause: undefined })
})

it('prints what its own RTL says', async () => {
  const { checkpoint } = await prepared(talker)
  const [one, other] = [await forkOf(checkpoint, 'one'), await forkOf(checkpoint, 'other')]
  await one.model.stop()
  await expect.poll(() => one.lines).toEqual(['the final block ran'])
  expect(other.lines).toEqual([])
})

it('writes its own waveform', async () => {
  const { checkpoint } = await prepared(traced)
  const trace = join(directoryOf('traced'), 'wave.fst')
  const { model } = await forkOf(checkpoint, 'one', trace)
  await openSession(model)
  await read(model, 0n)
  const { timePs } = (await model.link.call({ statistics: {} }, 'statistics')).statistics
  await model.stop()
  expect(traceEndTime(trace)).toBe(timePs)
})

it('serves many forks at once', async () => {
  const { checkpoint } = await prepared(ram)
  const forks = await Promise.all(Array.from({ length: 32 }, (_, i) => forkOf(checkpoint, `fork${i}`)))
  await Promise.all(forks.map(({ model }) => openSession(model)))
  await Promise.all(forks.map(({ model }, i) => write(model, 8n, BigInt(i))))
  const values = await Promise.all(forks.map(({ model }) => read(model, 8n)))
  expect(values.map(({ value }) => value)).toEqual(forks.map((_, i) => BigInt(i)))
  expect(new Set(forks.map(({ model }) => model.hello.pid)).size).toBe(32)
})

it('is refused while somebody uses the model', async () => {
  const directory = directoryOf('used')
  const model = await start(ram, directory)
  await openSession(model)
  await expect(makeCheckpoint(model, directory)).rejects.toThrow(
    'a session is open; close it before the model is copied',
  )
})
