/**
 * `trapline/vitest` as its users have it: fresh models for every test, host programs, and matchers on what they did.
 */
import { describe } from 'vitest'
import { expect, test } from '../../bridge/vitest/index.js'
import { base } from '../support/configs.js'
import { cache, host, sampleRtl } from '../support/places.js'

process.env.TRAPLINE_CACHE = cache
const at = (offset: number) => `0x${(base + offset).toString(16)}`
const device = (model: string) => ({ kind: 'mem' as const, base, size: 0x1000, model })
const config = {
  models: {
    regs: { top: 'axil_regs', sources: [sampleRtl('axil_regs')] },
    ram: { top: 'axil_ram', sources: [sampleRtl('axil_ram')] },
    timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] },
  },
  devices: { dut: device('regs') },
}
test.override('setup', { config })

describe('a bench', () => {
  test('reads and writes what a host sees', { timeout: 600_000 }, async ({ bench }) => {
    await bench.write('dut', 0, 0x1234)
    const run = await bench.run('busybox', ['devmem', at(0), '32'])
    expect(run).toMatchObject({ exitCode: 0, stdout: '0x00001234' })
    expect(run).toHaveAccessed({ operation: 'read', device: 'dut', offset: 0, value: 0x1234, status: 'OKAY' })
    expect(run.accesses.length).toBe(1)
    await bench.run('busybox', ['devmem', at(0), '32', '7'])
    expect(await bench.read('dut', 0)).toBe(7n)
    await expect(bench.read('dut', 0x800)).rejects.toThrow(/^read dut\+0x800 was answered with SLVERR/)
  })

  test('is fresh for every test', async ({ bench }) => {
    expect(await bench.read('dut', 0)).not.toBe(7n)
    await bench.write('dut', 0, 1)
    await bench.reset()
    expect(await bench.read('dut', 0)).toBe(0n)
    const before = await bench.cycle()
    await bench.advance(100)
    expect(await bench.cycle()).toBe(before + 100n)
  })

  test('fails a host whose child Trapline ended, though it does not care', async ({ bench }) => {
    const run = bench.run('sh', ['-c', `${host('refused')} /dev/mem ${base}; exit 0`])
    await expect(run).rejects.toThrow(/^refused \(pid \d+\) was ended by Trapline: the instruction 'xsave/)
  })

  test('fails a host that keeps from it what was ended', async ({ bench }) => {
    const run = bench.run('sh', ['-c', `busybox devmem ${at(0)}; rm "$TRAPLINE_RUN_DIR/ledger"; exit 0`])
    await expect(run).rejects.toThrow(/^a host has taken the ledger of the run away \(/)
  })

  test('tells the accesses of hosts that run at once apart', async ({ bench }) => {
    const one = await bench.start('sh', ['-c', `busybox devmem ${at(0)} 32 0x11; busybox devmem ${at(0)}`])
    const other = await bench.start('busybox', ['devmem', at(4), '32', '0x22'])
    const [first, second] = await Promise.all([one.ended, other.ended])
    expect(first.accesses.map(({ offset }) => offset)).toEqual([0n, 0n])
    expect(second.accesses.map(({ offset, value }) => [offset, value])).toEqual([[4n, 0x22n]])
    expect(bench.accesses.length).toBe(3)
  })

  test('kills what still runs when the test ends', async ({ bench }) => {
    const { pid } = await bench.start('sleep', ['1000'])
    await bench.stop()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  test('refuses what it can not do', async ({ bench }) => {
    await expect(bench.run('nosuchprogram')).rejects.toThrow('nosuchprogram was not found')
    await expect(bench.read('gone', 0)).rejects.toThrow('there is no device gone; there are dut')
    await expect(bench.cycle('gone')).rejects.toThrow('there is no model gone')
  })
})

describe('other models and parameters', () => {
  test.override('setup', { config, models: { regs: 'ram' } })

  test('take the place of a model', { timeout: 600_000 }, async ({ bench, openBench }) => {
    await bench.write('dut', 0x800, 5)
    expect(await bench.read('dut', 0x800)).toBe(5n)
    const other = await openBench({ models: { regs: 'regs' } })
    await expect(other.read('dut', 0x800)).rejects.toThrow('SLVERR')
  })

  test('the same seed gives the same power-up', async ({ openBench }) => {
    const values = async (seed: number) => (await openBench({ seed })).read('dut', 0x40)
    expect(await values(5)).toBe(await values(5))
    expect(await values(5)).not.toBe(await values(6))
  })
})

describe('interrupts', () => {
  test.override('setup', { config, models: { regs: 'timer' } })

  test('can be waited for', { timeout: 600_000 }, async ({ bench }) => {
    const [control, compare] = [0x0, 0xc]
    await expect(bench.waitForInterrupt('irq_o', { cycles: 1000 })).rejects.toThrow(
      'model timer: irq_o stayed low for 1000 cycles',
    )
    await bench.write('dut', compare, 5000)
    await bench.write('dut', control, 3)
    const before = await bench.cycle()
    await bench.waitForInterrupt('irq_o')
    expect((await bench.cycle()) - before).toBeGreaterThanOrEqual(4990n)
  })
})

describe('a warm start', () => {
  let warmed = 0
  test.override('setup', {
    config,
    warmUp: async (bench) => {
      warmed++
      await bench.write('dut', 0, 0xb007)
      await bench.advance(1000)
    },
  })

  test.for([1, 2, 3])('begins where it was left: %i', async (round, { bench }) => {
    expect(await bench.read('dut', 0)).toBe(0xb007n)
    expect(await bench.cycle()).toBeGreaterThan(1000n)
    await bench.write('dut', 0, round)
    expect((await bench.run('busybox', ['devmem', at(0)])).stdout).toBe(`0x0000000${round}`)
    expect(warmed).toBe(1)
  })
})

describe('toHaveAccessed', () => {
  const accesses = async (bench: { run: (name: string, args: string[]) => Promise<object> }) =>
    (await bench.run(host('accesses'), ['/dev/mem', String(base)])) as { accesses: [] }
  test.override('setup', { config, models: { regs: 'ram' } })

  test('says what was expected and what came', async ({ bench }) => {
    const run = await accesses(bench)
    const [first, second] = bench.accesses
    if (!first || !second) throw new Error('two accesses are needed')
    expect(run).toHaveAccessed([{ value: first.value }, { value: second.value }])
    expect(run).toHaveAccessed({ offset: first.offset, value: 0, mask: 0 })
    expect(run).not.toHaveAccessed({ device: 'nobody' })
    expect(() => expect(run).toHaveAccessed({ operation: 'read', device: 'dut', offset: 0xffc, value: 1 })).toThrow(
      /^expected read dut\+0xffc = 0x01, from the first access on:\n→ 1: write dut\+0x/,
    )
    expect(() => expect(run).toHaveAccessed([{}], { exactly: true })).toThrow(/^expected no more accesses, after 1 of/)
  })
})
