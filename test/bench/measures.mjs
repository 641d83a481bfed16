/** What is measured. Each measure runs for a moment and resolves to one value for each of its names, in nanoseconds. */
import { join } from 'node:path'
import { execa } from 'execa'
import { startBridge } from '../../build/bridge/index.js'
import { configSchema } from '../../build/bridge/config/schema.js'
import { openBench } from '../../build/bridge/vitest/bench.js'

export const root = join(import.meta.dirname, '../..')
const programs = join(root, 'build/test/bench')
const commandLine = join(root, 'build/bridge/main.js')
const base = 0x43c0_0000
const roundsWithin = 3

/** The configuration of all of it: one of our own models, so that the bare one is the same RTL. */
export const config = {
  models: { regs: { top: 'axil_regs', sources: [join(root, 'hdl/models/axil_regs.sv')] } },
  devices: { regs0: { kind: 'mem', path: '/dev/mem', base, size: 0x1000, model: 'regs' } },
}

/** Signals and traps, answered inside one process. */
export async function measureTraps() {
  const { stdout } = await execa(join(programs, 'trap_cost'), [`${roundsWithin}`])
  const lines = stdout.split('\n').map((line) => line.split(' '))
  const names = [...new Set(lines.map(([name]) => name))]
  return Object.fromEntries(names.map((name) => [name, bestOf(lines.filter((line) => line[0] === name).map(toNs))]))
}

function toNs(line) {
  return Number(line.at(-1))
}

/** Pins of the verilated model moved by hand. */
export async function measureBareModel() {
  const { stdout } = await execa(join(programs, 'bare_access'), [`${roundsWithin}`, '200000'])
  return { 'bare-model': bestOf(stdout.split('\n').map(Number)) }
}

const idleCycles = 2_000_000

/** Cycles in which nobody asks for anything: of the bare model, and of ours with all that is around it. */
export async function measureIdle() {
  const { stdout } = await execa(join(programs, 'bare_access'), [`${roundsWithin}`, `${idleCycles}`, 'idle'])
  const bridge = await startBridge({ config: configSchema.parse(config), configDirectory: root })
  try {
    const model = await bridge.models.start('regs')
    const start = performance.now()
    await model.link.call({ advance: { cycles: idleCycles } }, 'done')
    const idle = ((performance.now() - start) * 1e6) / idleCycles
    return { 'bare-idle': bestOf(stdout.split('\n').map(Number)), idle }
  } finally {
    await bridge[Symbol.asyncDispose]()
  }
}

/** The whole way: host, agent, gRPC, bridge, model, and back. */
export async function measureGrpc(configFile) {
  return { grpc: await accessCost(['run', '--config', configFile]) }
}

/** The same agent and stream, but a grpc-js server that answers by itself: what is left without bridge and model. */
export async function measureEcho(echoAddress) {
  return { echo: await accessCost(['run', '--bridge', echoAddress]) }
}

async function accessCost(trapline) {
  const program = [join(programs, 'access_cost'), '/dev/mem', `${base}`, `${roundsWithin}`, '3000']
  const { stdout } = await execa(process.execPath, [commandLine, ...trapline, '--', ...program], { cwd: root })
  return bestOf(stdout.split('\n').map(Number))
}

/** From the wish for a model that stands in the cache to its first word. */
export async function measureModelStart() {
  const bridge = await startBridge({ config: configSchema.parse(config), configDirectory: root })
  try {
    const start = performance.now()
    await bridge.models.start('regs')
    return { 'model-start': (performance.now() - start) * 1e6 }
  } finally {
    await bridge[Symbol.asyncDispose]()
  }
}

/** From the command to its end, with a host that does nothing. */
export async function measureEmptyRun(configFile) {
  return { 'empty-run': await timeNode(commandLine, 'run', '--config', configFile, '--', 'true') }
}

/** What every program on Node pays. */
export async function measureBareNode() {
  return { 'bare-node': await timeNode('-e', '0') }
}

async function timeNode(...args) {
  const start = performance.now()
  await execa(process.execPath, args, { cwd: root })
  return (performance.now() - start) * 1e6
}

/** Least disturbed of a few in a row; what differs between rounds is the spread that the table shows. */
function bestOf(values) {
  return Math.min(...values)
}

/** What a test pays for models of its own: opened, read once, ended. */
export async function measureBenches() {
  await timeBench({ warmUp })
  return { 'fresh-bench': await timeBench({}), 'warm-bench': await timeBench({ warmUp }) }
}

const warmUp = (bench) => bench.write('regs0', 0, 1)

async function timeBench(setup) {
  const start = performance.now()
  const bench = await openBench({ config, seed: 1, ...setup })
  await bench.read('regs0', 0)
  await bench[Symbol.asyncDispose]()
  return (performance.now() - start) * 1e6
}
