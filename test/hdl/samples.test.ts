// The sample devices do what their manual comments say.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

describe.each([32, 64])('axil_regs on %i bits', (bits) => {
  const [scratch, id, status, count, pair, trigger, hole] = [0, 4, 8, 0xc, 0x10, 0x18, 0x20]
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('axil_regs', { DataWidth: bits })), buildTimeoutMs)

  test('SCRATCH takes byte strobes, ID is constant', async () => {
    const core = await runCore(built)
    await core.write(scratch, 0x11223344)
    await core.write(scratch + 1, 0xaa, 1)
    await core.write(scratch + 2, 0xbbcc, 2)
    expect(await core.value(scratch)).toBe(0xbbccaa44n)
    expect(await core.value(id)).toBe(0x54524150n)
  })

  test('STATUS is set by TRIGGER and cleared by ones', async () => {
    const core = await runCore(built)
    await core.write(trigger, 0xff)
    await core.write(status, 0x0f)
    expect(await core.value(status)).toBe(0xf0n)
    expect(await core.value(trigger)).toBe(0n)
  })

  test('COUNT counts writes to SCRATCH and is cleared by one read', async () => {
    const core = await runCore(built)
    for (let i = 0; i < 3; i++) await core.write(scratch, i)
    expect(await core.value(count)).toBe(3n)
    expect(await core.value(count)).toBe(0n)
  })

  test('PAIR holds 64 bits', async () => {
    const core = await runCore(built)
    expect(await core.write(pair, 0xfedcba9876543210n, 8)).toMatchObject({ beats: 64 / bits })
    expect(await core.value(pair, 8)).toBe(0xfedcba9876543210n)
    expect(await core.value(pair + 4)).toBe(0xfedcba98n)
  })

  test('read-only registers and holes answer SLVERR and nothing changes', async () => {
    const core = await runCore(built)
    for (const offset of [id, count, hole]) expect(await core.write(offset, 1)).toMatchObject({ status: 'SLVERR' })
    expect(await core.read(hole)).toMatchObject({ status: 'SLVERR' })
    expect(await core.value(id)).toBe(0x54524150n)
  })
})

describe('axil_timer', () => {
  const [control, status, count, compare] = [0, 4, 8, 0xc]
  let built: BuiltModel
  beforeAll(async () => (built = await buildCore('axil_timer')), buildTimeoutMs)

  test('counts cycles while it runs, and notes the limit once', async () => {
    const core = await runCore(built)
    await core.write(compare, 1000)
    const started = await core.write(control, 1)
    await core.advance(500)
    const { cycleEnd, data } = await core.read(count)
    // It counts at the edges between the one that took the write and the one that took the read.
    expect(data.readUInt32LE()).toBe(Number(cycleEnd - started.cycleEnd) - 1)
    expect(await core.value(status)).toBe(0n)
    await core.advance(500)
    expect(await core.value(status)).toBe(1n)
    await core.write(status, 1)
    expect(await core.value(status)).toBe(0n)
  })

  test('a write to COUNT wins over counting', async () => {
    const core = await runCore(built)
    await core.write(count, 0x1234)
    await core.advance(100)
    expect(await core.value(count)).toBe(0x1234n)
  })
})

describe('axil_gpio', () => {
  const [out, input, direction, changed, enable] = [0, 4, 8, 0xc, 0x10]
  let built: BuiltModel
  beforeAll(async () => {
    built = await buildCore('axil_gpio', { Pins: 8 }, { inputs: { gpio_i: 0xa5 } })
  }, buildTimeoutMs)

  test('keeps as many bits as it has pins', async () => {
    const core = await runCore(built)
    for (const offset of [out, direction, enable]) {
      await core.write(offset, 0xffff_ffff)
      expect(await core.value(offset)).toBe(0xffn)
    }
  })

  test('sees its pins, and takes the level at power-up for no change', async () => {
    const core = await runCore(built)
    expect(await core.value(input)).toBe(0xa5n)
    expect(await core.value(changed)).toBe(0n)
    expect(await core.write(input, 1)).toMatchObject({ status: 'SLVERR' })
  })
})
