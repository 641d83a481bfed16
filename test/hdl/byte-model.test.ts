// Every width at every alignment, in both directions, against bytes in an array: on both bus widths, and on cores that
// take address and data in each order that is found in the field.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore } from './run-model.js'

const bytesCovered = 128
const widths = [1, 2, 3, 4, 8, 10, 16, 32, 64]

/** A repeatable sequence of bytes, no two neighbours equal. */
function* patternBytes(): Generator<number> {
  for (let state = 1; ; state = (state * 75 + 74) % 65537) yield state & 0xff
}

function beatsOf(offset: number, widthBytes: number, busBytes: number): number {
  return Math.floor((offset + widthBytes - 1) / busBytes) - Math.floor(offset / busBytes) + 1
}

async function sweep(core: RunningCore, busBytes: number): Promise<void> {
  const pattern = patternBytes()
  const take = (count: number) => Buffer.from(Array.from({ length: count }, () => pattern.next().value as number))
  const memory = take(bytesCovered)
  for (let offset = 0; offset < bytesCovered; offset += 64)
    await core.answered({
      operation: 'write',
      offset: BigInt(offset),
      widthBytes: 64,
      data: memory.subarray(offset, offset + 64),
    })

  for (const widthBytes of widths)
    for (let offset = 0; offset < 2 * busBytes; offset++) {
      const data = take(widthBytes)
      const place = { offset: BigInt(offset), widthBytes }
      const beats = beatsOf(offset, widthBytes, busBytes)
      data.copy(memory, offset)
      expect(await core.answered({ operation: 'write', ...place, data })).toMatchObject({ status: 'OKAY', beats })
      const from = Math.max(0, offset - 1)
      const around = await core.answered({ operation: 'read', offset: BigInt(from), widthBytes: 64 })
      expect(around.data).toEqual(memory.subarray(from, from + 64))
      const back = await core.answered({ operation: 'read', ...place })
      expect(back).toMatchObject({ status: 'OKAY', beats })
      expect(back.data).toEqual(data)
    }
}

const cases: { core: string; bits: number; parameters: Record<string, number>; order?: string }[] = [
  { core: 'axil_ram', bits: 32, parameters: {} },
  { core: 'axil_ram', bits: 64, parameters: {} },
  { core: 'ordering_ram', bits: 32, parameters: { Order: 0 }, order: 'address and data together' },
  { core: 'ordering_ram', bits: 32, parameters: { Order: 1 }, order: 'address first' },
  { core: 'ordering_ram', bits: 64, parameters: { Order: 2 }, order: 'data first' },
  { core: 'ordering_ram', bits: 32, parameters: { Order: 3 }, order: 'together, slowly' },
  { core: 'ordering_ram', bits: 32, parameters: { Order: 4 }, order: 'READY before VALID' },
]

describe.each(cases)('$core, $bits bits, $order', ({ core, bits, parameters }) => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore(core, { DataWidth: bits, ...parameters })), buildTimeoutMs)

  test('holds what was written, and nothing beside it changes', async () => {
    await sweep(await runCore(built), bits / 8)
  })
})

describe('byte enables', () => {
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('axil_ram', { DataWidth: 32 })), buildTimeoutMs)

  test('bytes that are not enabled reach no bus and read as 0', async () => {
    const core = await runCore(built)
    await core.write(0, 0n, 16)
    const data = Buffer.alloc(16, 0xff)
    const masked = await core.answered({ operation: 'write', offset: 0n, widthBytes: 16, data, byteEnables: 0x8003n })
    expect(masked).toMatchObject({ status: 'OKAY', beats: 2 })
    expect((await core.read(0, 16)).data.toString('hex')).toBe('ffff00000000000000000000000000ff')
    await core.write(0, 0x1122334455667788n, 8)
    const read = await core.answered({ operation: 'read', offset: 0n, widthBytes: 8, byteEnables: 0x81n })
    expect(read.data.toString('hex')).toBe('8800000000000011')
  })
})
