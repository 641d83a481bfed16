/** Test benches as teams have them, with several tests or a scoreboard, as models that a run starts. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at } from '../support/configs.js'
import { root } from '../support/places.js'
import { environment, hasPython, unlessPython } from '../support/python.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const bench = `import cocotb
from cocotb.clock import Clock
from cocotb.triggers import ClockCycles, RisingEdge
from trapline import AxiLiteManager, Bridge

async def start(dut):
    Clock(dut.clk, 10, 'ns').start()
    dut.rst_n.value = 0
    bus = AxiLiteManager(dut, 's_axil', dut.clk)
    await ClockCycles(dut.clk, 4)
    dut.rst_n.value = 1
    return Bridge(dut, clock=dut.clk, ports={'s_axil': bus}, interrupts={'irq': dut.irq})

@cocotb.test()
@cocotb.parametrize(cycles=[1, 100])
async def waits(dut, cycles):
    async with await start(dut) as bridge:
        await ClockCycles(dut.clk, cycles)
        await bridge.served()

@cocotb.test()
async def has_none(dut):
    Clock(dut.clk, 10, 'ns').start()
    await ClockCycles(dut.clk, 20)

class Mismatch(Exception):
    pass

@cocotb.test()
async def fails_before(dut):
    async def checker():
        await RisingEdge(dut.clk)
        raise Mismatch('before anybody served')
    Clock(dut.clk, 10, 'ns').start()
    cocotb.start_soon(checker())
    await ClockCycles(dut.clk, 20)

@cocotb.test()
async def fails_after(dut):
    async with await start(dut) as bridge:
        await bridge.served()
    async def checker():
        await RisingEdge(dut.clk)
        raise Mismatch('words are left')
    cocotb.start_soon(checker())
    await ClockCycles(dut.clk, 20)

@cocotb.test()
async def has_a_scoreboard(dut):
    async def scoreboard():
        while True:
            await RisingEdge(dut.clk)
            assert dut.s_axil_wvalid.value != 1, 'nobody expected that write'
    async with await start(dut) as bridge:
        cocotb.start_soon(scoreboard())
        await bridge.served()
`
const lineOf = (words: string) => 1 + bench.split('\n').findIndex((text) => text.includes(words))

function toConfig(scratch: Scratch, test?: string): TraplineConfig {
  scratch.write('bench.py', bench)
  const sources = [join(root, 'test/e2e/cores/shared_regs.v')]
  const model = { kind: 'cocotb', simulator: 'icarus', venv: environment, top: 'shared_regs', sources }
  return {
    models: { sim: { ...model, python: 'bench.py', test } },
    devices: { dut: { kind: 'mem', path: '/dev/mem', base: 0x43c0_0000, size: 0x1000, model: 'sim' } },
  } as unknown as TraplineConfig
}
const write = ['busybox', 'devmem', at(0), '32', '1']

describe.runIf(hasPython)(`a bench${unlessPython}`, () => {
  it.each(['waits/cycles=1', 'waits/cycles=100'])(
    'one test of several, and one of its parameters: %s',
    async (test) => {
      const scratch = makeScratch()
      const { status, stderr, log } = await runHost(scratch, toConfig(scratch, test), write)
      expect(status, stderr).toBe(0)
      expect(log).toHaveLength(1)
      expect((log[0]?.cycleStart ?? 0) > 100).toBe(test === 'waits/cycles=100')
    },
  )

  it.each([
    ['waits', /model sim: no test ran; models\.sim\.test names one/],
    [undefined, /one Bridge serves a run, once/],
    ['has_none', /model sim ended, for its cocotb test came to its end without a trapline\.Bridge/],
  ])('whose test is not the one that serves is named: %s', async (test, sentence) => {
    const scratch = makeScratch()
    const { status, stderr } = await runHost(scratch, toConfig(scratch, test), write)
    expect(stderr).toMatch(sentence)
    expect(status).toBe(125)
  })

  it('a coroutine that fails beside the program ends the run, and its line is blamed', async () => {
    const scratch = makeScratch()
    const { status, sentences } = await runHost(scratch, toConfig(scratch, 'has_a_scoreboard'), write)
    const words = sentences.join('\n')
    const place = `bench\\.py:${lineOf('nobody expected')}`
    expect(words).toMatch(new RegExp(`model sim ended by an exception in its test bench at ${place}, cycle`))
    expect(words).toContain('AssertionError: nobody expected that write')
    expect(status).toBe(125)
  })

  it.each([
    ['fails_before', 'before anybody served'],
    ['fails_after', 'words are left'],
  ])('a coroutine that fails while nobody is served is blamed with its line: %s', async (test, words) => {
    const scratch = makeScratch()
    const { status, sentences } = await runHost(scratch, toConfig(scratch, test), write)
    const sentence = `model sim: its cocotb test ${test} failed: Mismatch: ${words} (bench.py:${lineOf(words)})`
    expect(sentences.join('\n')).toContain(sentence)
    expect(status).toBe(125)
  })

  it('that is not as the configuration says is refused in a sentence about that', async () => {
    const scratch = makeScratch()
    const { models, devices } = toConfig(scratch)
    const ports = { apb: { protocol: 'apb4', dataWidth: 32 } }
    const named = {
      ...models?.sim,
      python: undefined,
      ports,
      clock: { port: 'clk' },
      reset: { port: 'rst_n', active: 'low' },
    }
    const config = { models: { sim: named }, devices } as unknown as TraplineConfig
    const { status, stderr, sentences } = await runHost(scratch, config, write)
    expect(sentences.at(-1)).toMatch(
      /^model sim: its cocotb test serve failed: SignalError: shared_regs has no APB bus 'apb': .*'NAME', … }$/,
    )
    expect(stderr).not.toContain('_signals.py')
    expect(status).toBe(125)
  })
})
