/**
 * What a bus without a standard, or with one that leaves it to a file beside the RTL, doesn't tell by its signals: what
 * its addresses count and when its read data are there. Pure.
 */
import { TraplineError } from '../ground/errors.js'
import { declaresCount } from './address-count.js'
import type { BusPort } from './bus-ports.js'
import type { BusTiming } from './bus-rules.js'
import { protocols } from './protocols.js'

function timingOf({ protocol, signals }: BusPort): BusTiming {
  return protocols[protocol].timingOf?.(signals) ?? { asked: [], possible: [] }
}

/** Throws all that is to be asked of a bus in one question, or what was answered and is no question. */
export function checkTiming(top: string, bus: BusPort): void {
  const { name, protocol, answers, dataWidth } = bus
  const { title, addressesCount, countsBytes } = protocols[protocol]
  const timing = timingOf(bus)
  const place = `bus ${name} of ${top}`
  const [useless] = (['readLatency', 'readWaitTime', 'writeWaitTime'] as const).filter(
    (key) => answers[key] !== undefined && !timing.possible.includes(key),
  )
  if (useless)
    throw new TraplineError(
      'config',
      `${place} (${title}) tells by its signals what ${useless} would say; leave it out`,
    )
  const isCountAsked = addressesCount === 'asked' && !declaresCount(bus) && !countsBytes?.(bus.signals)
  const unknown = timing.asked.filter((key) => answers[key] === undefined)
  const [address] = Object.entries(protocols[protocol].signals).flatMap(([signal, { role }]) =>
    role === 'address' ? (bus.signals[signal] ?? []) : [],
  )
  const questions = [
    ...(isCountAsked
      ? [`has addresses (${address?.name ?? ''}) that can count bytes or words of ${dataWidth / 8} bytes`]
      : []),
    ...(unknown.length > 0 ? ['has no signal that says when its read data are there'] : []),
  ]
  if (questions.length === 0) return
  const keys = [...(isCountAsked ? ['wordAddress'] : []), ...unknown]
  const source = timing.asIn
    ? ` as in ${timing.asIn}, 0 and 1 where that says nothing`
    : ' (0: in the cycle of the request)'
  const flags = [
    ...(isCountAsked ? ['--addresses bytes or words'] : []),
    ...(unknown.length > 0 ? [`${unknown.map((key) => `--bus ${key}=N`).join(' ')}${source}`] : []),
  ]
  throw new TraplineError(
    'config',
    `${place} ${questions.join(', and ')}; say ${flags.join(', and ')}, or the ${keys.length === 1 ? 'key' : 'keys'} ` +
      `${keys.join(', ')} of ports.${name}`,
  )
}

/** What is taken for granted of a bus, one phrase each. */
export function toTimingNotes(bus: BusPort): string[] {
  const { note } = timingOf(bus)
  if (note === undefined || bus.answers.readLatency !== undefined) return []
  return [
    `read data of bus ${bus.name} are taken ${note} (if N cycles later: --bus readLatency=N or the key "readLatency")`,
  ]
}
