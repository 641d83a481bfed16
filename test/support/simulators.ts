/**
 * `npm run simulators`: the end-to-end tests as they stand, with each model of Verilator a simulation under cocotb
 * where it can be one. Without the variable nothing is changed.
 */
import { join } from 'node:path'
import { environment, root, sampleFolder } from './places.js'

/** As cocotb's runner calls it. */
const simulator = process.env.TEST_SIMULATOR

/** What Icarus 11 and 12 do not read (docs/simulators.md). */
const tooNewForIcarus = ['axil_stuck', 'axil_uart16550', 'axi4_ram']
/** Devices that have a twin in VHDL, by the folder that it lies in. */
const twins: Record<string, { folder: string; interrupts: string[]; inputs: object }> = {
  axil_gpio: { folder: sampleFolder, interrupts: ['irq_o'], inputs: { gpio_i: 0 } },
  axil_ram: { folder: join(root, 'test/e2e/cores'), interrupts: [], inputs: {} },
}
/** Kinds of devices whose accesses go over a bus. */
const onBuses = ['mem', 'uio', 'char']
const protocols = ['axi4-lite', 'axi4', 'apb4', 'wishbone', 'wishbone-pipelined']
/** Keys of models and ports that a model under cocotb has, too. */
const modelKeys = new Set([
  ...['kind', 'top', 'sources', 'includeDirs', 'defines', 'parameters', 'clock', 'clocks', 'reset', 'managers'],
  ...['inputs', 'interrupts', 'sharedMemory', 'lockstep', 'ports'],
])
const portKeys = /^(protocol|wordAddress|narrowWrites|signals|clock)$/

interface AnyConfig {
  models?: Record<string, AnyModel>
  devices?: Record<string, { kind?: string; model?: string; backdoor?: string }>
}

interface AnyModel {
  kind?: string
  top: string
  sources: string[]
  ports?: Record<string, { protocol?: string }>
}

/** What a test writes into a file: its models swapped if that is a configuration. */
export function onSimulator(content: object): object {
  const config = content as AnyConfig
  if (simulator === undefined || !config.models || !config.devices) return content
  const devices = Object.values(config.devices)
  const own = devices.filter(({ kind = 'mem', backdoor }) => !onBuses.includes(kind) || backdoor !== undefined)
  const kept = new Set(own.map(({ model }) => model))
  const toModel = ([name, model]: [string, AnyModel]) => [name, kept.has(name) ? model : swapped(model, simulator)]
  return { ...config, models: Object.fromEntries(Object.entries(config.models).map(toModel)) }
}

function swapped(model: AnyModel, simulator: string): object {
  const ports = Object.values(model.ports ?? {})
  const isCommon =
    (model.kind ?? 'verilator') === 'verilator' &&
    Object.keys(model).every((key) => modelKeys.has(key)) &&
    ports.every((port) => Object.keys(port).every((key) => portKeys.test(key))) &&
    ports.every(({ protocol }) => protocol === undefined || protocols.includes(protocol))
  if (!isCommon || (simulator === 'icarus' && tooNewForIcarus.includes(model.top))) return model
  const own = { kind: 'cocotb', simulator, venv: environment }
  return simulator === 'ghdl' ? toTwin(model, own) : { ...model, ...own }
}

function toTwin(model: AnyModel, own: object): object {
  const twin = twins[model.top]
  if (!twin) return model
  const { folder, ...more } = twin
  return {
    ...model,
    sources: [join(sampleFolder, 'axil_front.vhd'), join(folder, `${model.top}.vhd`)],
    ports: { s_axil: { protocol: 'axi4-lite', dataWidth: 32 } },
    clock: { port: 'clk_i' },
    reset: { port: 'rst_ni', active: 'low' },
    ...more,
    ...own,
  }
}
