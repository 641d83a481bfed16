// Delays of the RTL that drive something mean simulated time; those within an assignment stay for the eye.
import { beforeAll, expect, test } from 'vitest'
import { toValue } from '../../bridge/wire/access.js'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

let built: BuiltModel
beforeAll(async () => (built = await buildCore('delayed')), buildTimeoutMs)

const periodNs = 10

test('a delay is as long as its timescale says, in whatever cycle one looks', async () => {
  const core = await runCore(built)
  for (let i = 0; i < 20; i++) {
    const completion = await core.read(4 * i)
    const shown = toValue(completion.data)
    // What the bus sees at a clock edge is what was there before.
    const edges = Number(shown >> 16n)
    expect(edges).toBe(Number(completion.cycleEnd) - 1)
    expect(Number(shown & 0xffffn)).toBe(Math.ceil(((edges + 1) * periodNs - 7) / 14))
  }
})

test('one is named at start', () => {
  expect(built.notes).toContainEqual(
    expect.stringMatching(/^delays take simulated time, the first at .*delayed\.sv:23$/),
  )
})
