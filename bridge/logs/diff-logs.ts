/**
 * Where two access logs part: walks both side by side and holds only the few records around the place where it stands.
 */
import type { LogEntry } from './log-record.js'

/** What can differ between two accesses, or bursts of the RTL, that stand at the same place of their logs. */
export type Difference =
  'operation' | 'place' | 'width' | 'enables' | 'packet' | 'value' | 'status' | 'timing' | 'order' | 'end'

export interface Divergence {
  /** Both logs have them: the last accesses before they part. */
  before: LogEntry[]
  /** A side is absent where its log has ended. */
  a: LogEntry | undefined
  b: LogEntry | undefined
  differences: Difference[]
}

export interface Comparison {
  /** How many accesses at the start are the same. */
  same: number
  divergence: Divergence | undefined
}

export interface DiffOptions {
  /** Accesses differ, too, if they are made or answered in other cycles. */
  comparesTiming?: boolean
}

const mostBefore = 3
/** So far ahead an access that is missing here is looked for. */
const lookAhead = 16

export async function diffLogs(
  a: AsyncIterator<LogEntry>,
  b: AsyncIterator<LogEntry>,
  { comparesTiming = false }: DiffOptions = {},
): Promise<Comparison> {
  const before: LogEntry[] = []
  for (let same = 0; ; same++) {
    const [left, right] = [await take(a), await take(b)]
    if (!left && !right) return { same, divergence: undefined }
    const differences = await explain({ left, right, comparesTiming }, a, b)
    if (differences.length > 0 || !left) return { same, divergence: { before, a: left, b: right, differences } }
    before.push(left)
    if (before.length > mostBefore) before.shift()
  }
}

/** What stands at the same place of both logs. */
interface Pair {
  left: LogEntry | undefined
  right: LogEntry | undefined
  comparesTiming: boolean
}

/** The logs go on behind the pair. */
async function explain(
  { left, right, comparesTiming }: Pair,
  a: AsyncIterator<LogEntry>,
  b: AsyncIterator<LogEntry>,
): Promise<Difference[]> {
  if (!left || !right) return ['end']
  const differences = compare(left, right, { comparesTiming })
  if (!differences.some((difference) => ['operation', 'place', 'width'].includes(difference))) return differences
  const isReordered = (await comesLater(left, b)) && (await comesLater(right, a))
  return isReordered ? ['order', ...differences] : differences
}

function compare(a: LogEntry, b: LogEntry, { comparesTiming = false }: DiffOptions = {}): Difference[] {
  const checks: [Difference, boolean][] = [
    ['operation', a.operation !== b.operation],
    ['place', a.device !== b.device || a.offset !== b.offset],
    ['width', a.widthBytes !== b.widthBytes],
    ['enables', a.byteEnables !== b.byteEnables],
    ['packet', a.packetEnd !== b.packetEnd],
    ['value', a.value !== b.value],
    ['status', a.status !== b.status],
    ['timing', comparesTiming && toTiming(a) !== toTiming(b)],
  ]
  return checks.filter(([, differs]) => differs).map(([difference]) => difference)
}

function toTiming({ cycles, timePs }: LogEntry): string {
  return `${cycles?.start} ${cycles?.end} ${timePs}`
}

async function comesLater(wanted: LogEntry, log: AsyncIterator<LogEntry>): Promise<boolean> {
  for (let i = 0; i < lookAhead; i++) {
    const next = await take(log)
    if (!next) return false
    if (compare(wanted, next).length === 0) return true
  }
  return false
}

async function take(log: AsyncIterator<LogEntry>): Promise<LogEntry | undefined> {
  const next = await log.next()
  return next.done ? undefined : next.value
}
