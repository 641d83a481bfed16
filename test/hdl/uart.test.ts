// axil_uart16550 as its manual has it, in loopback and on its pins.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore } from './run-model.js'

const [rbr, thr, dll, ier, dlm, iir, fcr, lcr, mcr, lsr, msr, scr] = [0, 0, 0, 4, 4, 8, 8, 0xc, 0x10, 0x14, 0x18, 0x1c]
const loopback = 0x10
const eightBits = 3
const dlab = 0x80
/** Cycles of a character of ten bits with divisor 1, and some. */
const character = 10 * 16 + 8

let built: BuiltModel
beforeAll(async () => {
  built = await buildCore('axil_uart16550', {}, { inputs: { rx_i: 1, cts_ni: 1, dsr_ni: 1, ri_ni: 1, dcd_ni: 1 } })
}, buildTimeoutMs)

/** With divisor 1, in loopback unless told otherwise. */
async function start(format = eightBits, modem = loopback): Promise<RunningCore> {
  const core = await runCore(built)
  await core.write(lcr, format | dlab, 1)
  await core.write(dll, 1, 1)
  await core.write(dlm, 0, 1)
  await core.write(lcr, format, 1)
  await core.write(mcr, modem, 1)
  return core
}

/** Bit 0 is the interrupt line as the model last told it. */
const isRaised = (core: RunningCore) => core.interrupts.at(-1)?.level ?? false

test('registers after reset, scratch, divisor and holes', async () => {
  const core = await runCore(built)
  const values = []
  for (const offset of [ier, iir, lcr, mcr, lsr, msr, scr]) values.push(await core.value(offset))
  expect(values).toEqual([0n, 1n, 3n, 0n, 0x60n, 0n, 0n])
  await core.write(scr, 0xa5, 1)
  await core.write(lcr, 0x83, 1)
  await core.write(dll, 0x34, 1)
  await core.write(dlm, 0x12, 1)
  expect([await core.value(dll), await core.value(dlm), await core.value(scr)]).toEqual([0x34n, 0x12n, 0xa5n])
  expect((await core.read(0x20)).status).toBe('SLVERR')
})

describe.each([
  ['five bits', 0, 0x1f],
  ['seven bits, even parity', 2 | 0x18, 0x7f],
  ['eight bits', 3, 0xff],
  ['eight bits, odd parity, two stop bits', 3 | 0x0c, 0xff],
  ['eight bits, stick parity', 3 | 0x28, 0xff],
])('loopback with %s', (_name, format, mask) => {
  test.each([false, true])('every byte comes back, FIFOs %s', async (fifos) => {
    const core = await start(format)
    await core.write(fcr, fifos ? 1 : 0, 1)
    for (const byte of [0, 0x55, 0xaa, 0xff, 0x01, 0x80, 0x3c]) {
      await core.write(thr, byte, 1)
      await core.advance(13 * 16)
      expect(await core.value(lsr)).toBe(0x61n)
      expect(await core.value(rbr)).toBe(BigInt(byte & mask))
    }
    expect(await core.value(lsr)).toBe(0x60n)
  })
})

test('a byte takes ten bits of sixteen ticks, and the transmitter tells when it is done', async () => {
  const core = await start()
  await core.write(thr, 0x41, 1)
  await core.advance(100)
  expect(await core.value(lsr)).toBe(0x20n)
  await core.advance(character)
  expect(await core.value(lsr)).toBe(0x61n)
})

test('sixteen bytes wait in the FIFOs, the seventeenth is an overrun', async () => {
  const core = await start()
  await core.write(fcr, 1, 1)
  for (let i = 0; i < 16; i++) await core.write(thr, i, 1)
  await core.advance(17 * character)
  await core.write(thr, 99, 1)
  await core.advance(character)
  expect(await core.value(lsr)).toBe(0x63n)
  const bytes = []
  for (let i = 0; i < 16; i++) bytes.push(Number(await core.value(rbr)))
  expect(bytes).toEqual(Array.from({ length: 16 }, (_, i) => i))
  expect(await core.value(lsr)).toBe(0x60n)
})

test('a break is a byte of its own, with its errors until LSR is read', async () => {
  const core = await start()
  await core.write(lcr, 0x43, 1)
  await core.advance(3 * character)
  await core.write(lcr, 0x03, 1)
  expect(await core.value(lsr)).toBe(0x79n)
  expect(await core.value(lsr)).toBe(0x61n)
  expect(await core.value(rbr)).toBe(0n)
})

describe('interrupts', () => {
  test('received data, at once or at the trigger level', async () => {
    const core = await start()
    await core.write(fcr, 0x41, 1)
    await core.write(ier, 1, 1)
    for (let i = 0; i < 3; i++) await core.write(thr, i, 1)
    await core.advance(3 * character)
    expect([isRaised(core), await core.value(iir)]).toEqual([false, 0xc1n])
    await core.write(thr, 3, 1)
    await core.advance(character)
    expect([isRaised(core), await core.value(iir)]).toEqual([true, 0xc4n])
    await core.value(rbr)
    await core.advance(8)
    expect([isRaised(core), await core.value(iir)]).toEqual([false, 0xc1n])
  })

  test('data that has lain for four characters', async () => {
    const core = await start()
    await core.write(fcr, 0xc1, 1)
    await core.write(ier, 1, 1)
    await core.write(thr, 7, 1)
    await core.advance(5 * character)
    expect([isRaised(core), await core.value(iir)]).toEqual([true, 0xccn])
    expect(await core.value(rbr)).toBe(7n)
    expect(await core.value(iir)).toBe(0xc1n)
  })

  test('an empty THR, until IIR is read', async () => {
    const core = await start()
    await core.write(ier, 2, 1)
    expect([await core.value(iir), await core.value(iir)]).toEqual([2n, 1n])
    await core.write(thr, 1, 1)
    await core.advance(8)
    expect(await core.value(iir)).toBe(2n)
  })

  test('line status comes first, modem status last', async () => {
    const core = await start()
    await core.write(ier, 0xf, 1)
    await core.write(mcr, loopback | 3, 1)
    await core.write(thr, 1, 1)
    await core.advance(character)
    await core.write(thr, 2, 1)
    await core.advance(character)
    expect(await core.value(iir)).toBe(6n)
    expect(await core.value(lsr)).toBe(0x63n)
    expect(await core.value(iir)).toBe(4n)
    await core.value(rbr)
    expect(await core.value(iir)).toBe(2n)
    expect(await core.value(iir)).toBe(0n)
    expect(await core.value(msr)).toBe(0x33n)
    expect(await core.value(iir)).toBe(1n)
  })
})

test('pins: idle line, modem inputs active low', async () => {
  const core = await start(eightBits, 0)
  await core.write(thr, 0x55, 1)
  await core.advance(2 * character)
  expect(await core.value(lsr)).toBe(0x60n)
  expect(await core.value(msr)).toBe(0n)
})
