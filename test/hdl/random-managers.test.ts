/**
 * Managers, streams and interrupt lines that do what a seed says, on a model whose C++ is built with AddressSanitizer
 * and UndefinedBehaviorSanitizer: whatever the RTL asks for, no memory but the mapped one is touched, and the run ends
 * well or by a fault that names the port.
 */
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { type Chance, fuzz, fuzzTimeoutMs } from '../support/fuzz.js'
import { useSanitizers } from '../support/sanitizers.js'
import { buildCore, buildTimeoutMs, runCore, type Outcome, type RunningCore } from './run-model.js'

const pageBytes = 0x1000
const low = 0x1000_0000n
const high = 0xffff_ffff_ffff_f000n
const act = 1
const widest = 2 ** 31

let built: BuiltModel
beforeAll(async () => {
  useSanitizers()
  built = await buildCore('random_managers')
}, buildTimeoutMs)

/** Memory of two pages, and the last page of all: in files that the model maps, or on the other side of the link. */
async function mapMemory(core: RunningCore, chance: Chance): Promise<void> {
  const path = chance.oneIn(2) ? join(core.directory, 'memory') : ''
  await core.map(low, Buffer.alloc(2 * pageBytes), path)
  await core.map(high, Buffer.alloc(pageBytes), path && `${path}.high`, !chance.oneIn(4))
}

/** One run; how often the RTL reached memory in it. */
async function run(chance: Chance, way: number): Promise<{ ended: Outcome; bursts: number }> {
  const core = await runCore(built, {
    seed: chance.below(widest),
    stall: chance.oneIn(3) ? 30 : 0,
    records: true,
  })
  try {
    await mapMemory(core, chance).catch(async (error: unknown) => {
      throw new Error(JSON.stringify(await core.ended), { cause: error })
    })
    // They begin at once, so that this may be answered or not.
    void core.access({ operation: 'write', offset: 0n, widthBytes: 4, data: Buffer.from([act | (way << 1), 0, 0, 0]) })
    await core.advance(way === 0 ? 1500 : 300).catch(() => undefined)
    await core.stop().catch(() => undefined)
    const ended = await core.ended
    return { ended, bursts: core.logLines().filter(({ op }) => String(op).startsWith('dma')).length }
  } finally {
    await core.close()
  }
}

const protocols = /^port \w+: \S.* \((AXI|AXI-Stream) IHI [\w ,.]+\)$/

it.each([
  ['within the protocol', 0, 8],
  ['requests of any content', 1, 16],
  ['signals of any level', 2, 16],
])('%s', { timeout: fuzzTimeoutMs }, async (_what, way, count) => {
  let [all, faults] = [0, 0]
  await fuzz(count, async (chance) => {
    const { ended, bursts } = await run(chance, way)
    expect(ended.output).toBe('')
    expect([ended.status, ended.fault?.kind]).toEqual(ended.fault ? [1, 'protocol'] : [0, undefined])
    if (ended.fault) expect(ended.fault.message).toMatch(protocols)
    if (way === 0) expect(ended.fault).toBeUndefined()
    all += bursts
    faults += ended.fault ? 1 : 0
  })
  if (way === 0) expect(all).toBeGreaterThan(100 * count)
  else expect(faults).toBeGreaterThan(count / 2)
})
