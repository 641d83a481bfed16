/** How many cycles a test lets pass: what is no number of cycles is refused, and a long wait can be broken off. */
import { expect, it, onTestFinished } from 'vitest'
import { openBench } from '../../../bridge/vitest/bench.js'
import { base } from '../../support/configs.js'
import { mostCycles } from '../../support/contract.js'
import { makeScratch } from '../../support/scratch.js'

const quiet = 'export default class { read() { return 1 } write() {} }'

/** With a model of TypeScript, which takes no time to build. */
async function open(keys: object = {}, settings: object = {}) {
  const scratch = makeScratch()
  const golden = { file: scratch.write('golden.ts', quiet), interrupts: ['irq'], ...keys }
  const dut = { kind: 'mem' as const, path: '/dev/mem', base, size: 0x1000, model: 'golden' }
  const bench = await openBench({
    config: { models: {}, goldens: { golden }, devices: { dut }, ...settings },
  })
  onTestFinished(() => bench[Symbol.asyncDispose]())
  return bench
}

it('what is no number of cycles is refused', async () => {
  const bench = await open()
  for (const cycles of [-1, 1.5, NaN, -1n, 1n << 64n]) {
    const sentence = `cycles is ${cycles}; it must be a whole number from 0 to 2^64 - 1`
    await expect(bench.advance(cycles)).rejects.toThrow(sentence)
    await expect(bench.reset(undefined, cycles)).rejects.toThrow(sentence)
    await expect(bench.waitForInterrupt('irq', { cycles: cycles as number })).rejects.toThrow(sentence)
  }
})

it('more than a model takes at once is refused by it, and it goes on', async () => {
  const bench = await open()
  const [most, reset] = [mostCycles('AdvanceModel'), mostCycles('ResetModel')]
  await expect(bench.advance(most + 1n)).rejects.toThrow(
    `model golden: cycles is ${most + 1n}; advance by at most ${most} at once`,
  )
  await bench.advance(most)
  await expect(bench.reset(undefined, reset + 1n)).rejects.toThrow(
    `model golden: cycles is ${reset + 1n}; a reset has at most ${reset}`,
  )
  await bench.reset(undefined, reset)
  expect(await bench.cycle()).toBe(most + reset)
})

it('the cycles that shall pass between accesses do, in a model of TypeScript, too', async () => {
  const bench = await open({}, { minCyclesPerAccess: 40 })
  const cycles: bigint[] = []
  for (let i = 0; i < 3; i++) {
    await bench.read('dut', 0)
    cycles.push(await bench.cycle())
  }
  await bench.advance(1000)
  await bench.read('dut', 0)
  expect([...cycles, await bench.cycle()]).toEqual([1n, 41n, 81n, 1082n])
})

it('there is no waveform of a model in TypeScript', async () => {
  const bench = await open()
  const { link } = await bench.bridge.models.start('golden')
  await expect(link.call({ trace: { on: true } }, 'done')).rejects.toThrow(
    'it is a golden model, which has no waveform',
  )
})

it('time that 64 bits do not hold does not pass', async () => {
  const bench = await open({ periodPs: 2 ** 52 })
  await expect(bench.advance(5000)).rejects.toThrow('until the end of simulated time there are only 4095')
  await bench.advance(4095)
  await expect(bench.read('dut', 0)).rejects.toThrow('model golden went away')
  await expect.poll(() => bench.failure).toMatch(/^model golden ended .*: simulated time is at its end, for 64 bits/)
})

it('a model in TypeScript that waits for long is heard, and ends when it is asked to', async () => {
  const bench = await open()
  const waiting = bench.waitForInterrupt('irq', { cycles: 1e12 })
  const given = expect(waiting).rejects.toThrow('model golden has ended')
  const before = await bench.cycle()
  await expect.poll(() => bench.cycle()).toBeGreaterThan(before)
  await bench.stop()
  await given
})
