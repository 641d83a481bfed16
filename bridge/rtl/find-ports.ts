/**
 * Decides which ports of the RTL are clock, reset and buses: as configured, else by the field's usual names.
 * Never guesses between two that fit; asks for the flag that settles it.
 */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { toCountNote } from './address-count.js'
import { toBusGroups } from './bus-groups.js'
import { checkRoom } from './check-room.js'
import { type BusGroup, type BusPort, isManager, titleOf } from './bus-ports.js'
import { toTimingNotes } from './bus-timing.js'
import {
  askResets,
  type ClockDomain,
  type ClockDomains,
  type ClockedPort,
  clockOfBus,
  findDomains,
} from './clock-domains.js'
import { askNearNames, findDriven, findManagers, leftBuses } from './find-buses.js'
import { findInterrupts, interruptNotes, mostInterrupts, mostNameBytes } from './interrupts.js'
import { findLoopbacks, type Loopback } from './loopbacks.js'
import { spreadStructs } from './members.js'
import { besideBus } from './near-names.js'
import { hasClockWord, hasResetWord } from './port-names.js'
import { unusedParts, wholeOf } from './port-parts.js'
import { isBit, list } from './port-questions.js'
import type { RtlPort } from './rtl-netlist.js'
import { findStreams, type StreamPort, toStreamNote } from './streams.js'

export interface ModelDescription {
  top: string
  domains: ClockDomains
  /** Buses that Trapline drives, in the order of their index. */
  ports: BusPort[]
  /** Buses that the RTL drives and Trapline serves, in the order of their index. */
  managers: BusPort[]
  /** AXI4-Stream ports, in the order of their index. */
  streams: StreamPort[]
  /** Interrupt outputs, in the order of their index. */
  interrupts: RtlPort[]
  loopbacks: Loopback[]
  /** Inputs that are none of these; they are held constant. */
  otherInputs: RtlPort[]
  /** The rest: outputs that are left open, and inouts. */
  otherOutputs: RtlPort[]
  /** Those of all these that are members of an interface or a struct. */
  members: RtlPort[]
  /** What was found, one line each, for people. */
  notes: string[]
  /** What was left out, likewise: people are told at every start. */
  leftOut: string[]
  /** Inputs with the name of a clock that stand still. */
  heldClocks: string[]
}

type ModelKeys = Pick<
  ModelConfig,
  'top' | 'clock' | 'clocks' | 'reset' | 'ports' | 'managers' | 'streams' | 'inputs' | 'interrupts' | 'loopback'
>

type KeysByBus = Partial<Record<string, { clock?: string | undefined }>> | undefined

export function findPorts(config: ModelKeys, allPorts: RtlPort[]): ModelDescription {
  const rtlPorts = spreadStructs(allPorts)
  const buses = findClockedBuses(config, rtlPorts)
  const { domains, ports, managers, streams } = buses
  const rest = portsBeside(buses, rtlPorts)
  const loopbacks = findLoopbacks(config, rest, rtlPorts)
  const { lines: interrupts, unwatched, overlong } = findInterrupts(config, rest, loopbacks)
  const joined = new Set([...interrupts, ...loopbacks.flatMap(({ input, output }) => [input, output])].map(wholeOf))
  const unread = rest.filter((port) => !joined.has(port))
  const otherInputs = unread.filter(({ direction }) => direction === 'input')
  checkHeld(config, buses, unread, otherInputs)
  const held = otherInputs.filter(({ name }) => config.inputs[name] === undefined)
  const heldClocks = held.filter((port) => isBit(port) && hasClockWord(port.name)).map(({ name }) => name)
  return {
    top: config.top,
    ...{ domains, ports, managers, streams, interrupts, loopbacks, otherInputs, heldClocks },
    otherOutputs: unread.filter(({ direction }) => direction !== 'input'),
    members: rtlPorts.filter(({ member }) => member !== undefined),
    notes: toNotes({ domains, ports, managers, streams, interrupts, loopbacks }),
    leftOut: [
      ...leftBeside(buses, unread),
      ...listed('inputs held at 0', [
        ...held.map(({ name }) => name),
        ...heldBits([...buses.groups, ...ports, ...managers], loopbacks),
      ]),
      ...listed(`interrupts that are not watched, for there are more than ${mostInterrupts}`, unwatched),
      ...listed(`interrupts that are not watched, for their names have more than ${mostNameBytes} bytes`, overlong),
      ...listed(
        'clocks among them, so that what they drive stands still (--clock A,B drives both from one source, ' +
          '--clock A,B:PS gives B its own period in picoseconds; keys "clock" and "clocks")',
        heldClocks,
      ),
    ],
  }
}

/** The buses of the RTL, each on its clock, and what of its ports looked like one. */
interface ClockedBuses extends Pick<ModelDescription, 'domains' | 'ports' | 'managers' | 'streams'> {
  groups: BusGroup[]
  /** Streams that can't be driven, in words. */
  leftStreams: string[]
  /** Buses that are on the first clock for want of a better reason. */
  taken: TakenClock[]
}

function findClockedBuses(config: ModelKeys, rtlPorts: RtlPort[]): ClockedBuses {
  const domains = findDomains(config, rtlPorts)
  const groups = toBusGroups(rtlPorts)
  const { streams: found, left: leftStreams } = findStreams(rtlPorts, Object.keys(config.inputs))
  // RTL with streams may do without a bus.
  const isStreamsOnly = found.length > 0 && groups.every(isManager) && !config.ports
  const taken: TakenClock[] = []
  const onClock =
    <T extends ClockedPort>(key: TakenClock['key']) =>
    (bus: T): T & { domain: number } => {
      const keys: KeysByBus = config[key]
      const { domain, isTaken } = clockOfBus(config.top, bus, (keys?.[bus.name] ?? keys?.['*'])?.clock, domains)
      if (isTaken) taken.push({ key, bus, clock: domains[0].clocks[0] })
      return { ...bus, domain }
    }
  const ports = (isStreamsOnly ? [] : findDriven(config, { groups, rtlPorts })).map(onClock<BusPort>('ports'))
  const managers = findManagers(config, { groups, rtlPorts }).map(onClock<BusPort>('managers'))
  const streams = found.map(onClock<StreamPort>('streams'))
  checkRoom(config.top, { ports, managers, streams })
  const all = [...ports, ...managers, ...streams]
  for (const port of domains.flatMap(({ clocks }) => clocks)) checkApart(config.top, 'clock', port, all)
  for (const { port } of domains.flatMap(({ resets }) => resets)) checkApart(config.top, 'reset', port, all)
  return { domains, ports, managers, streams, groups, leftStreams, taken }
}

/** What is neither clock nor reset nor a signal of a bus. */
function portsBeside({ domains, ports, managers, streams }: ClockedBuses, rtlPorts: RtlPort[]): RtlPort[] {
  const used = new Set([
    ...domains.flatMap(({ clocks, resets }) => [...clocks, ...resets.map(({ port }) => port)]),
    ...[...ports, ...managers, ...streams].flatMap(({ signals }) =>
      Object.values(signals).map((port) => port && wholeOf(port).name),
    ),
  ])
  return rtlPorts.filter(({ name }) => !used.has(name))
}

/** Throws where an input would be held at a value and may be something else. */
function checkHeld(config: ModelKeys, buses: ClockedBuses, unread: RtlPort[], otherInputs: RtlPort[]): void {
  const { domains, ports, managers, groups } = buses
  checkInputs(config, otherInputs)
  for (const bus of [...ports, ...managers]) askNearNames(config, bus, groups, unread)
  if (domains[0].resets.length === 0) askReset(config, otherInputs)
  askResets(config, domains, otherInputs)
}

/** What was left out of the buses, in words. */
function leftBeside({ ports, managers, groups, leftStreams, taken }: ClockedBuses, unread: RtlPort[]): string[] {
  const buses = [...ports, ...managers]
  return [
    ...taken.map(toClockNote),
    ...ports.flatMap(toTimingNotes),
    ...leftBuses(groups, buses),
    ...leftStreams,
    ...unreadBeside(buses, groups, unread),
  ]
}

function checkApart(top: string, role: string, name: string, buses: Pick<BusPort, 'name' | 'signals'>[]): void {
  const bus = buses.find(({ signals }) => Object.values(signals).some((port) => port && wholeOf(port).name === name))
  if (!bus) return
  throw new TraplineError('config', `${role} ${name} of ${top} is a signal of its bus ${bus.name}; name another port`)
}

/**
 * An active-low reset that is held at 0 is one for ever, so what has the name of one is not held without being asked
 * for.
 */
function askReset({ top, reset, inputs }: ModelKeys, otherInputs: RtlPort[]): void {
  if (reset === false) return
  const names = otherInputs.filter((port) => isBit(port) && hasResetWord(port.name)).map(({ name }) => name)
  const [first] = names.filter((name) => inputs[name] === undefined)
  if (first === undefined) return
  throw new TraplineError(
    'config',
    `${names.join(', ')} of ${top} may be its reset, and nothing tells its level; say --reset ${first}:low, ` +
      `--reset ${first}:high, ` +
      '--reset none if there is none, or the key "reset"',
  )
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

type Found = Pick<ModelDescription, 'domains' | 'ports' | 'managers' | 'streams' | 'interrupts' | 'loopbacks'>

function toNotes({ domains, ports, managers, streams, interrupts, loopbacks }: Found): string[] {
  const onClock = ({ domain = 0 }: ClockedPort) =>
    domains.length > 1 ? `, on ${domains[domain]?.clocks[0] ?? ''}` : ''
  return [
    ...domains.flatMap(toDomainNotes),
    ...(domains.some(({ resets }) => resets.length > 0) ? [] : ['no reset']),
    ...ports.map((port) => `port ${port.name}: ${toBusNote(port)}${onClock(port)}`),
    ...managers.map((port) => `manager ${port.name}: ${toBusNote(port)}${onClock(port)}`),
    ...streams.map((stream) => `stream ${stream.name}: ${toStreamNote(stream)}${onClock(stream)}`),
    ...interruptNotes(interrupts),
    ...loopbacks.map(({ input, output }) => `${output.name} looped back to ${input.name}`),
  ]
}

function toDomainNotes({ clocks, resets }: ClockDomain, index: number): string[] {
  const own = index === 0 ? '' : ' with a period of its own'
  const of = index === 0 ? '' : `, of ${clocks[0]}`
  return [
    ...clocks.map((port) => `clock ${port}${own}`),
    ...resets.map(({ port, active }) => `reset ${port} (active ${active}${of})`),
  ]
}

interface TakenClock {
  key: 'ports' | 'managers' | 'streams'
  bus: ClockedPort
  clock: string
}

function toClockNote({ key, bus, clock }: TakenClock): string {
  const what = key === 'streams' ? 'stream' : 'bus'
  return `${what} ${bus.name} is taken to run on ${clock} (if on another clock: the key "${key}.${bus.name}.clock")`
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

/** Bits of inputs that nothing drives though it drives others of the same port. */
function heldBits(buses: Pick<BusGroup | BusPort, 'signals'>[], loopbacks: Loopback[]): string[] {
  const ofBuses = buses.flatMap(({ signals }) =>
    signals instanceof Map ? [...signals.values()] : Object.values(signals),
  )
  const parts = [...ofBuses, ...loopbacks.map(({ input }) => input)].filter(
    (port) => port?.part !== undefined,
  ) as RtlPort[]
  const wholes = [...new Set(parts.map(wholeOf))].filter(({ direction }) => direction === 'input')
  return wholes.flatMap((whole) => {
    const own = parts.filter((part) => wholeOf(part) === whole)
    return unusedParts(whole, own).map(({ name }) => name)
  })
}

function listed(what: string, names: string[]): string[] {
  return names.length > 0 ? [`${what}: ${names.join(', ')}`] : []
}
