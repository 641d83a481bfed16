/** Buses by what the configuration says of their signals: some under other names, or all of them. Pure. */
import type { ModelConfig, PortProtocol } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { freeReading, gather } from './bus-groups.js'
import { type BusGroup, missingSignals, protocolOf } from './bus-ports.js'
import type { BusFamily } from './bus-rules.js'
import { portNamed } from './port-parts.js'
import { list } from './port-questions.js'
import { families, protocols } from './protocols.js'
import type { RtlPort } from './rtl-netlist.js'

export type SignalMap = NonNullable<ModelConfig['ports']>[string]['signals']

/** Words for where the map stands. */
interface MapOwner {
  top: string
  name: string
  protocol: PortProtocol | undefined
}

/** The group with the ports that the configuration says are its signals, and without those that it says are none. */
export function withSignals(top: string, group: BusGroup, chosen: SignalMap, rtlPorts: RtlPort[]): BusGroup {
  const place = (signal: string) => `signal ${signal} of bus ${group.name} of ${top}`
  const signals = new Map(group.signals)
  for (const [signal, name] of Object.entries(chosen)) {
    const port = name === false ? undefined : portNamed(rtlPorts, name)
    if (name !== false && !port)
      throw new TraplineError('config', `${place(signal)}: ${name} is not among the ports of ${top}`)
    if (port) signals.set(signal, port)
    else signals.delete(signal)
  }
  const mapped = { ...group, signals }
  const known = Object.keys(protocols[protocolOf(mapped)].signals)
  const unknown = Object.keys(chosen).find((signal) => !known.includes(signal))
  if (unknown !== undefined)
    throw new TraplineError('config', `${place(unknown)}: there is none of that name (${list('signals', known)})`)
  checkApart(top, mapped, chosen)
  return mapped
}

/**
 * A port that is named as one signal and found as another is the one that it is named as, if the bus can do without the
 * other.
 */
function checkApart(top: string, { name, signals }: BusGroup, chosen: SignalMap): void {
  for (const signal of Object.keys(chosen)) {
    const port = signals.get(signal)
    const other = [...signals].find(([key, candidate]) => key !== signal && candidate === port)
    if (port && other)
      throw new TraplineError(
        'config',
        `${port.name} of ${top} can't be both ${signal.toUpperCase()} and ${other[0].toUpperCase()} of bus ${name}; ` +
          `say which port is its ${other[0].toUpperCase()}, too (signals: { ${other[0]}: 'PORT' }, or false for none)`,
      )
  }
}

/** Whether a bus of this family has all the signals that are named. */
export function knowsSignals({ protocolsOf }: { protocolsOf: PortProtocol[] }, chosen: SignalMap): boolean {
  return protocolsOf.some((name) => Object.keys(chosen).every((signal) => signal in protocols[name].signals))
}

/** The protocols of a family: those that it takes their own signals for. */
export function protocolsOf(family: BusFamily): PortProtocol[] {
  return (Object.keys(protocols) as PortProtocol[]).filter((name) => isOwn(family, name))
}

function isOwn(family: BusFamily, name: PortProtocol): boolean {
  const signals = Object.entries(protocols[name].signals).map(([signal, { driver, width }]) => {
    const direction = driver === 'manager' ? 'input' : 'output'
    const bits = width({ address: 12, data: 32, id: 4 })
    return [signal, { name: signal, direction, shape: 'vector', width: bits, dimensions: [] } as RtlPort] as const
  })
  const group = new Map(signals)
  return family.isBus((signal) => group.has(signal), group) && family.protocolOf(group) === name
}

/**
 * What the map makes of ports that form no bus by their names: those of its prefix that have names of signals, and
 * those that it names. One group per family that fits the protocol and all names of the map.
 */
export function mappedGroups(
  { name, protocol }: Omit<MapOwner, 'top'>,
  chosen: SignalMap,
  rtlPorts: RtlPort[],
): BusGroup[] {
  const named = new Set(Object.values(chosen))
  const others = rtlPorts.filter((port) => !named.has(port.name))
  const found = gather(others, { ...freeReading, isUsual: true }).filter(
    (group) => group.name.toLowerCase() === name.toLowerCase(),
  )
  return families
    .filter((family) => {
      const own = protocolsOf(family)
      return (protocol === undefined || own.includes(protocol)) && knowsSignals({ protocolsOf: own }, chosen)
    })
    .map((family) => found.find((group) => group.family === family) ?? emptyGroup(family, name, rtlPorts))
}

function emptyGroup(family: BusFamily, name: string, rtlPorts: RtlPort[]): BusGroup {
  const isPrefix = rtlPorts.some((port) => port.name.toLowerCase().startsWith(`${name.toLowerCase()}_`))
  return { family, name, prefix: isPrefix ? name : '', suffix: '', isUsual: true, signals: new Map(), doubles: [] }
}

/** The bus that a map makes; throws the sentence for a map that makes none, or that can make several. */
export function mappedBus(
  { top, name, protocol }: MapOwner,
  chosen: SignalMap,
  rtlPorts: RtlPort[],
): BusGroup | undefined {
  if (Object.keys(chosen).length === 0) return undefined
  const candidates = mappedGroups({ name, protocol }, chosen, rtlPorts)
  if (candidates.length === 0) {
    const what = protocol ? `${protocols[protocol].title} has not` : 'no bus that Trapline speaks has'
    throw new TraplineError(
      'config',
      `bus ${name} of ${top}: ${what} all of the signals ${Object.keys(chosen).join(', ')}`,
    )
  }
  const mapped = candidates.map((group) => withSignals(top, group, chosen, rtlPorts))
  const whole = mapped.filter((group) => missingSignals(group).length === 0)
  const [only, ...others] = whole.length > 0 ? whole : mapped
  if (!only || others.length > 0) {
    const names = [...new Set([only, ...others].flatMap((group) => (group ? [protocolOf(group)] : [])))]
    throw new TraplineError(
      'config',
      `bus ${name} of ${top} can be ${names.map((own) => `'${own}'`).join(' or ')} by the names of its signals; ` +
        `say which with --protocol or the key ports.${name}.protocol`,
    )
  }
  return only
}
