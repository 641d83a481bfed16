/** `trapline/vitest` on models under cocotb: swapped per test, several programs and several simulations at once. */
import { join } from 'node:path'
import { describe } from 'vitest'
import { expect, test } from '../../bridge/vitest/index.js'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base } from '../support/configs.js'
import { cache, root } from '../support/places.js'
import { environment, hasPython, unlessPython } from '../support/python.js'

process.env.TRAPLINE_CACHE = cache
const timeout = 600_000
const core = { top: 'shared_regs', sources: [join(root, 'test/e2e/cores/shared_regs.v')] }
const icarus = { kind: 'cocotb', simulator: 'icarus', venv: environment, ...core } as const
const config: TraplineConfig = {
  models: { rtl: core, sim: icarus, other: { ...icarus, parameters: { ID: 2 } } },
  devices: {
    dut: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'rtl' },
    second: { kind: 'mem', path: '/dev/mem', base: base + 0x1000, size: 0x1000, model: 'other' },
  },
}
const [scratch, id, delay, pending] = [0, 4, 8, 12]
const at = (offset: number) => `0x${(base + offset).toString(16)}`
test.override('setup', { config, models: { rtl: 'sim' } })

describe.runIf(hasPython)(`a bench${unlessPython}`, () => {
  test('reads, writes, resets and advances', { timeout }, async ({ bench }) => {
    await bench.write('dut', scratch, 0x1234)
    expect((await bench.run('busybox', ['devmem', at(scratch), '16'])).stdout).toBe('0x1234')
    expect(await bench.read('dut', scratch + 1, 1)).toBe(0x12n)
    await expect(bench.read('dut', 0x20)).rejects.toThrow(/^read dut\+0x20 was answered with SLVERR/)
    const before = await bench.cycle('sim')
    await bench.advance(100, 'sim')
    expect(await bench.cycle('sim')).toBe(before + 100n)
    await bench.reset('sim')
    expect(await bench.read('dut', scratch)).toBe(0n)
  })

  test('waits for an interrupt, or says that it stayed low', { timeout }, async ({ bench }) => {
    const wait = (cycles: number) => bench.waitForInterrupt('irq', { model: 'sim', cycles })
    await expect(wait(300)).rejects.toThrow('model sim: irq stayed low for 300 cycles')
    await bench.write('dut', delay, 500)
    const before = await bench.cycle('sim')
    await wait(1000)
    expect((await bench.cycle('sim')) - before).toBeGreaterThanOrEqual(495n)
    expect(await bench.read('dut', pending)).toBe(1n)
  })

  test('takes several programs at once, and tells them apart', { timeout }, async ({ bench }) => {
    const script = (offset: number, value: number) =>
      `for i in 1 2 3 4 5; do busybox devmem ${at(offset)} 8 $((${value} + i)); done`
    const started = [0, 1, 2].map((lane) => bench.start('sh', ['-c', script(lane, 16 * lane)]))
    const runs = await Promise.all(started.map(async (one) => (await one).ended))
    for (const [lane, run] of runs.entries()) {
      const words = [1, 2, 3, 4, 5].map((i) => [BigInt(lane), BigInt(16 * lane + i)])
      expect(run.accesses.map(({ offset, value }) => [offset, value])).toEqual(words)
    }
    expect(await bench.read('dut', scratch)).toBe(0x25_1505n)
  })

  test('a program that meets an error of the bus does not touch the others', { timeout }, async ({ bench }) => {
    const good = await bench.start('sh', ['-c', `for i in 1 2 3 4 5; do busybox devmem ${at(id)}; done`])
    const bad = await bench.run('busybox', ['devmem', at(0x20)])
    expect([bad.signal, (await good.ended).stdout]).toEqual(['SIGBUS', Array(5).fill('0x54524150').join('\n')])
  })

  test('has several simulations in one run, each with its own parameters', { timeout }, async ({ bench }) => {
    const both = await bench.run('sh', ['-c', `busybox devmem ${at(id)}; busybox devmem ${at(0x1000 + id)}`])
    expect(both.stdout).toBe('0x54524150\n0x00000002')
    await bench.advance(1000, 'other')
    expect(await bench.cycle('other')).toBeGreaterThan(await bench.cycle('sim'))
  })

  test('beside another one, of the same model and of the other kind', { timeout }, async ({ bench, openBench }) => {
    const [same, rtl] = [await openBench({}), await openBench({ models: { rtl: 'rtl' } })]
    const benches = [bench, same, rtl]
    await Promise.all(benches.map((one, i) => one.write('dut', scratch, i + 1)))
    expect(await Promise.all(benches.map((one) => one.read('dut', scratch)))).toEqual([1n, 2n, 3n])
  })

  test('one seed is one run, cycle by cycle', { timeout }, async ({ openBench }) => {
    const program = `busybox devmem ${at(scratch)} 32 5; busybox devmem ${at(scratch)}`
    const cycles = async (seed: number) => {
      const one = await openBench({ seed, stall: { ar: 60, r: 60, aw: 60, w: 60, b: 60 } })
      const { accesses } = await one.run('sh', ['-c', program])
      return accesses.map((access) => access.cycles)
    }
    const first = await cycles(5)
    expect(await cycles(5)).toEqual(first)
    expect(await cycles(6)).not.toEqual(first)
  })
})

describe.runIf(hasPython)(`a bench of Verilator between them${unlessPython}`, () => {
  test.override('setup', { config, models: { rtl: 'rtl' } })

  test('is fresh', { timeout }, async ({ bench }) => {
    expect(await bench.read('dut', scratch)).toBe(0n)
    expect((await bench.run('busybox', ['devmem', at(id)])).stdout).toBe('0x54524150')
  })
})
