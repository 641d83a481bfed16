// AXI4: every width at every alignment, in both directions, against bytes in an array, with guard bytes around it; with
// and without channels that are held back. And what an access costs in bursts.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore } from './run-model.js'

const memoryBytes = 8192
const deviceSize = memoryBytes
const widths = [1, 2, 3, 4, 8, 10, 16, 32, 48, 64, 100, 256, 1000]

/** A repeatable sequence of bytes, no two neighbours equal. */
function* patternBytes(): Generator<number> {
  for (let state = 1; ; state = (state * 75 + 74) % 65537) yield state & 0xff
}

function beatsOf(offset: number, widthBytes: number, busBytes: number): number {
  return Math.floor((offset + widthBytes - 1) / busBytes) - Math.floor(offset / busBytes) + 1
}

/** As few as 256 beats each and the rule of 4096 bytes allow. */
function burstsOf(offset: number, widthBytes: number, busBytes: number): number {
  const reach = Math.min(256 * busBytes, 4096)
  let bursts = 0
  for (let at = offset; at < offset + widthBytes; bursts++)
    at = Math.min(at - (at % busBytes) + reach, at - (at % 4096) + 4096)
  return bursts
}

async function sweep(core: RunningCore, busBytes: number, alignments: number[]): Promise<void> {
  const pattern = patternBytes()
  const take = (count: number) => Buffer.from(Array.from({ length: count }, () => pattern.next().value as number))
  const memory = take(memoryBytes)
  for (let offset = 0; offset < memoryBytes; offset += 4096)
    await core.answered({
      operation: 'write',
      offset: BigInt(offset),
      widthBytes: 4096,
      data: memory.subarray(offset, offset + 4096),
    })
  for (const widthBytes of widths)
    for (const offset of alignments) {
      const data = take(widthBytes)
      const beats = beatsOf(offset, widthBytes, busBytes)
      data.copy(memory, offset)
      const place = { offset: BigInt(offset), widthBytes }
      expect(await core.answered({ operation: 'write', ...place, data })).toMatchObject({ status: 'OKAY', beats })
      const from = Math.max(0, offset - 64)
      const guarded = Math.min(widthBytes + 128, memoryBytes - from)
      const around = await core.answered({ operation: 'read', offset: BigInt(from), widthBytes: guarded })
      expect(around.data.equals(memory.subarray(from, from + guarded))).toBe(true)
      const back = await core.answered({ operation: 'read', ...place })
      expect(back).toMatchObject({ status: 'OKAY', beats })
      expect(back.data.equals(data)).toBe(true)
    }
}

describe.each([32, 64, 512])('axi4_ram, %i bits', (bits) => {
  const busBytes = bits / 8
  let built: BuiltModel
  beforeAll(async () => {
    built = await buildCore('axi4_ram', { DataWidth: bits, Depth: memoryBytes / busBytes })
  }, buildTimeoutMs)

  // At the start, and around the multiple of 4096 that no burst may cross.
  const alignments = [
    ...Array.from({ length: busBytes + 1 }, (_, index) => index),
    ...[-busBytes - 1, -busBytes, -3, -1, 0, 1].map((distance) => 4096 + distance),
  ]

  test('holds what was written, and nothing beside it changes', { timeout: 60_000 }, async () => {
    await sweep(await runCore(built, { deviceSize }), busBytes, alignments)
  })

  test('the same with every channel held back at random', { timeout: 60_000 }, async () => {
    const some = alignments.filter((_offset, index) => index % 5 === 0)
    await sweep(await runCore(built, { deviceSize, stall: 40, seed: 5 }), busBytes, some)
  })

  test('an access is as few bursts as the rules allow, and the log shows them', async () => {
    const core = await runCore(built, { deviceSize, records: true })
    const cases = [
      [0, 4096],
      [1, 4095],
      [4000, 200],
      [busBytes, busBytes],
      [3, 1],
    ] as const
    for (const [offset, widthBytes] of cases) await core.read(offset, widthBytes)
    await core.stop()
    expect(core.logLines().map(({ bursts, beats }) => ({ bursts, beats }))).toEqual(
      cases.map(([offset, widthBytes]) => ({
        bursts: burstsOf(offset, widthBytes, busBytes),
        beats: beatsOf(offset, widthBytes, busBytes),
      })),
    )
  })
})

describe('odd cases', () => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('axi4_ram', { DataWidth: 32, Depth: 16 })), buildTimeoutMs)

  test('masked reads touch only the words that are needed, masked writes only their bytes', async () => {
    const core = await runCore(built, { deviceSize })
    await core.write(0, 0n, 64)
    const data = Buffer.alloc(64, 0xff)
    const masked = { offset: 0n, widthBytes: 64, byteEnables: 0x8000_0000_0001_0003n }
    expect(await core.answered({ operation: 'write', ...masked, data })).toMatchObject({ beats: 3 })
    expect(await core.answered({ operation: 'read', ...masked })).toMatchObject({ beats: 3 })
    const all = (await core.read(0, 64)).data
    expect([...all.keys()].filter((index) => all[index] !== 0)).toEqual([0, 1, 16, 63])
  })

  test('an error in a burst names the beat that a read failed at, and all beats of a write', async () => {
    const core = await runCore(built, { deviceSize })
    expect(await core.read(0x38, 16)).toMatchObject({
      status: 'SLVERR',
      detail: 'SLVERR on read of 16 bytes at dut+0x38 (bus address 0x40): beat 3 of 4',
    })
    expect(await core.write(0x38, 1n, 16)).toMatchObject({
      status: 'SLVERR',
      detail: 'SLVERR on write of 16 bytes at dut+0x38 (bus address 0x38): beats 1 to 4 of 4',
    })
  })

  test('the same seed holds channels back in the same cycles, another one in others', async () => {
    async function ends(seed: number): Promise<bigint[]> {
      const core = await runCore(built, { stall: 50, seed })
      const cycles = []
      for (let i = 0; i < 8; i++) cycles.push((await core.write(0, 7n, 64)).cycleEnd)
      return cycles
    }
    const first = await ends(3)
    expect(await ends(3)).toEqual(first)
    expect(await ends(4)).not.toEqual(first)
  })
})
