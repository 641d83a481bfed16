/** Ports that look like a bus which lacks something: what they look like, and what would make a bus of them. Pure. */
import { freeReading, gather } from './bus-groups.js'
import { type BusGroup, isManager, missingSignals, protocolOf, toBusPort } from './bus-ports.js'
import { nearNames } from './near-names.js'
import { portsOf } from './port-parts.js'
import { protocols } from './protocols.js'
import type { RtlPort } from './rtl-netlist.js'

/** The likeliest first, none of them of ports of another; at most three. */
export function nearBuses(rtlPorts: RtlPort[]): BusGroup[] {
  const candidates = gather(rtlPorts, freeReading)
    .map(withoutStrangers)
    .filter((group) => group.signals.size >= 3 && !isManager(group) && foundShare(group) > 0.5)
  const taken = new Set<RtlPort>()
  const apart = candidates
    .sort((a, b) => foundShare(b) - foundShare(a) || b.signals.size - a.signals.size)
    .filter((group) => {
      const own = [...portsOf([group])]
      const isApart = !own.some((port) => taken.has(port))
      for (const port of isApart ? own : []) taken.add(port)
      return isApart
    })
  return apart.slice(0, 3)
}

export interface BusHint {
  /** There are several, so that what is said has to name the bus. */
  needsName: boolean
}

/** `cfg_addr, cfg_we, cfg_wdata and 3 more look like Wishbone classic with prefix cfg, which lacks ack; …` */
export function nearBusSentence(group: BusGroup, rtlPorts: RtlPort[], { needsName }: BusHint): string {
  const names = [...group.signals.values()].map(({ name }) => name)
  const shown = names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
  const affix = group.prefix ? ` with prefix ${group.prefix}` : group.suffix ? ` with suffix ${group.suffix}` : ''
  const missing = missingSignals(group)
  const hint =
    missing.length > 0 ? `, which lacks ${missing.join(', ')}; ${mapHint(group, rtlPorts, { needsName })}` : ''
  return `${shown} look like ${protocols[protocolOf(group)].title}${affix}${hint}`
}

/** How to say which ports are the signals that a bus lacks; a port that is likely to be one is written out. */
export function mapHint(group: BusGroup, rtlPorts: RtlPort[], { needsName }: BusHint): string {
  const taken = portsOf([group])
  const near = nearNames(
    toBusPort(group),
    [],
    rtlPorts.filter((port) => !taken.has(port)),
  )
  const entries = missingSignals(group).map(
    (signal) => [signal, near.find((name) => name.signal === signal)?.port.name ?? 'PORT'] as const,
  )
  const flags = entries.map(([signal, port]) => `--signal ${signal}=${port}`).join(' ')
  const map = entries.map(([signal, port]) => `${signal}: '${port}'`).join(', ')
  const name = needsName ? `--port ${group.name} ` : ''
  const other = entries.length === 1 ? 'it has another name' : 'they have other names'
  return `if ${other}, say ${name}${flags} or the key ports.${group.name}.signals: { ${map} }`
}

/** Without what has another direction than it would have where Trapline drives the bus. */
function withoutStrangers(group: BusGroup): BusGroup {
  const rules = protocols[protocolOf(group)].signals
  const fits = ([signal, { direction }]: [string, RtlPort]) =>
    direction === (rules[signal]?.driver === 'manager' ? 'input' : 'output')
  return { ...group, signals: new Map([...group.signals].filter(fits)) }
}

/** How much of what the bus needs is there. */
function foundShare(group: BusGroup): number {
  const required = Object.values(protocols[protocolOf(group)].signals).filter((rule) => rule.required).length
  return 1 - missingSignals(group).length / required
}
