// Interrupt lines: every change of level is told, with its cycle; a waiting host lets time run until one comes.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

const control = 0x00
const status = 0x04
const compare = 0x0c
const runWithInterrupt = 3

let timer: BuiltModel
beforeAll(async () => {
  timer = await buildCore('axil_timer', {}, { interrupts: ['irq_o'] })
}, buildTimeoutMs)

describe('an interrupt line', () => {
  test('is told when it rises and when it falls, and ends the run that waits for it', async () => {
    const core = await runCore(timer)
    await core.write(compare, 1000)
    const { cycleEnd } = await core.write(control, runWithInterrupt)
    const woken = await core.run(1_000_000, true)
    expect(core.interrupts).toMatchObject([{ line: 0, level: true }])
    expect(woken - cycleEnd).toBeGreaterThan(990n)
    expect(woken - cycleEnd).toBeLessThan(1010n)
    await core.write(status, 1)
    await core.advance(2)
    expect(core.interrupts).toMatchObject([{ level: true }, { level: false }])
  })

  test('comes at the same cycle in every run', async () => {
    async function cycleOfInterrupt(): Promise<bigint | undefined> {
      const core = await runCore(timer)
      await core.write(compare, 300)
      await core.write(control, runWithInterrupt)
      await core.run(10_000, true)
      return core.interrupts[0]?.cycle
    }
    const first = await cycleOfInterrupt()
    expect(first).toBeDefined()
    expect(await cycleOfInterrupt()).toBe(first)
  })

  test('is low in reset', async () => {
    const core = await runCore(timer)
    await core.write(compare, 10)
    await core.write(control, runWithInterrupt)
    await core.run(1000, true)
    await core.reset(4)
    await core.advance(2)
    expect(core.interrupts.map(({ level }) => level)).toEqual([true, false])
  })
})

describe('a run', () => {
  test('ends at its bound if no interrupt comes', async () => {
    const core = await runCore(timer)
    const { cycleEnd } = await core.read(status)
    const end = await core.run(5000, true)
    expect(end - cycleEnd).toBe(5000n)
  })

  test('serves accesses meanwhile, and a new one ends the one before', async () => {
    const core = await runCore(timer)
    const first = core.run(1_000_000_000_000)
    expect(await core.value(compare)).toBe(0xffff_ffffn)
    const second = core.run(0)
    expect(await first).toBeLessThan(1_000_000_000_000n)
    expect(await second).toBeGreaterThan(0n)
  })
})
