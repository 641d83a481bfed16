/** What the signals of an excerpt mean: values at a time, and whether what a lane carries counts just then. */
import type { Excerpt, ExcerptSignal } from './result.js'

/** A stretch of one value. */
export interface Stretch {
  beginPs: number
  endPs: number
  value: string
  /** Nobody looks at it: its channel's VALID, or its select, is low. */
  isIdle: boolean
}

/** Drawn as high and low; the others as values. */
export function isLevel({ widthBits, changes }: ExcerptSignal): boolean {
  return (widthBits ?? 1) === 1 && changes.every(([, value]) => /^[01xz]$/.test(value))
}

/** Never the same for a whole cycle. */
export function isClock(signal: ExcerptSignal, { periodPs, cut }: Excerpt): boolean {
  const times = signal.changes.map(([ps]) => ps)
  const isOverCut = (ps: number) => cut !== undefined && ps >= cut.endPs && ps < cut.endPs + (periodPs ?? 0)
  const isSwift = times
    .slice(1)
    .every((ps, i) => periodPs !== undefined && (ps - (times[i] ?? 0) < periodPs || isOverCut(ps)))
  return isLevel(signal) && times.length > 2 && isSwift
}

/** Undefined before its first change. */
export function valueAt({ changes }: ExcerptSignal, ps: number): string | undefined {
  return changes.findLast(([at]) => at <= ps)?.[1]
}

/** Without gaps, from begin to end; what is not known yet is left out. */
export function toStretches(signal: ExcerptSignal, { beginPs, endPs, signals }: Excerpt): Stretch[] {
  const enable = enableOf(signal, signals)
  const times = [...signal.changes, ...(enable?.changes ?? [])].map(([ps]) => ps)
  const edges = [...new Set([beginPs, ...times, endPs])]
    .filter((ps) => ps >= beginPs && ps <= endPs)
    .sort((a, b) => a - b)
  const stretches: Stretch[] = []
  edges.slice(0, -1).forEach((from, i) => {
    const value = valueAt(signal, from)
    if (value === undefined) return
    const next = { beginPs: from, endPs: edges[i + 1] ?? endPs, value, isIdle: isLow(enable, from) }
    const last = stretches.at(-1)
    if (last && last.value === value && last.isIdle === next.isIdle) last.endPs = next.endPs
    else stretches.push(next)
  })
  return stretches
}

function isLow(enable: ExcerptSignal | undefined, ps: number): boolean {
  return enable !== undefined && valueAt(enable, ps) === '0'
}

const handshakes = /(valid|ready|sel|stb|cyc|ack|stall)$/

/**
 * The signal that says when this one counts: `awvalid` of `awaddr`, `a_valid` of `a_address`, `psel` of `pwdata`, by
 * the longest beginning that both have.
 */
function enableOf(signal: ExcerptSignal, signals: ExcerptSignal[]): ExcerptSignal | undefined {
  if (!signal.group || handshakes.test(signal.name)) return undefined
  const lane = signals.filter(({ group }) => group === signal.group)
  for (let length = signal.name.length; length > 0; length--) {
    const stem = signal.name.slice(0, length)
    const found = lane.find(({ name }) => ['valid', 'sel', 'stb'].some((ending) => name === stem + ending))
    if (found) return found
  }
  return undefined
}

/** A lane that says nothing from begin to end. */
export function isAsleep(stretches: Stretch[]): boolean {
  return stretches.length <= 1 || stretches.every(({ isIdle }) => isIdle)
}
