/**
 * Decides which buses of the RTL Trapline drives, and which the RTL drives itself and Trapline serves: as configured,
 * else those that are found. It never chooses between two that it could drive.
 */
import type { ModelConfig, PortConfig, PortProtocol } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { checkCount } from './address-count.js'
import {
  type BusAnswers,
  type BusGroup,
  type BusPort,
  isManager,
  missingSignals,
  protocolOf,
  toBusPort,
  whyNotConnected,
  whyNotDriven,
} from './bus-ports.js'
import { checkTiming } from './bus-timing.js'
import { type BusHint, mapHint, nearBuses, nearBusSentence } from './near-buses.js'
import { nearNames } from './near-names.js'
import { portsOf } from './port-parts.js'
import { ambiguous, list } from './port-questions.js'
import { protocols } from './protocols.js'
import { knowsSignals, mappedBus, protocolsOf, withSignals } from './signal-map.js'
import type { RtlPort } from './rtl-netlist.js'

type ModelBusKeys = Pick<ModelConfig, 'top' | 'ports' | 'managers' | 'inputs'>

type Mapped = Pick<PortConfig, 'protocol' | 'signals'>

/** Stands for the name of the only bus. */
const theOnly = '*'

/** The RTL's ports, and the buses that their names form. */
export interface RtlBuses {
  groups: BusGroup[]
  rtlPorts: RtlPort[]
}

/** The buses that Trapline drives, in the order of their index. */
export function findDriven(config: ModelBusKeys, { groups, rtlPorts }: RtlBuses): BusPort[] {
  const { top, ports } = config
  const entries = Object.entries<BusAnswers & Pick<PortConfig, 'signals' | 'protocol'>>(
    ports ?? { [theOnly]: { signals: {} } },
  )
  const named = entries.map(([name]) => name.replace(/_+$/, '').toLowerCase())
  return entries.map(([name, keys]) => {
    if (name === theOnly) {
      const others = groups.filter((group) => !named.includes(group.name.toLowerCase()))
      const only = findPort(top, keys, { groups: others, rtlPorts })
      askDoubles(config, only, keys.signals)
      return counted(top, toBusPort(only, keys))
    }
    const group = configuredGroup(top, name, keys, { groups, rtlPorts })
    const reason = whyNotDriven(group)
    if (reason) throw new TraplineError('config', `port ${name} of ${top} ${reason}`)
    askDoubles(config, group, keys.signals)
    return counted(top, { ...toBusPort(group, keys), name })
  })
}

function counted(top: string, bus: BusPort): BusPort {
  checkCount(top, bus)
  checkSelect(top, bus)
  checkTiming(top, bus)
  return bus
}

/** A decoder's select has a bit for each device behind it, and the address doesn't tell which. */
function checkSelect(top: string, { name, protocol, signals, answers }: BusPort): void {
  const rules = Object.entries(protocols[protocol].signals).filter(([, { role }]) => role === 'select')
  const [select] = rules.flatMap(([signal]) => signals[signal] ?? [])
  const count = select?.width ?? 1
  if (answers.select === undefined ? count > 1 : answers.select >= count)
    throw new TraplineError(
      'config',
      `bus ${name} of ${top} selects ${count} ${count === 1 ? 'device' : 'devices'} ` +
        `(${select?.name ?? 'no select'}); say which one with --bus select=0 to ${count - 1}, or the key ` +
        `ports.${name}.select`,
    )
}

/** The buses that the RTL drives, in the order of their index; those that can't be served are named elsewhere. */
export function findManagers({ top, managers }: ModelBusKeys, { groups, rtlPorts }: RtlBuses): BusPort[] {
  if (!managers)
    return groups.filter((group) => isManager(group) && !whyNotConnected(group)).map((group) => toBusPort(group))
  return Object.entries(managers).map(([name, { protocol, signals }]) => {
    const group = configuredGroup(top, name, { protocol, signals }, { groups, rtlPorts })
    const reason = isManager(group) ? whyNotConnected(group) : 'is not driven by the RTL; name it in "ports"'
    if (reason) throw new TraplineError('config', `manager ${name} of ${top} ${reason}`)
    return { ...toBusPort(group), name }
  })
}

/** Asks which of two ports is a signal that both have the name of, unless the configuration says it. */
function askDoubles(
  { top, inputs }: ModelBusKeys,
  { name, signals, doubles }: BusGroup,
  chosen: PortConfig['signals'],
): void {
  for (const [signal, port] of doubles) {
    const first = signals.get(signal)
    const isSaid = chosen[signal] !== undefined || inputs[port.name] !== undefined
    if (isSaid || !first || inputs[first.name] !== undefined) continue
    throw new TraplineError(
      'config',
      `${first.name} and ${port.name} of ${top} can each be the ${signal.toUpperCase()} of bus ${name}; say ` +
        `which with --signal ${signal}=${first.name} or the key ports.${name}.signals: { ${signal}: '${first.name}' }`,
    )
  }
}

/** Asks for every port that is likely to be a signal which its bus lacks, unless the configuration says what it is. */
export function askNearNames(config: ModelBusKeys, bus: BusPort, groups: BusGroup[], rest: RtlPort[]): void {
  const { top, inputs, ports, managers } = config
  const keys = bus.isManager ? managers?.[bus.name] : (ports?.[bus.name] ?? ports?.[theOnly])
  const [near] = nearNames(bus, groups, rest).filter(
    ({ port, signal }) => inputs[port.name] === undefined && keys?.signals[signal] === undefined,
  )
  if (!near) return
  const { port, signal } = near
  const key = (value: string) => `${bus.isManager ? 'managers' : 'ports'}.${bus.name}.signals: { ${signal}: ${value} }`
  const flags = bus.isManager ? '' : `--signal ${signal}=${port.name} (--signal ${signal}= if not), or `
  throw new TraplineError(
    'config',
    `${port.name} of ${top} may be the ${signal.toUpperCase()} that bus ${bus.name} ` +
      `(${protocols[bus.protocol].title}) lacks; say ${flags}${key(`'${port.name}'`)} (false if not)`,
  )
}

/** Buses that were found and that are neither driven nor served, and why; one phrase each. */
export function leftBuses(groups: BusGroup[], used: BusPort[]): string[] {
  const connected = new Set(used.flatMap(({ signals }) => Object.values(signals)))
  const left = groups.filter(({ signals }) => ![...signals.values()].some((port) => connected.has(port)))
  return left.map((group) =>
    isManager(group)
      ? `manager ${group.name} is not served: it ${whyNotConnected(group) ?? 'is not among "managers"'}`
      : `bus ${group.name} is not driven: it ${whyNotDriven(group) ?? 'is not among "ports"'}`,
  )
}

/** The bus of a configured prefix, or what its map makes one, with the signals that the configuration names. */
function configuredGroup(
  top: string,
  configured: string,
  { protocol, signals }: Mapped,
  { groups, rtlPorts }: RtlBuses,
): BusGroup {
  const prefix = configured.replace(/_+$/, '').toLowerCase()
  // A vector of one bus may be named as its element.
  const found = groups.filter(({ name }) => [name.toLowerCase(), `${name.toLowerCase()}[0]`].includes(prefix))
  const byName = found.find((candidate) => protocolOf(candidate) === protocol) ?? found[0]
  const group = byName
    ? withSignals(top, byName, signals, rtlPorts)
    : mappedBus({ top, name: configured, protocol }, signals, rtlPorts)
  if (!group) throw noBusOf(top, configured, { groups, rtlPorts })
  const actual = protocolOf(group)
  if (!isNamed(group, protocol))
    throw new TraplineError(
      'config',
      `bus ${configured} of ${top} is ${protocols[actual].title}, not ${protocols[protocol as PortProtocol].title}; ` +
        `say protocol: '${actual}', or leave it out`,
    )
  return group
}

/** Which kind of Wishbone is a question of STALL alone; who says Wishbone means either. */
function isNamed(group: BusGroup, protocol: PortProtocol | undefined): boolean {
  const actual = protocolOf(group)
  return protocol === undefined || protocol === actual || (protocol === 'wishbone' && actual === 'wishbone-pipelined')
}

function noBusOf(top: string, configured: string, { groups, rtlPorts }: RtlBuses): TraplineError {
  const prefixes = list(
    'prefixes',
    groups.map(({ name }) => name),
  )
  const near = nearBuses(withoutBuses(groups, rtlPorts)).find(
    ({ name }) => name.toLowerCase() === configured.replace(/_+$/, '').toLowerCase(),
  )
  const hint = near ? `: ${nearBusSentence(near, rtlPorts, { needsName: true })}` : ` (${prefixes}); ${mapAll}`
  return new TraplineError('config', `${top} has no bus with the signal prefix ${configured}${hint}`)
}

/** Ports that are no signals of buses which are whole. */
function withoutBuses(groups: BusGroup[], rtlPorts: RtlPort[]): RtlPort[] {
  const taken = portsOf(groups.filter((group) => missingSignals(group).length === 0))
  return rtlPorts.filter((port) => !taken.has(port))
}

const mapAll =
  'a bus under other names is mapped with --protocol NAME and --signal SIGNAL=PORT for each signal, or by the ' +
  'keys "protocol" and "signals" in "ports"'

function findPort(top: string, { protocol, signals }: Mapped, buses: RtlBuses): BusGroup {
  const { rtlPorts } = buses
  const candidates = toCandidates(top, signals, buses).filter((group) => isManager(group) || isNamed(group, protocol))
  const drivable = candidates.filter((group) => !whyNotDriven(group))
  // What no standard describes is looked at only where nothing else is there to be driven.
  const standards = candidates.filter((group) => !group.family.isNative && group.isUsual && !isManager(group))
  const described = standards.length > 0 ? drivable.filter(({ family }) => !family.isNative) : drivable
  const usual = described.filter(({ isUsual }) => isUsual)
  const [first, ...others] = usual.length > 0 ? usual : described
  if (others.length > 0)
    throw ambiguous(
      'port',
      top,
      [first, ...others].flatMap((group) => group?.name ?? []),
    )
  const only = first ?? mapOfOnly(top, { protocol, signals }, buses)
  if (!only)
    throw new TraplineError('config', `${top} has no bus that Trapline can drive: ${whyNone(candidates, rtlPorts)}`)
  return only
}

/**
 * What is said of the signals of one bus is not said of the RTL's other ones, nor of those that have no such signals.
 */
function toCandidates(top: string, signals: PortConfig['signals'], { groups, rtlPorts }: RtlBuses): BusGroup[] {
  const driven = groups.filter((group) => !isManager(group))
  const knowing = driven.filter(({ family }) => knowsSignals({ protocolsOf: protocolsOf(family) }, signals))
  return groups.flatMap((group) => {
    if (isManager(group)) return [group]
    if (knowing.length > 0 && !knowing.includes(group)) return []
    return [withSignals(top, group, signals, rtlPorts)]
  })
}

/** The bus that is whole with the signals which are named for the only one, where names alone make none. */
function mapOfOnly(top: string, { protocol, signals }: Mapped, { rtlPorts }: RtlBuses): BusGroup | undefined {
  if (Object.keys(signals).length === 0) return undefined
  const near = nearBuses(rtlPorts)
    .filter(({ family }) => knowsSignals({ protocolsOf: protocolsOf(family) }, signals))
    .map((group) => withSignals(top, group, signals, rtlPorts))
    .filter((group) => isNamed(group, protocol) && !whyNotDriven(group))
  if (near.length > 1)
    throw ambiguous(
      'port',
      top,
      near.map(({ name }) => name),
    )
  if (near[0]) return near[0]
  const mapped = mappedBus({ top, name: 'bus', protocol }, signals, rtlPorts)
  const reason = mapped && whyNotDriven(mapped)
  if (reason) throw new TraplineError('config', `the bus of ${top} that --signal or ports.*.signals names ${reason}`)
  return mapped
}

function whyNone(groups: BusGroup[], rtlPorts: RtlPort[]): string {
  if (groups.length > 0)
    return groups.map((group) => whyNotThis(group, rtlPorts, { needsName: groups.length > 1 })).join('; ')
  const structs = rtlPorts.filter(({ shape }) => shape === 'struct').map(({ name }) => name)
  if (structs.length > 0)
    return (
      `${structs.join(', ')} ${structs.length === 1 ? 'is a struct' : 'are structs'}, and plain vectors or ` +
      `packed structs are needed`
    )
  const near = nearBuses(rtlPorts)
  if (near.length > 0)
    return near.map((group) => nearBusSentence(group, rtlPorts, { needsName: near.length > 1 })).join('; ')
  return (
    `none of its ports is named as awaddr, wdata, rdata and the others are, or as those of another bus, ` +
    `with any prefix; ${mapAll}`
  )
}

function whyNotThis(group: BusGroup, rtlPorts: RtlPort[], hint: BusHint): string {
  const reason = `${group.name} ${whyNotDriven(group) ?? ''}`
  const isMapped = !isManager(group) && missingSignals(group).length > 0
  return isMapped ? `${reason}; ${mapHint(group, rtlPorts, hint)}` : reason
}
