/**
 * What a simulation under cocotb is told to drive, and what of it the bridge must know: as Verilator's netlist says, or
 * as the configuration does. Names alone: widths and directions are the simulation's to check. Pure.
 */
import {
  type CocotbConfig,
  type CocotbPortConfig,
  defaultPeriodPs,
  type ModelConfig,
  type PortProtocol,
} from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import type { BusPort } from '../rtl/bus-ports.js'
import { lowBitOf } from '../rtl/address-count.js'
import type { ResetPort } from '../rtl/clock-domains.js'
import type { ModelDescription } from '../rtl/find-ports.js'
import { protocols } from '../rtl/protocols.js'
import type { RtlPort } from '../rtl/rtl-netlist.js'

export interface CocotbPort {
  name: string
  protocol: PortProtocol
  /** Names of RTL ports by signal; empty where only the prefix is known. */
  signals: Record<string, string>
  dataWidth: number
  addressWidth: number
  clock: string | undefined
  wordAddress: boolean
  narrowWrites: 'refuse' | 'zeros'
}

export interface CocotbManager {
  name: string
  protocol: PortProtocol
  signals: Record<string, string>
  clock: string | undefined
}

export interface CocotbClock {
  port: string
  others: string[]
  periodPs: number
  phasePs: number
  /** Its own; absent where it has none, or where that of the first clock is meant. */
  reset?: CocotbReset | undefined
}

export interface CocotbReset extends ResetPort {
  others: ResetPort[]
  cycles: number | undefined
}

/** Absent is what only the own test bench of a team knows. */
export interface CocotbPorts {
  ports: CocotbPort[]
  managers: CocotbManager[]
  interrupts: string[] | undefined
  clock: CocotbClock | undefined
  furtherClocks: CocotbClock[]
  reset: CocotbReset | undefined
  /** Constants of inputs, hexadecimal. */
  inputs: Record<string, string>
  notes: string[]
  leftOut: string[]
  heldClocks: string[]
}

/** Those that `trapline.testbench` has a manager for. */
const driven: PortProtocol[] = ['axi4-lite', 'axi4', 'apb4', 'wishbone', 'wishbone-pipelined']
const defaultResetCycles = 16

/** As Verilator models are described, for RTL that it can read. */
export function toVerilatorModel(config: CocotbConfig): ModelConfig {
  const { top, sources, includeDirs, defines, parameters, clock, clocks, reset, managers, inputs, interrupts } = config
  const { ports, sharedMemory } = config
  return {
    kind: 'verilator',
    ...{ top, sources, includeDirs, defines, parameters, clock, clocks, reset, managers, inputs, interrupts },
    sharedMemory,
    ports: ports && Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, toRtlPort(port)])),
    streams: {},
    loopback: {},
    lockstep: undefined,
    verilatorArgs: [],
  }
}

function toRtlPort({ protocol, wordAddress, narrowWrites, signals, clock }: CocotbPortConfig) {
  return { protocol, wordAddress, narrowWrites, signals, clock }
}

/** From what was found in the RTL. */
export function fromDescription(config: CocotbConfig, found: ModelDescription): CocotbPorts {
  const { domains, otherInputs, streams } = found
  const clockOf = (domain = 0) => domains[domain]?.clocks[0]
  const further = Object.values(config.clocks)
  const streamInputs = streams.flatMap(({ signals }) => Object.values(signals)).filter(isInput)
  const inputs = [...otherInputs, ...streamInputs]
  const held = inputs.filter(isOfItsOwn)
  const parts = inputs.filter((port) => !isOfItsOwn(port))
  checkHeld(config, parts)
  return {
    ports: found.ports.map((port) => ({
      ...toNames(config, port),
      ...{ dataWidth: port.dataWidth, addressWidth: port.addressWidth },
      clock: clockOf(port.domain),
      wordAddress: countsWords(config, port),
      narrowWrites: port.answers.narrowWrites ?? 'refuse',
    })),
    managers: found.managers.map((port) => {
      checkCountsBytes(config, port)
      return { ...toNames(config, port), clock: clockOf(port.domain) }
    }),
    interrupts: found.interrupts.map(({ name }) => name),
    clock: toClock(domains[0].clocks, config.clock?.periodPs ?? defaultPeriodPs, 0),
    furtherClocks: domains.slice(1).map(({ clocks, resets }, i) => ({
      ...toClock(clocks, further[i]?.periodPs ?? defaultPeriodPs, further[i]?.phasePs ?? 0),
      reset: toReset(resets, (further[i]?.reset || undefined)?.cycles),
    })),
    reset: toReset(domains[0].resets, (config.reset || undefined)?.cycles ?? defaultResetCycles),
    inputs: Object.fromEntries(held.map(({ name }) => [name, toHex(config.inputs[name] ?? 0n)])),
    notes: found.notes,
    leftOut: [
      ...found.leftOut,
      ...streams.map(({ name }) => `stream ${name} is not driven under cocotb`),
      ...(config.python === undefined ? parts.map(toUndrivenNote) : []),
    ],
    heldClocks: found.heldClocks,
  }
}

/** A signal that a simulator knows by its name. */
function isOfItsOwn({ shape, part, member }: RtlPort): boolean {
  return shape === 'vector' && !part && !member
}

function checkHeld({ top, inputs }: CocotbConfig, parts: RtlPort[]): void {
  const held = parts.find(({ name }) => inputs[name] !== undefined)
  if (held)
    throw new TraplineError(
      'config',
      `inputs.${held.name}: it is a part of a port of ${top}, which under cocotb is held at no value; put a module ` +
        'around it that has it as a port of its own, or write a test bench (key "python")',
    )
}

function toUndrivenNote({ name }: RtlPort): string {
  return `input ${name} is no vector of its own, and is not driven under cocotb`
}

function isInput(port: RtlPort | undefined): port is RtlPort {
  return port?.direction === 'input'
}

function toNames(config: CocotbConfig, bus: BusPort): Pick<CocotbPort, 'name' | 'protocol' | 'signals'> {
  const { name, protocol } = bus
  const known = Object.entries(bus.signals).filter((entry): entry is [string, RtlPort] => entry[1] !== undefined)
  const [odd] = known.filter(([, { part, member }]) => part ?? member)
  if (odd && config.python === undefined)
    throw new TraplineError(
      'config',
      `bus ${name} of ${config.top} has ${odd[1].name}, which is a part of a port; under cocotb a bus needs ports of ` +
        'its ' +
        'own: put a module around it that has them, or write a test bench for it (key "python")',
    )
  checkDriven(config, name, protocol, bus.isManager)
  return { name, protocol, signals: odd ? {} : Object.fromEntries(known.map(([signal, port]) => [signal, port.name])) }
}

function checkDriven({ python, top }: CocotbConfig, name: string, protocol: PortProtocol, isManager = false): void {
  if (python !== undefined || driven.includes(protocol)) return
  const what = isManager ? 'serves' : 'drives'
  throw new TraplineError(
    'config',
    `bus ${name} of ${top} is ${protocols[protocol].title}, which Trapline's own test bench for cocotb ${what} not; ` +
      'write one with a driver for it (key "python"), or use a model of kind "verilator"',
  )
}

/** Of Wishbone alone our drivers know addresses that count anything but bytes. */
function countsWords(config: CocotbConfig, port: BusPort): boolean {
  const lows = lowBitsOf(port)
  const [low = 0, ...others] = lows
  if (low === 0) return false
  const isWord = others.length === 0 && 2 ** low === port.dataWidth / 8
  // A test bench of one's own may have a driver of its own.
  if (isWord && (isWishbone(port.protocol) || config.python !== undefined)) return true
  throw miscounted(config, port, low)
}

function checkCountsBytes(config: CocotbConfig, port: BusPort): void {
  const [low] = lowBitsOf(port)
  if (low !== undefined && config.python === undefined) throw miscounted(config, port, low)
}

function lowBitsOf(port: BusPort): number[] {
  return [...new Set(Object.keys(port.signals).map((signal) => lowBitOf(port, signal)))].filter((low) => low > 0)
}

function isWishbone(protocol: PortProtocol): boolean {
  return protocol === 'wishbone' || protocol === 'wishbone-pipelined'
}

function miscounted({ top }: CocotbConfig, { name }: BusPort, low: number): TraplineError {
  return new TraplineError(
    'config',
    `bus ${name} of ${top} has addresses that count ${2 ** low} bytes, which is not possible under cocotb; declare ` +
      'them from bit 0',
  )
}

function toClock([port, ...others]: [string, ...string[]], periodPs: number, phasePs: number): CocotbClock {
  return { port, others, periodPs, phasePs }
}

function toReset([first, ...others]: ResetPort[], cycles: number | undefined): CocotbReset | undefined {
  return first && { ...first, others, cycles }
}

function toHex(value: bigint): string {
  return `0x${value.toString(16)}`
}

/** Whether nothing has to be asked of a netlist. */
export function isNamed({ ports }: CocotbConfig): boolean {
  const all = Object.values(ports ?? {})
  return all.length > 0 && all.every(({ dataWidth }) => dataWidth !== undefined)
}

/** As the configuration names it all; `why` nothing else tells, in words that follow the top's name. */
export function fromNames(name: string, config: CocotbConfig, why: string): CocotbPorts {
  checkNamed(name, config, why)
  const { clock, clocks, reset, interrupts, inputs, managers = {}, ports = {} } = config
  return {
    ports: Object.entries(ports).map(([prefix, port]) => ({
      ...{ name: prefix, protocol: port.protocol ?? 'native', signals: toSignals(port.signals) },
      ...{ dataWidth: port.dataWidth ?? 0, addressWidth: port.addressWidth ?? 64, clock: port.clock ?? clock?.port },
      ...{ wordAddress: port.wordAddress ?? false, narrowWrites: port.narrowWrites },
    })),
    managers: Object.entries(managers).map(([prefix, port]) => ({
      ...{ name: prefix, protocol: port.protocol ?? 'axi4', signals: toSignals(port.signals) },
      clock: port.clock ?? clock?.port,
    })),
    interrupts: interrupts ?? (config.python === undefined ? [] : undefined),
    clock: clock && { ...clock, phasePs: 0 },
    furtherClocks: Object.entries(clocks).map(([port, { others, periodPs, phasePs, reset: own }]) => ({
      ...{ port, others, periodPs, phasePs },
      reset: own ? { ...own, cycles: own.cycles } : undefined,
    })),
    reset: reset || undefined,
    inputs: Object.fromEntries(Object.entries(inputs).map(([input, value]) => [input, toHex(value)])),
    notes: [],
    leftOut: [],
    heldClocks: [],
  }
}

function toSignals(signals: Record<string, string | false>): Record<string, string> {
  return Object.fromEntries(Object.entries(signals).filter((entry): entry is [string, string] => entry[1] !== false))
}

/** What Trapline's own test bench can't do without, one sentence for the first that is missing. */
function checkNamed(name: string, config: CocotbConfig, why: string): void {
  const { top, ports, clock, reset, python } = config
  const ask = (what: string, example: string): never => {
    throw new TraplineError('config', `model ${name}: ${top} ${why}, so ${what}: ${example}`)
  }
  if (!ports || Object.keys(ports).length === 0)
    ask('name its buses', `ports: { s_axil: { protocol: 'axi4-lite', dataWidth: 32 } }`)
  for (const [prefix, port] of Object.entries(ports ?? {})) {
    if (port.dataWidth === undefined) ask(`say how wide bus ${prefix} is`, `ports: { ${prefix}: { dataWidth: 32 } }`)
    if (python !== undefined) continue
    if (port.protocol === undefined)
      ask(`say what bus ${prefix} is`, `ports: { ${prefix}: { protocol: 'axi4-lite', … } }`)
    else checkDriven(config, prefix, port.protocol)
    if (port.wordAddress === undefined && port.protocol && protocols[port.protocol].addressesCount === 'open')
      ask(`say whether addresses of bus ${prefix} count words`, `ports: { ${prefix}: { wordAddress: false } }`)
  }
  if (python !== undefined) return
  if (!clock) ask('name its clock', `clock: 'clk'`)
  if (reset === undefined) ask('name its reset', `reset: { port: 'rst_n', active: 'low' }, or reset: false`)
}
