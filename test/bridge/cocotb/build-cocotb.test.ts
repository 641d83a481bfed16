/** RTL becomes a simulation in a real simulator, by cocotb's own runner; one that stands in the cache costs none. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { buildCocotb } from '../../../bridge/cocotb/build-cocotb.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import type { CocotbConfig } from '../../../bridge/config/schema.js'
import { environment, hasPython, unlessPython } from '../../support/python.js'
import { root } from '../../support/places.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const timeout = 120_000
const scratch = openScratch()
afterAll(() => removeScratch(scratch))

const core = readFileSync(join(root, 'test/e2e/cores/shared_regs.v'), 'utf8')
const cacheDir = join(scratch.path, 'cache')

function build(more: object, trace = false) {
  const model = {
    kind: 'cocotb',
    simulator: 'icarus',
    top: 'shared_regs',
    sources: ['core.v'],
    venv: environment,
    ...more,
  }
  const { dut } = parseConfig('f.json', { models: { dut: model }, devices: {} }).models
  return buildCocotb(dut as CocotbConfig, { name: 'dut', configDir: scratch.path, trace, cacheDir })
}

it.runIf(hasPython)(`finds the ports, and builds what has changed${unlessPython}`, { timeout }, async () => {
  scratch.write('core.v', core)
  const first = await build({})
  expect(first).toMatchObject({
    cached: false,
    ports: [{ name: 's_axil', protocol: 'axi4-lite', addressWidth: 12, dataWidth: 32 }],
    ...{ interrupts: ['irq'], clock: { port: 'clk', periodPs: 10_000 }, resetCycles: 16 },
  })
  expect(first.cocotb.ports[0]?.signals).toMatchObject({ awaddr: 's_axil_awaddr', rvalid: 's_axil_rvalid' })
  expect(first.cocotb.reset).toEqual({ port: 'rst_n', active: 'low', others: [], cycles: 16 })
  expect(await build({})).toMatchObject({ cached: true, hash: first.hash })
  expect((await build({ parameters: { ID: '0x1234' } })).hash).not.toBe(first.hash)
  expect((await build({}, true)).hash).not.toBe(first.hash)
  scratch.write('core.v', core.replace("32'h5452_4150", "32'h1"))
  expect(await build({})).toMatchObject({ cached: false })
})

it.runIf(hasPython)(
  `an included file that Icarus would not find, and its change${unlessPython}`,
  { timeout },
  async () => {
    scratch.write('part.vh', "`define ID_OF_PART 32'h1\n")
    scratch.write(
      'core.v',
      core.replace('module', '`include "part.vh"\nmodule').replace("32'h5452_4150", '`ID_OF_PART'),
    )
    const first = await build({})
    scratch.write('part.vh', "`define ID_OF_PART 32'h2\n")
    const second = await build({})
    expect(second.cached).toBe(false)
    expect(second.hash).not.toBe(first.hash)
  },
)

it.runIf(hasPython)(
  `what the simulator refuses is one sentence with its place${unlessPython}`,
  { timeout },
  async () => {
    const ports = { s_axil: { protocol: 'axi4-lite', dataWidth: 32 } }
    const named = { ports, clock: 'clk', reset: { port: 'rst_n', active: 'low' } }
    scratch.write('core.v', core.replace('reg [31:0] scratch', 'regg [31:0] scratch'))
    await expect(build(named)).rejects.toThrow(
      /^Icarus Verilog refuses shared_regs at \S*\/core\.v:\d+: syntax error \(its whole output: \S+\.log\)$/,
    )
    // Verilator, asked for the ports, refuses it first; then they can be named.
    await expect(build({})).rejects.toThrow(/only icarus then has to read \(models\.dut\.ports\.PREFIX\.dataWidth\)$/)
  },
)

it.runIf(hasPython)(`ports by name leave no question open${unlessPython}`, { timeout }, async () => {
  scratch.write('core.v', core)
  const ports = { s_axil: { protocol: 'axi4-lite', dataWidth: 32 } }
  await expect(build({ ports: { s_axil: { dataWidth: 32 } } })).rejects.toThrow('so say what bus s_axil is')
  await expect(build({ ports })).rejects.toThrow("so name its clock: clock: 'clk'")
  await expect(build({ ports, clock: 'clk' })).rejects.toThrow('so name its reset: reset: {')
  const built = await build({ ports, clock: 'clk', reset: false, interrupts: ['irq'] })
  expect(built.cocotb.reset).toBeUndefined()
  expect(built).toMatchObject({ interrupts: ['irq'], ports: [{ name: 's_axil', dataWidth: 32, addressWidth: 64 }] })
})
