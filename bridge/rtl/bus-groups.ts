/** Gathers the RTL's ports as signals of buses by their prefix, and says which gatherings are buses. Pure. */
import { type BusName, toBusNames, toFreeBusNames } from './bus-names.js'
import {
  type BusGroup,
  directionOf,
  missingSignals,
  protocolOf,
  whyDirectionOrShape,
  whyNotConnected,
} from './bus-ports.js'
import { portsOf, wholeOf } from './port-parts.js'
import { toSingleBuses } from './bus-vectors.js'
import { protocols } from './protocols.js'
import type { PortDirection, RtlPort } from './rtl-netlist.js'

/**
 * The buses that the ports' names form. Names are read more freely only for ports that are no signals of a whole bus
 * by the usual reading, so that nothing is a second bus of what has been one, and only where that makes a bus whole.
 */
export function toBusGroups(ports: RtlPort[]): BusGroup[] {
  const usual = gather(ports, usualReading).filter(isBus).map(withoutStrays).flatMap(toSingleBuses)
  const whole = usual.filter((group) => !whyNotConnected(group))
  const taken = portsOf(whole)
  const left = ports.filter((port) => !taken.has(port))
  const free = largestFirst(
    toFreeGroups(left).filter((group) => missingSignals(group).length === 0 && !whyDirectionOrShape(group)),
  )
  const freed = portsOf(free)
  const kept = usual.filter((group) => ![...group.signals.values()].some((port) => freed.has(wholeOf(port))))
  return [...kept, ...free]
}

/** All that could be buses if their ports' names are read freely, and that may lack signals. */
export function toFreeGroups(ports: RtlPort[]): BusGroup[] {
  return gather(ports, freeReading).filter(isBus).map(withoutStrays).flatMap(toSingleBuses)
}

/** How the names of ports are read. */
export interface NameReading {
  read(name: string, direction: PortDirection): BusName[]
  /** What it finds is a bus by its names alone. */
  isUsual: boolean
}

const usualReading: NameReading = { read: toBusNames, isUsual: true }
export const freeReading: NameReading = { read: toFreeBusNames, isUsual: false }

/** Ports that share a prefix as signals of a family, bus or not. */
export function gather(ports: RtlPort[], { read, isUsual }: NameReading): BusGroup[] {
  const groups = new Map<string, BusGroup>()
  for (const port of ports)
    for (const { family, prefix, suffix, signal } of read(port.name, port.direction)) {
      const key = [family.name, prefix, suffix].join(' ').toLowerCase()
      const name = [prefix, suffix].filter(Boolean).join('_') || family.name
      const group: BusGroup = groups.get(key) ?? {
        family,
        prefix,
        suffix,
        isUsual,
        name,
        signals: new Map(),
        doubles: [],
      }
      groups.set(key, group)
      const first = group.signals.get(signal)
      if (!first) group.signals.set(signal, port)
      else if (first !== port && first.direction === port.direction) group.doubles.push([signal, port])
    }
  return [...groups.values()]
}

function isBus({ family, signals }: BusGroup): boolean {
  return family.isBus((signal) => signals.has(signal), signals)
}

/** Without those that are made of signals of larger ones. */
function largestFirst(groups: BusGroup[]): BusGroup[] {
  const taken = new Set<RtlPort>()
  const sorted = [...groups].sort((a, b) => b.signals.size - a.signals.size)
  return sorted.filter(({ signals }) => {
    const isFree = ![...signals.values()].some((port) => taken.has(port))
    for (const port of isFree ? signals.values() : []) taken.add(port)
    return isFree
  })
}

/** Generators leave an input where nothing drives an optional output: whatever that is, it is no signal of the bus. */
function withoutStrays(group: BusGroup): BusGroup {
  const rules = protocols[protocolOf(group)].signals
  const isStray = ([signal, { direction }]: [string, RtlPort]) =>
    rules[signal]?.required === false && direction !== directionOf(group, rules[signal])
  return { ...group, signals: new Map([...group.signals].filter((entry) => !isStray(entry))) }
}
