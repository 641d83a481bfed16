/**
 * Vectors of buses: N buses of one kind whose signals are arrays of N elements, or vectors of N times the bits. What
 * tells N are the signals that one bus has one bit of. Pure.
 */
import { type BusGroup, protocolOf } from './bus-ports.js'
import type { SignalRule } from './bus-rules.js'
import { divisionOf } from './port-parts.js'
import { protocols } from './protocols.js'
import type { RtlPort } from './rtl-netlist.js'

/** The buses of a vector, named by index; what is no vector as it is. */
export function toSingleBuses(group: BusGroup): BusGroup[] {
  const count = countOf(group)
  if (count === undefined) return [group]
  const buses = Array.from({ length: count }, (_, i) => elementOf(group, count, i))
  return buses.every((bus) => bus !== undefined) ? buses : [group]
}

function elementOf(group: BusGroup, count: number, ordinal: number): BusGroup | undefined {
  const entries = [...group.signals].map(([signal, port]) => [signal, divisionOf(port, count, ordinal)] as const)
  const signals = new Map(entries.flatMap(([signal, part]) => (part ? [[signal, part] as const] : [])))
  if (signals.size < entries.length) return undefined
  return { ...group, name: count === 1 ? group.name : `${group.name}[${ordinal}]`, signals, doubles: [] }
}

/** How many buses these signals are; undefined if they are one, plainly. APB's PSEL alone may have several bits. */
function countOf(group: BusGroup): number | undefined {
  const rules = Object.entries(protocols[protocolOf(group)].signals)
  const flags = rules
    .filter(([, rule]) => rule.required && hasOneBit(rule))
    .flatMap(([name]) => group.signals.get(name) ?? [])
  const counts = new Set(flags.map(elementCount))
  const [count] = counts
  return counts.size === 1 ? count : undefined
}

/** Of a signal that has one bit per bus; undefined for a plain bit. */
function elementCount({ shape, width, dimensions }: RtlPort): number | undefined {
  if (shape === 'array' && width === 1 && dimensions.length === 1) return dimensions[0]
  return shape === 'vector' && width > 1 ? width : undefined
}

function hasOneBit(rule: SignalRule): boolean {
  return [8, 64].every((width) => rule.width({ address: width, data: width, id: width }) === 1)
}
