/**
 * Decides which ports of the RTL are clock, reset and buses: as configured, else by the field's usual names.
 * Never guesses between two that fit; asks for the flag that settles it.
 */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../errors.js'
import { toCountNote } from './address-count.js'
import { toBusGroups } from './bus-groups.js'
import { type BusGroup, type BusPort, titleOf } from './bus-ports.js'
import { askNearNames, findDriven, findManagers, leftBuses } from './find-buses.js'
import { besideBus } from './near-names.js'
import {
  hasClockWord,
  hasResetWord,
  isClockName,
  isInterruptName,
  isLikelyClockName,
  likelyResetLevelOf,
  resetLevelOf,
} from './port-names.js'
import { ambiguous, list } from './port-questions.js'
import type { RtlPort } from './rtl-netlist.js'
import { findStreams, type StreamPort, toStreamNote } from './streams.js'

export interface ResetPort {
  port: string
  active: 'low' | 'high'
}

export interface ModelDescription {
  top: string
  clock: string
  /** More inputs on the same source. */
  otherClocks: string[]
  otherResets: ResetPort[]
  reset: ResetPort | undefined
  /** Buses that Trapline drives, in the order of their index. */
  ports: BusPort[]
  /** Buses that the RTL drives and Trapline serves, in the order of their index. */
  managers: BusPort[]
  /** AXI4-Stream ports, in the order of their index. */
  streams: StreamPort[]
  /** Interrupt outputs, in the order of their index. */
  interrupts: RtlPort[]
  /** Inputs that are none of these; they are held constant. */
  otherInputs: RtlPort[]
  /** The rest: outputs that are left open, and inouts. */
  otherOutputs: RtlPort[]
  /** What was found, one line each, for people. */
  notes: string[]
  /** What was left out, likewise: people are told at every start. */
  leftOut: string[]
  /** Inputs with the name of a clock that stand still. */
  heldClocks: string[]
}

type ModelKeys = Pick<ModelConfig, 'top' | 'clock' | 'reset' | 'ports' | 'managers' | 'inputs' | 'interrupts'>

export function findPorts(config: ModelKeys, rtlPorts: RtlPort[]): ModelDescription {
  const clock = findClock(config, rtlPorts)
  const groups = toBusGroups(rtlPorts)
  const { streams, left: leftStreams } = findStreams(rtlPorts, Object.keys(config.inputs))
  // RTL with streams may do without a bus.
  const isStreamsOnly = streams.length > 0 && groups.length === 0 && !config.ports
  const ports = isStreamsOnly ? [] : findDriven(config, { groups, rtlPorts })
  const managers = findManagers(config, { groups, rtlPorts })
  const buses = [...ports, ...managers]
  const reset = findReset(config, rtlPorts)
  const otherClocks = (config.clock?.others ?? []).map((name) => namedBit(config.top, 'clock', name, rtlPorts))
  const otherResets = (config.reset || undefined)?.others ?? []
  for (const { port } of otherResets) namedBit(config.top, 'reset', port, rtlPorts)
  const clocks = [clock, ...otherClocks]
  const resets = [...(reset ? [reset] : []), ...otherResets].map(({ port }) => port)
  for (const port of clocks) checkApart(config.top, 'clock', port, [...buses, ...streams])
  for (const port of resets) checkApart(config.top, 'reset', port, [...buses, ...streams])
  const used = new Set([
    ...clocks,
    ...resets,
    ...[...buses, ...streams].flatMap(({ signals }) => Object.values(signals).map((port) => port?.name)),
  ])
  const rest = rtlPorts.filter(({ name }) => !used.has(name))
  const interrupts = findInterrupts(config, rest)
  const otherInputs = rest.filter(({ direction }) => direction === 'input')
  checkInputs(config, otherInputs)
  const unread = rest.filter((port) => !interrupts.includes(port))
  for (const bus of buses) askNearNames(config, bus, groups, unread)
  if (!reset) askReset(config, otherInputs)
  const held = otherInputs.filter(({ name }) => config.inputs[name] === undefined)
  const heldClocks = held.filter((port) => isBit(port) && hasClockWord(port.name)).map(({ name }) => name)
  return {
    top: config.top,
    clock,
    otherClocks,
    reset,
    otherResets,
    ports,
    managers,
    streams,
    interrupts,
    otherInputs,
    otherOutputs: unread.filter(({ direction }) => direction !== 'input'),
    notes: toNotes({ clock, otherClocks, reset, otherResets, ports, managers, streams, interrupts }),
    leftOut: [
      ...leftBuses(groups, buses),
      ...leftStreams,
      ...unreadBeside(buses, groups, unread),
      ...listed(
        'inputs held at 0',
        held.map(({ name }) => name),
      ),
      ...listed(
        'clocks among them, so that what they drive stands still (--clock A,B and the key "clock" take several)',
        heldClocks,
      ),
    ],
    heldClocks,
  }
}

function isBit({ direction, shape, width }: RtlPort): boolean {
  return direction === 'input' && shape === 'vector' && width === 1
}

function findClock({ top, clock }: ModelKeys, rtlPorts: RtlPort[]): string {
  if (clock) return namedBit(top, 'clock', clock.port, rtlPorts)
  const named = (isName: (name: string) => boolean) =>
    rtlPorts.filter((port) => isBit(port) && isName(port.name)).map(({ name }) => name)
  const usual = named(isClockName)
  const [first, ...others] = usual.length > 0 ? usual : named(isLikelyClockName)
  if (first === undefined) {
    const bits = rtlPorts.filter(isBit).map(({ name }) => name)
    throw new TraplineError(
      'config',
      `no port of ${top} has a usual clock name; name it with --clock or the key "clock" (${list('1-bit inputs', bits)})`,
    )
  }
  if (others.length > 0) throw ambiguous('clock', top, [first, ...others])
  return first
}

function checkApart(top: string, role: string, name: string, buses: Pick<BusPort, 'name' | 'signals'>[]): void {
  const bus = buses.find(({ signals }) => Object.values(signals).some((port) => port?.name === name))
  if (!bus) return
  throw new TraplineError('config', `${role} ${name} of ${top} is a signal of its bus ${bus.name}; name another port`)
}

function findReset({ top, reset, inputs }: ModelKeys, rtlPorts: RtlPort[]): ModelDescription['reset'] {
  if (reset === false) return undefined
  if (reset) return { port: namedBit(top, 'reset', reset.port, rtlPorts), active: reset.active }
  const named = (levelOf: (name: string) => 'low' | 'high' | undefined) =>
    rtlPorts.flatMap((port) => {
      const active = isBit(port) ? levelOf(port.name) : undefined
      return active ? [{ port: port.name, active }] : []
    })
  const found = named(resetLevelOf)
  // What has but a likely name is taken if nothing else may be the reset; else all of them are asked about.
  const likely = rtlPorts.filter((port) => isBit(port) && hasResetWord(port.name) && inputs[port.name] === undefined)
  if (found.length === 0 && likely.length === 1)
    return named(likelyResetLevelOf).find(({ port }) => port === likely[0]?.name)
  if (found.length > 1)
    throw ambiguous(
      'reset',
      top,
      found.map(({ port }) => port),
    )
  return found[0]
}

/** An active-low reset that is held at 0 is one for ever, so what has the name of one is not held without being asked for. */
function askReset({ top, reset, inputs }: ModelKeys, otherInputs: RtlPort[]): void {
  if (reset === false) return
  const names = otherInputs.filter((port) => isBit(port) && hasResetWord(port.name)).map(({ name }) => name)
  const [first] = names.filter((name) => inputs[name] === undefined)
  if (first === undefined) return
  throw new TraplineError(
    'config',
    `${names.join(', ')} of ${top} may be its reset, and nothing tells its level; say --reset ${first}:low, --reset ${first}:high, ` +
      '--reset none if there is none, or the key "reset"',
  )
}

function namedBit(top: string, role: string, name: string, rtlPorts: RtlPort[]): string {
  const port = rtlPorts.find((candidate) => candidate.name === name)
  if (port && isBit(port)) return name
  const bits = rtlPorts.filter(isBit).map((candidate) => candidate.name)
  const problem = port ? `is not a 1-bit input` : 'is not among its ports'
  throw new TraplineError('config', `${role} ${name} of ${top} ${problem} (${list('1-bit inputs', bits)})`)
}

function findInterrupts({ top, interrupts }: ModelKeys, rtlPorts: RtlPort[]): RtlPort[] {
  const bits = rtlPorts.filter(
    ({ direction, shape, width }) => direction === 'output' && shape === 'vector' && width === 1,
  )
  if (!interrupts) return bits.filter(({ name }) => isInterruptName(name))
  return interrupts.map((name) => {
    const found = bits.find((port) => port.name === name)
    if (found) return found
    const names = bits.map((port) => port.name)
    throw new TraplineError(
      'config',
      `interrupt ${name} of ${top} is not among its 1-bit outputs (${list('they', names)})`,
    )
  })
}

function checkInputs({ top, inputs }: ModelKeys, otherInputs: RtlPort[]): void {
  for (const [name, value] of Object.entries(inputs)) {
    const port = otherInputs.find((candidate) => candidate.name === name)
    if (!port)
      throw new TraplineError(
        'config',
        `inputs.${name}: ${top} has no such input to hold constant (${list(
          'inputs',
          otherInputs.map((input) => input.name),
        )})`,
      )
    if (port.shape !== 'vector')
      throw new TraplineError('config', `inputs.${name}: only vectors can be held at a value`)
    if (value >> BigInt(port.width) !== 0n)
      throw new TraplineError('config', `inputs.${name}: 0x${value.toString(16)} does not fit its ${port.width} bits`)
  }
}

type Found = Pick<
  ModelDescription,
  'otherClocks' | 'otherResets' | 'clock' | 'reset' | 'ports' | 'managers' | 'streams' | 'interrupts'
>

function toNotes({ clock, otherClocks, reset, otherResets, ports, managers, streams, interrupts }: Found): string[] {
  return [
    ...[clock, ...otherClocks].map((port) => `clock ${port}`),
    ...(reset ? [reset, ...otherResets].map(({ port, active }) => `reset ${port} (active ${active})`) : ['no reset']),
    ...ports.map((port) => `port ${port.name}: ${toBusNote(port)}`),
    ...managers.map((port) => `manager ${port.name}: ${toBusNote(port)}`),
    ...streams.map((stream) => `stream ${stream.name}: ${toStreamNote(stream)}`),
    ...interrupts.map(({ name }) => `interrupt ${name}`),
  ]
}

function toBusNote(port: BusPort): string {
  const { dataWidth, addressWidth, idWidth } = port
  const ids = idWidth > 0 ? `, ${idWidth}-bit IDs` : ''
  return `${titleOf(port)}, ${dataWidth}-bit data, ${addressWidth}-bit address${ids}, ${toCountNote(port)}`
}

/** Outputs beside a bus that nobody reads; those of a bus without prefix can't be told from the rest of the module. */
function unreadBeside(buses: BusPort[], groups: BusGroup[], unread: RtlPort[]): string[] {
  const outputs = unread.filter(({ direction }) => direction === 'output')
  return buses
    .filter(({ prefix }) => prefix !== '')
    .flatMap((bus) =>
      listed(
        `outputs of ${bus.name} that nobody reads`,
        besideBus(bus, groups, outputs).map(({ name }) => name),
      ),
    )
}

function listed(what: string, names: string[]): string[] {
  return names.length > 0 ? [`${what}: ${names.join(', ')}`] : []
}
