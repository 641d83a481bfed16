/** Reads the names of ports as signals of buses. Pure. */
import type { BusFamily } from './bus-rules.js'
import { bare } from './port-names.js'
import { families } from './protocols.js'
import type { PortDirection } from './rtl-netlist.js'

export interface BusName {
  family: BusFamily
  /** As in the RTL, without the underscore that follows it; may be empty. */
  prefix: string
  /** As in the tables of `buses/`. */
  signal: string
}

/** Reads a port name as prefix and bus signal, in every family where it makes sense. */
export function toBusNames(name: string, direction: PortDirection): BusName[] {
  const text = bare(name, direction)
  const start = text === name.toLowerCase().slice(0, text.length) ? 0 : 2
  return families.flatMap((family) => {
    const match = family.pattern.exec(text)
    if (!match) return []
    const prefix = name.slice(start, start + (match[1] ?? '').length)
    return [{ family, prefix, signal: family.toSignal(match[2] ?? '', direction) }]
  })
}
