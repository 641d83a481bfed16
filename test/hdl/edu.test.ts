// axi4_edu answers as QEMU's edu does, by the width of each access too.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore } from './run-model.js'

const [id, live, fact, status, irq, raise, ack] = [0, 4, 8, 0x20, 0x24, 0x60, 0x64]
const [source, destination, count, command] = [0x80, 0x88, 0x90, 0x98]
const ones = { 4: 0xffff_ffffn, 8: 0xffff_ffff_ffff_ffffn }
/** Of the longest factorial, and some. */
const factorialCycles = 50

let built: BuiltModel
beforeAll(async () => (built = await buildCore('axi4_edu')), buildTimeoutMs)

const isRaised = (core: RunningCore) => core.interrupts.at(-1)?.level ?? false

test('registers after reset, write-only ones and holes', async () => {
  const core = await runCore(built)
  expect(await core.value(id)).toBe(0x0100_00edn)
  for (const offset of [live, fact, status, irq, source, destination, count, command])
    expect(await core.value(offset), `0x${offset.toString(16)}`).toBe(0n)
  for (const offset of [0xc, 0x10, raise, ack, source + 4, 0xa0, 0xffc])
    expect(await core.value(offset), `0x${offset.toString(16)}`).toBe(ones[4])
  for (const offset of [id, irq, 0x10, command]) expect(await core.write(offset, 2)).toMatchObject({ status: 'OKAY' })
  expect([await core.value(id), await core.value(irq), await core.value(command)]).toEqual([0x0100_00edn, 0n, 0n])
})

test('LIVE is the inverse of what was written', async () => {
  const core = await runCore(built)
  await core.write(live, 0x1234_5678)
  expect(await core.value(live)).toBe(0xedcb_a987n)
})

test.each([
  [0, 1n],
  [1, 1n],
  [5, 120n],
  [13, 0x7328_cc00n],
  [33, 0x8000_0000n],
  [34, 0n],
  [0xffff_ffff, 0n],
])('the factorial of %i', async (number, product) => {
  const core = await runCore(built)
  await core.write(fact, number)
  await core.advance(factorialCycles)
  expect([await core.value(status), await core.value(fact)]).toEqual([0n, product])
})

test('a factorial can be watched, and not be disturbed', async () => {
  const core = await runCore(built)
  await core.write(fact, 30)
  expect([await core.value(status), await core.value(fact)]).toEqual([1n, 30n])
  await core.write(fact, 3)
  await core.advance(factorialCycles)
  expect([await core.value(status), await core.value(fact)]).toEqual([0n, 0x5400_0000n])
})

test('the end of a factorial raises the interrupt if it is asked to', async () => {
  const core = await runCore(built)
  await core.write(status, 0xff)
  expect(await core.value(status)).toBe(0x80n)
  await core.write(fact, 4)
  await core.advance(factorialCycles)
  expect([await core.value(irq), isRaised(core)]).toEqual([1n, true])
  await core.write(ack, 1)
  await core.write(status, 0)
  await core.write(fact, 4)
  await core.advance(factorialCycles)
  expect([await core.value(irq), isRaised(core)]).toEqual([0n, false])
})

test('RAISE sets bits of IRQ and ACK clears them; any of them is the interrupt', async () => {
  const core = await runCore(built)
  await core.write(raise, 0x30)
  await core.write(raise, 0x8000_0001)
  expect([await core.value(irq), isRaised(core)]).toEqual([0x8000_0031n, true])
  await core.write(ack, 0x8000_0011)
  expect([await core.value(irq), isRaised(core)]).toEqual([0x20n, true])
  await core.write(ack, 0xffff_ffff)
  await core.advance(1)
  expect([await core.value(irq), isRaised(core)]).toEqual([0n, false])
})

describe('by width', () => {
  test('registers of 64 bits take 8 bytes, and 4 of them', async () => {
    const core = await runCore(built)
    for (const offset of [source, destination, count]) {
      await core.write(offset, 0x1122_3344_5566_7788n, 8)
      expect(await core.value(offset, 8)).toBe(0x1122_3344_5566_7788n)
      expect([await core.value(offset), await core.value(offset + 4)]).toEqual([0x5566_7788n, ones[4]])
      await core.write(offset + 4, 1)
      expect(await core.value(offset, 8)).toBe(0x1122_3344_5566_7788n)
      await core.write(offset, 0xaabb_ccdd)
      expect(await core.value(offset, 8)).toBe(0xaabb_ccddn)
    }
  })

  test('8 bytes below 0x80 are nothing', async () => {
    const core = await runCore(built)
    await core.write(id, 0x5555_5555_5555_5555n, 8)
    expect([await core.value(id, 8), await core.value(live)]).toEqual([ones[8], 0n])
  })

  test.each([1, 2])('%i bytes read as 0 and write nothing', async (width) => {
    const core = await runCore(built)
    expect(await core.value(id, width)).toBe(0n)
    expect(await core.write(live, 0, width)).toMatchObject({ status: 'OKAY' })
    expect(await core.value(live)).toBe(0n)
  })

  test('unaligned ones are refused', async () => {
    const core = await runCore(built)
    expect(await core.read(id + 2, 4)).toMatchObject({ status: 'SLVERR' })
    expect(await core.write(live + 2, 0, 4)).toMatchObject({ status: 'SLVERR' })
    expect(await core.value(live)).toBe(0n)
  })
})

test('DMA is refused, and nothing else of its command', async () => {
  const core = await runCore(built)
  expect(await core.write(command, 2)).toMatchObject({ status: 'OKAY' })
  expect(await core.write(command, 3)).toMatchObject({ status: 'SLVERR' })
  expect(await core.value(command)).toBe(0n)
})
