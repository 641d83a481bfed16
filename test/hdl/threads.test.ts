// Models that Verilator's --threads spreads over several threads are as deterministic as others, and end in the same
// words.
import { beforeAll, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { makeCheckpoint } from '../../bridge/model/checkpoint.js'
import { launchModel } from '../../bridge/model/launch-model.js'
import { nothingRecorded } from '../../bridge/run/recording.js'
import { makeScratch } from '../support/scratch.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

let plain: BuiltModel
let threaded: BuiltModel
beforeAll(async () => {
  plain = await buildCore('threaded')
  threaded = await buildCore('threaded', {}, { verilatorArgs: ['--threads', '2'] })
}, 2 * buildTimeoutMs)

const sumAt = 0xf8

/** The sums that ten reads show, and the cycles in which they ended. */
async function sumsOf(built: BuiltModel): Promise<bigint[]> {
  const core = await runCore(built, { seed: 7 })
  const sums: bigint[] = []
  for (let i = 0; i < 10; i++) {
    await core.write(4 * i, i)
    const completion = await core.read(sumAt)
    sums.push(BigInt(completion.cycleEnd), await core.value(sumAt))
  }
  await core.stop()
  return sums
}

test('one seed is one run, with threads and without', async () => {
  const sums = await sumsOf(threaded)
  expect(new Set(sums).size).toBe(sums.length)
  expect(await sumsOf(threaded)).toEqual(sums)
  expect(await sumsOf(plain)).toEqual(sums)
})

test('$fatal ends the run with its words, wherever it was evaluated', async () => {
  const core = await runCore(threaded)
  expect(await core.access({ operation: 'read', offset: 8n, widthBytes: 4 })).toMatchObject({ status: 'DISCONNECTED' })
  const { status, fault } = await core.ended
  expect(status).toBe(1)
  expect(fault?.message).toContain('overflow of 42')
  expect(fault?.file).toMatch(/threaded\.sv$/)
})

test('a copy of it is refused, for threads are not copied', async () => {
  const runDirectory = makeScratch().path
  const model = await launchModel({
    ...{ name: 'core', executable: threaded.executable, workingDirectory: runDirectory, runDirectory },
    ...{ ports: threaded.ports.map(({ name }) => name), managers: [], streams: [], interrupts: [], memories: [] },
    ...{
      seed: 1,
      maxCycles: 1000,
      minCyclesPerAccess: 0,
      stall: {},
      resetCycles: 16,
      periodPs: 10_000,
      furtherClocks: [],
    },
    ...{ recording: nothingRecorded, onOutput: () => undefined },
  })
  try {
    await expect(makeCheckpoint(model, runDirectory)).rejects.toThrow(
      'model core: it was built with --threads, and a copy would have none of them; build it without',
    )
  } finally {
    await model.stop()
  }
})
