// When simulated time moves and when it stands, and that the same requests give the same cycles.
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { mostCycles } from '../support/contract.js'
import { buildCore, buildTimeoutMs, runCore, type RunSettings } from './run-model.js'

let regs: BuiltModel
let ram: BuiltModel
let watcher: BuiltModel
beforeAll(async () => {
  regs = await buildCore('axil_regs')
  ram = await buildCore('axil_ram')
  watcher = await buildCore('bus_watcher')
}, buildTimeoutMs)

describe('time', () => {
  test('the first access starts four cycles after reset, and a read takes two cycles', async () => {
    const core = await runCore(regs, { resetCycles: 16 })
    expect(await core.read(4)).toMatchObject({ cycleStart: 21n, cycleEnd: 23n, timePs: 230_000n })
    expect(await core.read(4)).toMatchObject({ cycleStart: 24n, cycleEnd: 26n })
  })

  test('stands still while nothing is to do', async () => {
    const core = await runCore(regs)
    const { cycleEnd } = await core.read(4)
    await delay(50)
    expect(await core.read(4)).toMatchObject({ cycleStart: cycleEnd + 1n })
  })

  test('advances by exactly the cycles that are asked for', async () => {
    const core = await runCore(regs)
    const { cycleEnd } = await core.read(4)
    expect(await core.advance(1)).toBe(cycleEnd + 1n)
    expect(await core.advance(12_345)).toBe(cycleEnd + 12_346n)
  })

  test('at least the given number of cycles passes between two accesses', async () => {
    const core = await runCore(regs, { minCycles: 40 })
    const { cycleEnd } = await core.read(4)
    expect(await core.read(4)).toMatchObject({ cycleStart: cycleEnd + 40n })
  })

  async function logOfOneRun(settings: RunSettings, jitterMs: number) {
    const core = await runCore(ram, { ...settings, records: true })
    for (let i = 0; i < 20; i++) {
      await core.write(4 * i, i)
      await core.read(4 * i + 256)
      if (i % 5 === 0) await delay(jitterMs)
      if (i === 9) await core.advance(3000)
      if (i === 14) await core.reset()
    }
    await core.stop()
    return core.logLines()
  }

  test('the same requests and seed give the same log, however the host dawdles', async () => {
    const first = await logOfOneRun({ seed: 7 }, 0)
    expect(first).toHaveLength(40)
    expect(await logOfOneRun({ seed: 7 }, 8)).toEqual(first)
  })

  test('another seed gives other power-up state', async () => {
    const dataOf = (log: Record<string, unknown>[]) => log.map(({ data }) => data)
    expect(dataOf(await logOfOneRun({ seed: 7 }, 0))).not.toEqual(dataOf(await logOfOneRun({ seed: 8 }, 0)))
  })
})

describe('the end of time', () => {
  const largest = (1n << 64n) - 1n

  test('more cycles than a model takes at once are refused, and it goes on', async () => {
    const core = await runCore(regs)
    const most = mostCycles('AdvanceModel')
    for (const cycles of [most + 1n, largest])
      await expect(core.advance(cycles)).rejects.toThrow(
        `model core: cycles is ${cycles}; advance by at most ${most} at once`,
      )
    const reset = mostCycles('ResetModel')
    await expect(core.reset(Number(reset) + 1)).rejects.toThrow(
      `model core: cycles is ${reset + 1n}; a reset has at most ${reset}`,
    )
    expect(await core.read(4)).toMatchObject({ status: 'OKAY' })
  })

  test('a slow clock gets as far as 64 bits of picoseconds, and no number wraps around', async () => {
    const periodPs = 1_000_000_000_000_000
    const core = await runCore(regs, { periodPs })
    const { cycleEnd } = await core.read(4)
    const left = largest / BigInt(periodPs) - 2n - cycleEnd
    await expect(core.advance(left + 1n)).rejects.toThrow(`until the end of simulated time there are only ${left}`)
    expect(await core.advance(left)).toBe(cycleEnd + left)
    await expect(core.run(largest)).rejects.toThrow('model core has ended')
    const { fault } = await core.ended
    expect(fault).toMatchObject({ kind: 'time', message: '64 bits hold no more of it', cycle: cycleEnd + left })
  })
})

describe('reset', () => {
  test('clears registers, keeps memory', async () => {
    const registers = await runCore(regs)
    await registers.write(0, 0x1234)
    await registers.reset(3)
    expect(await registers.value(0)).toBe(0n)
    const memory = await runCore(ram)
    await memory.write(0, 0x1234)
    const released = await memory.reset(3)
    expect(await memory.read(0)).toMatchObject({ cycleStart: released + 5n, data: Buffer.from('34120000', 'hex') })
  })

  test('VALIDs are low in it and after it, and what is offered stays until it is taken', async () => {
    const core = await runCore(watcher)
    for (let i = 0; i < 20; i++) {
      expect(await core.write(4 * i, i)).toMatchObject({ status: 'OKAY' })
      expect(await core.value(4 * i)).toBe(BigInt(i))
      if (i % 6 === 5) await core.reset(i)
    }
    expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
  })
})

describe('sessions', () => {
  test('a held bus lets no other session in between', async () => {
    const core = await runCore(ram)
    await core.openSession(2)
    await core.write(0, 1)
    const word = { offset: 0n, widthBytes: 4 }
    const locked = await core.answered({ operation: 'read', ...word, hold: true })
    const others = core.answered({ operation: 'write', ...word, data: Buffer.from([9, 9, 9, 9]) }, 2)
    const second = await core.answered({ operation: 'write', ...word, data: Buffer.from([2, 0, 0, 0]) })
    expect(second.cycleStart).toBe(locked.cycleEnd + 1n)
    expect((await others).cycleStart).toBeGreaterThan(second.cycleEnd)
    expect(await core.value(0)).toBe(0x09090909n)
  })

  test('a held bus is free again when the locked read failed', async () => {
    const core = await runCore(regs)
    await core.openSession(2)
    const failed = await core.answered({ operation: 'read', offset: 0x100n, widthBytes: 4, hold: true })
    expect(failed.status).toBe('SLVERR')
    const other = await core.answered({ operation: 'read', offset: 4n, widthBytes: 4 }, 2)
    expect(other.status).toBe('OKAY')
  })
})
