/**
 * Signals that stand beside a bus that was found, under its prefix, and that nobody drives or reads: a missing signal
 * of the bus under an odd name (PWSTRB for PSTRB) loses writes or errors without a word. Pure.
 */
import { editDistance } from '../ground/edit-distance.js'
import { type BusGroup, type BusPort, signalWidth } from './bus-ports.js'
import type { SignalRule } from './bus-rules.js'
import { freeReadings, withoutDirection } from './port-names.js'
import { protocols } from './protocols.js'
import type { RtlPort } from './rtl-netlist.js'

/** A port that may be the signal which its bus lacks. */
export interface NearName {
  port: RtlPort
  bus: BusPort
  signal: string
}

/** Those of `rest` that stand under the prefix of this bus, and not under the longer one of another. */
export function besideBus(bus: BusPort, groups: BusGroup[], rest: RtlPort[]): RtlPort[] {
  const longer = groups.filter(({ prefix }) => prefix.length > bus.prefix.length)
  return rest.filter(
    (port) => roleOf(port, bus) !== undefined && !longer.some((group) => roleOf(port, group) !== undefined),
  )
}

type BusAffixes = Pick<BusGroup, 'prefix' | 'suffix' | 'isUsual'>

/** What stands between prefix and suffix in a port's name, without underscores; undefined if it has others. */
function roleOf({ name, direction }: RtlPort, { prefix, suffix, isUsual }: BusAffixes): string | undefined {
  const texts = isUsual ? [withoutDirection(name, direction)] : freeReadings(name, direction)
  const [before, after] = [prefix.toLowerCase(), suffix.toLowerCase()]
  for (const text of texts.map((reading) => reading.toLowerCase())) {
    if (!text.startsWith(before) || !text.endsWith(after)) continue
    const role = text.slice(before.length, text.length - after.length)
    if (before !== '' && !role.startsWith('_')) continue
    if (after === '' || role.endsWith('_') || /^[0-9]/.test(after)) return role.replaceAll('_', '')
  }
  return undefined
}

/** Ports beside a bus that are likely to be a signal which it lacks and needs. */
export function nearNames(bus: BusPort, groups: BusGroup[], rest: RtlPort[]): NearName[] {
  return besideBus(bus, groups, rest).flatMap((port) => {
    const role = roleOf(port, bus) ?? ''
    const found = Object.entries(protocols[bus.protocol].signals).find(([signal, rule]) => {
      const direction = (rule.driver === 'manager') === bus.isManager ? 'output' : 'input'
      const fits = port.direction === direction && port.shape === 'vector' && port.width === signalWidth(bus, rule)
      return (
        fits &&
        !bus.signals[signal] &&
        !rule.meaningless &&
        isNear(role, [signal, rule], bus.prefix === '' && bus.suffix === '')
      )
    })
    return found ? [{ port, bus, signal: found[0] }] : []
  })
}

/** Without a prefix every port of the module stands beside the bus, so that only letters count. */
function isNear(role: string, [signal, { likeNames }]: [string, SignalRule], withoutPrefix: boolean): boolean {
  if (signal.length >= 3 && role.length >= 3 && editDistance(role, signal) <= (signal.length < 6 ? 1 : 2)) return true
  return !withoutPrefix && (likeNames?.test(role) ?? false)
}
