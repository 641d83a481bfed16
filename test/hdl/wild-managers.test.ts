// A manager that asks for what no bus allows ends the run by a fault that names the port, the signal and its value, and
// reaches no memory; whatever it asks for, the model is never hurt.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type Outcome, type RunningCore } from './run-model.js'

interface Request {
  address?: number
  beats?: number
  size?: number
  burst?: number
  write?: boolean
  atop?: number
  /** What it leaves undone: 1 the address, 2 write data but the first beat, 4 taking answers. */
  undone?: number
}

const physical = 0x1000_0000
const memoryBytes = 0x2000
const [fixed, incr, wrap, reserved] = [0, 1, 2, 3]

function wordsOf({ beats = 1, size = 3, burst = incr, write = false, atop = 0, undone = 0 }: Request): number {
  return (beats - 1) | (size << 8) | (burst << 12) | (write ? 1 << 16 : 0) | (undone << 17) | (atop << 24)
}

/** How the run ends if time goes on after the request: by its fault, or by being stopped. */
async function outcomeOf(core: RunningCore, request: Request): Promise<Outcome> {
  await core.write(0, request.address ?? physical)
  const data = Buffer.alloc(4)
  data.writeUInt32LE(wordsOf(request))
  // The write that starts the burst may be answered or not when the run ends.
  void core.access({ operation: 'write', offset: 4n, widthBytes: 4, data })
  await core.advance(2000).catch(() => undefined)
  await core.stop().catch(() => undefined)
  return core.ended
}

let built: BuiltModel
beforeAll(async () => (built = await buildCore('wild_manager')), buildTimeoutMs)

describe('is named', () => {
  const both: [Request, string][] = [
    [{ size: 7 }, 'AxSIZE=7 asks for beats of 128 bytes on a bus of 8'],
    [{ size: 4, beats: 16, burst: wrap }, 'AxSIZE=4 asks for beats of 16 bytes on a bus of 8'],
    [{ burst: reserved }, 'AxBURST=3 is reserved'],
    [{ burst: fixed, beats: 256 }, 'AxLEN=255: a FIXED burst has 256 beats; 16 are the limit'],
    [{ burst: wrap, beats: 256 }, 'AxLEN=255: a WRAP burst has 256 beats; 2, 4, 8 and 16 are possible'],
    [
      { burst: wrap, beats: 4, address: physical + 4 },
      'AxADDR ends in 0x004: a WRAP burst is not aligned to its beats of 8 bytes',
    ],
    [{ beats: 3, address: physical + 0xff4 }, 'AxADDR ends in 0xff4: a burst of 24 bytes crosses a multiple of 4096'],
  ]
  const cases = both.flatMap(([request, words]) => [
    { request: { ...request, write: false }, words: words.replace('Ax', 'AR') },
    { request: { ...request, write: true }, words: words.replace('Ax', 'AW') },
  ])

  test.each(cases)('$words', async ({ request, words }) => {
    const core = await runCore(built)
    const memory = Buffer.alloc(memoryBytes)
    await core.map(BigInt(physical), memory)
    expect(await outcomeOf(core, request)).toMatchObject({
      status: 1,
      fault: { kind: 'protocol', message: `port m_axi: ${words} (AXI IHI 0022, A3.4.1)` },
    })
    expect(core.dmaRequests).toEqual([])
  })
})

test('an atomic operation is no plain write', async () => {
  const core = await runCore(built)
  await core.map(BigInt(physical), Buffer.alloc(memoryBytes))
  const message = 'port m_axi: AWATOP=0x21 asks for an atomic operation, which is not served (AXI IHI 0022, E1.1)'
  expect(await outcomeOf(core, { write: true, atop: 0x21 })).toMatchObject({
    status: 1,
    fault: { kind: 'protocol', message },
  })
  expect(core.dmaRequests).toEqual([])
})

test('what is at the limits is served', async () => {
  const core = await runCore(built)
  await core.map(BigInt(physical), Buffer.alloc(memoryBytes))
  for (const write of [false, true])
    for (const request of [
      { beats: 256, size: 3 },
      { beats: 256, size: 0, address: physical + 0xf00 },
      { burst: wrap, beats: 16, address: physical + 0xff8 },
      { burst: fixed, beats: 16, address: physical + 0x1fff, size: 3 },
    ]) {
      await core.write(0, request.address ?? physical)
      await core.write(4, wordsOf({ ...request, write }))
      await core.advance(600)
      expect(await core.value(8)).toBe(0n)
    }
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
  expect(core.dmaFaults).toEqual([])
})

describe('what is left undone is known', () => {
  test.each<[Request, string | undefined]>([
    [{ write: true, undone: 1 }, 'write data waits for its address since cycle N (WVALID=1, AWVALID=0)'],
    [
      { write: true, beats: 4, undone: 2 },
      'the write burst at 0x10000000 waits for beat 2 of 4 since cycle N (WVALID=0)',
    ],
    [
      { write: true, beats: 4, undone: 4 },
      'the answer to the write burst at 0x10000000 waits to be taken since cycle N (BREADY=0)',
    ],
    [{ beats: 4, undone: 4 }, 'beat 1 of 4 of the read burst at 0x10000000 waits to be taken since cycle N (RREADY=0)'],
    [{ write: true, beats: 4 }, undefined],
    [{ beats: 4 }, undefined],
  ])('%j', async (request, words) => {
    const core = await runCore(built)
    await core.map(BigInt(physical), Buffer.alloc(memoryBytes))
    await core.write(0, physical)
    await core.write(4, wordsOf(request))
    const begun = (await core.write(0, physical)).cycleEnd
    await core.advance(500)
    const waits = await core.dmaWaits()
    expect(waits.map((wait) => wait.replace(/cycle \d+/, 'cycle N'))).toEqual(words ? [`port m_axi: ${words}`] : [])
    for (const wait of waits) expect(Number(/cycle (\d+)/.exec(wait)?.[1])).toBeLessThan(Number(begun) + 20)
    await core.reset()
    expect(await core.dmaWaits()).toEqual([])
  })
})

/** A repeatable sequence of numbers below `limit`. */
function* numbers(seed: number): Generator<(limit: number) => number> {
  for (let state = seed + 1; ;) yield (limit) => (state = (state * 48_271) % 0x7fff_ffff) % limit
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])('any request ends well or by a protocol fault, seed %i', async (seed) => {
  const below = numbers(seed).next().value as (limit: number) => number
  for (let round = 0; round < 3; round++) {
    const core = await runCore(built, { seed })
    await core.map(BigInt(physical), Buffer.alloc(memoryBytes))
    const request = {
      address: [physical + below(memoryBytes), 0xffff_f000 + below(0x1000), below(0x1000)][below(3)] ?? 0,
      beats: 1 + below(256),
      size: below(8),
      burst: below(4),
      write: below(2) === 1,
    }
    const { status, fault } = await outcomeOf(core, request)
    expect([status, fault?.kind], JSON.stringify(request)).toEqual(fault ? [1, 'protocol'] : [0, undefined])
  }
})
