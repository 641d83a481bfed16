// AHB-Lite: every width at every alignment, in transfers that carry nothing else; bursts, errors, stalls and budgets.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore } from './run-model.js'

const [counts, error, mute, thirdBeat] = [0x800, 0x808, 0x810, 0x818]
const deviceSize = 4096
const memoryBytes = 2048

/** A repeatable sequence of bytes, no two neighbours equal. */
function* patternBytes(): Generator<number> {
  for (let state = 1; ; state = (state * 75 + 74) % 65537) yield state & 0xff
}

/** Naturally aligned powers of two, none wider than the bus, that make up an access. */
function transfersOf(offset: number, widthBytes: number, busBytes: number): number {
  let transfers = 0
  for (let at = offset; at < offset + widthBytes; transfers++) {
    let size = busBytes
    while (at % size !== 0 || at + size > offset + widthBytes) size /= 2
    at += size
  }
  return transfers
}

async function sweep(core: RunningCore, busBytes: number, widths: number[], alignments: number[]): Promise<void> {
  const pattern = patternBytes()
  const take = (count: number) => Buffer.from(Array.from({ length: count }, () => pattern.next().value as number))
  const memory = take(memoryBytes)
  await core.answered({ operation: 'write', offset: 0n, widthBytes: memoryBytes, data: memory })
  for (const widthBytes of widths)
    for (const offset of alignments) {
      const data = take(widthBytes)
      const beats = transfersOf(offset, widthBytes, busBytes)
      const place = { offset: BigInt(offset), widthBytes }
      data.copy(memory, offset)
      expect(await core.answered({ operation: 'write', ...place, data })).toMatchObject({ status: 'OKAY', beats })
      const from = Math.max(0, offset - 16)
      const guarded = widthBytes + 32
      const around = await core.answered({ operation: 'read', offset: BigInt(from), widthBytes: guarded })
      expect(around.data.equals(memory.subarray(from, from + guarded))).toBe(true)
      const back = await core.answered({ operation: 'read', ...place })
      expect(back).toMatchObject({ status: 'OKAY', beats })
      expect(back.data.equals(data)).toBe(true)
    }
}

describe.each([
  { DataWidth: 8, Waits: 0 },
  { DataWidth: 32, Waits: 0 },
  { DataWidth: 64, Waits: 2 },
  { DataWidth: 1024, Waits: 1 },
])('ahb_ram %j', (parameters) => {
  const busBytes = parameters.DataWidth / 8
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('ahb_ram', parameters)), buildTimeoutMs)

  test.each([{}, { stall: 40, seed: 7 }])(
    'holds what was written, and nothing beside it changes, %j',
    async (settings) => {
      expect(built.ports).toMatchObject([{ protocol: 'ahb-lite', dataWidth: parameters.DataWidth, addressWidth: 12 }])
      const core = await runCore(built, { deviceSize, ...settings })
      const alignments = Array.from({ length: busBytes + 1 }, (_, index) => index)
      await sweep(core, busBytes, [1, 2, 3, 4, 8, 10, 64], alignments)
      await sweep(core, busBytes, [65, 300], [0, 1, busBytes, 1000, 1024 - busBytes])
    },
  )
})

describe('transfers', () => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('ahb_ram', { DataWidth: 32, Waits: 0 })), buildTimeoutMs)

  async function counted(core: RunningCore, offset: number, widthBytes: number): Promise<number[]> {
    await core.write(counts, 0, 1)
    await core.read(offset, widthBytes)
    return [...(await core.read(counts, 3)).data]
  }

  // HBURST: 1 INCR, 3 INCR4, 5 INCR8, 7 INCR16. The read of the counters is one SINGLE transfer before its third byte.
  test.each([
    { name: 'an instruction makes SINGLE ones', offset: 0, widthBytes: 64, expected: [17, 0, 0] },
    { name: 'a copy is one burst', offset: 4, widthBytes: 68, expected: [2, 16, 1] },
    { name: 'a copy ends at a multiple of 1024', offset: 1024 - 16, widthBytes: 80, expected: [3, 18, 7] },
    { name: 'what is unaligned is no part of it', offset: 1, widthBytes: 67, expected: [4, 15, 7] },
  ])('$name', async ({ offset, widthBytes, expected }) => {
    const core = await runCore(built, { deviceSize })
    // The first read of the counters is a halfword, itself a transfer; the second is seen by it.
    expect(await counted(core, offset, widthBytes)).toEqual(expected)
  })

  test('stalls put BUSY into bursts', async () => {
    const core = await runCore(built, { deviceSize, stall: { w: 50 }, seed: 3 })
    await core.answered({ operation: 'write', offset: 0n, widthBytes: 128, data: Buffer.alloc(128) })
    const written = await core.read(counts, 5)
    expect(written.data.readUInt8(3)).toBeGreaterThan(0)
    expect(written.data.readUInt8(4)).toBe(1)
    const quiet = await runCore(built, { deviceSize, stall: { aw: 50, ar: 50 }, seed: 3 })
    await quiet.answered({ operation: 'write', offset: 0n, widthBytes: 128, data: Buffer.alloc(128) })
    expect((await quiet.read(counts, 4)).data.readUInt8(3)).toBe(0)
  })
})

test(
  'a core with HWSTRB and little else: one transfer a word that is written, whatever bytes of it',
  async () => {
    const built = await buildCore('ahb5_ram', { DataWidth: 32 })
    expect(built.ports).toMatchObject([{ name: 's_ahb', protocol: 'ahb-lite' }])
    const core = await runCore(built, { stall: 30, seed: 4 })
    const memory = Buffer.alloc(128)
    await core.answered({ operation: 'write', offset: 0n, widthBytes: 128, data: memory })
    let transfers = 32
    for (const byteEnables of [0x5n, 0x6n, 0xe7n, 0x80n, 0x70n, 0xffffn, 0x3cn]) {
      const data = Buffer.from(Array.from({ length: 16 }, (_, i) => i + 16 * (transfers % 8) + 1))
      for (let i = 0; i < 16; i++) if ((byteEnables >> BigInt(i)) & 1n) memory[40 + i] = data.readUInt8(i)
      const written = { operation: 'write', offset: 40n, widthBytes: 16, byteEnables, data } as const
      const words = [0, 4, 8, 12].filter((at) => (byteEnables >> BigInt(at)) & 0xfn).length
      expect(await core.answered(written)).toMatchObject({ status: 'OKAY', beats: words })
      transfers += words
      const all = await core.read(0, 64)
      expect(all.data.equals(memory.subarray(0, 64))).toBe(true)
      transfers += 16
    }
    expect(await core.value(0x80, 1)).toBe(BigInt(transfers % 256))
  },
  buildTimeoutMs,
)

describe('odd cases', () => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('ahb_ram', { DataWidth: 32, Waits: 0 })), buildTimeoutMs)

  test('ERROR is SLVERR, and the next transfer is sound', async () => {
    const core = await runCore(built, { deviceSize })
    expect(await core.read(error)).toMatchObject({
      status: 'SLVERR',
      detail: 'SLVERR on read of 4 bytes at dut+0x808 (bus address 0x808)',
    })
    expect(await core.write(error, 1, 2)).toMatchObject({ status: 'SLVERR' })
    expect(await core.answered({ operation: 'read', offset: BigInt(thirdBeat), widthBytes: 128 })).toMatchObject({
      status: 'SLVERR',
      detail: expect.stringContaining('(bus address 0x820): beat 3 of 32'),
    })
    await core.write(0, 0x1234)
    expect(await core.value(0)).toBe(0x1234n)
  })

  test('what never ends is TIMEOUT, and after a reset all is well', async () => {
    const core = await runCore(built, { deviceSize, maxCycles: 50 })
    expect(await core.read(mute)).toMatchObject({
      status: 'TIMEOUT',
      detail: 'read of 4 bytes at dut+0x810: HREADYOUT stayed low for 50 cycles (HTRANS=00 HREADYOUT=0 HRESP=00)',
    })
    expect(await core.read(0)).toMatchObject({ status: 'TIMEOUT', beats: 0 })
    await core.reset()
    await core.write(0, 0x1234)
    expect(await core.value(0)).toBe(0x1234n)
  })
})
