// Managers and ports that are less, or older, than AXI4: reads or writes only, AXI3, LOCK of two bits, a byte wide.
import { beforeAll, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

const physical = 0x1000_0000n

/** `beats` little-endian words, counted up from a number. */
function words(beats: number, bytes: number, first: number): Buffer {
  const all = Buffer.alloc(beats * bytes)
  for (let i = 0; i < beats; i++) all.writeUIntLE(first + i, i * bytes, Math.min(bytes, 6))
  return all
}

let built: BuiltModel
beforeAll(async () => (built = await buildCore('manager_kinds')), buildTimeoutMs)

test('each is found for what it is', () => {
  expect(built.notes.filter((note) => note.startsWith('manager'))).toEqual([
    'manager ro: AXI4, reads only, 64-bit data, 32-bit address, addresses count bytes',
    'manager wo: AXI4, writes only, 32-bit data, 32-bit address, 3-bit IDs, addresses count bytes',
    'manager a3: AXI3, 64-bit data, 32-bit address, 4-bit IDs, addresses count bytes',
    'manager m_axi_gmem: AXI4, 32-bit data, 64-bit address, 1-bit IDs, addresses count bytes',
    'manager by: AXI4, writes only, 8-bit data, 32-bit address, addresses count bytes',
    'manager lite: AXI4-Lite, reads only, 32-bit data, 32-bit address, addresses count bytes',
  ])
})

test.each([{}, { stall: 50, seed: 3 }])('all are served, %j', async (settings) => {
  const core = await runCore(built, settings)
  const memory = Buffer.alloc(0x1000)
  words(16, 8, 7).copy(memory)
  const expected = Buffer.from(memory)
  words(16, 4, 100).copy(expected, 0x100)
  words(16, 8, 200).copy(expected, 0x200)
  words(32, 4, 400).copy(expected, 0x400)
  words(16, 1, 60).copy(expected, 0x601)
  await core.map(physical, memory)
  await core.write(0, 1)
  await core.advance(1000)
  expect(await core.value(0)).toBe(0n)
  expect(memory.equals(expected)).toBe(true)
  const sumOf = (count: number) => BigInt(count * 7 + (count * (count - 1)) / 2)
  const sums = [await core.value(4), await core.value(8), await core.value(12), await core.value(16)]
  expect(sums).toEqual([sumOf(16), sumOf(16), sumOf(8), 8n])
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
})
