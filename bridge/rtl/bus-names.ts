/** Reads the names of ports as signals of buses. Pure. */
import type { BusFamily } from './bus-rules.js'
import { freeReadings, withoutDirection } from './port-names.js'
import { families } from './protocols.js'
import type { PortDirection } from './rtl-netlist.js'

export interface BusName {
  family: BusFamily
  /** As in the RTL, without the underscore that follows it; may be empty. */
  prefix: string
  /** Likewise, without the underscore before it. */
  suffix: string
  /** As in the tables of `buses/`. */
  signal: string
}

/** Reads a port name as prefix and bus signal, in every family where it makes sense. */
export function toBusNames(name: string, direction: PortDirection): BusName[] {
  return read(withoutDirection(name, direction), '', direction, families)
}

/** Of the others a word at the end is a level: `read_n`. */
const free = families.filter(({ isExact }) => !isExact)

/**
 * The same more freely, the usual readings among them: with something after the signal, or odd words for a direction.
 */
export function toFreeBusNames(name: string, direction: PortDirection): BusName[] {
  return freeReadings(name, direction).flatMap((text) =>
    cuts(text).flatMap(([head, suffix]) => read(head, suffix, direction, free)),
  )
}

/** A text whole, and without one word, two words or a number at its end: `awaddr_s0`, `paddr_cpu_s`, `awaddr1`. */
function cuts(text: string): [string, string][] {
  const suffixes = [/_([^_]+)$/, /_([^_]+_[^_]+)$/, /([0-9]+)$/].flatMap((pattern) => {
    const match = pattern.exec(text)
    return match ? [[text.slice(0, match.index), match[1] ?? ''] as [string, string]] : []
  })
  return [[text, ''], ...suffixes]
}

function read(text: string, suffix: string, direction: PortDirection, among: BusFamily[]): BusName[] {
  return among.flatMap((family) => {
    const match = family.pattern.exec(text.toLowerCase())
    if (!match) return []
    const prefix = text.slice(0, (match[1] ?? '').length)
    return [{ family, prefix, suffix, signal: family.toSignal(match[2] ?? '', direction) }]
  })
}
