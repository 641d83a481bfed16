/** What has changed since an earlier regression, test by test. */
import { isBad, type StoredResult } from './result.js'

/** `came` and `gone`: there is no such test in the other one. */
export type Change = 'new failure' | 'still failing' | 'fixed' | 'now flaky' | 'slower' | 'came' | 'gone'

export interface Changed {
  change: Change
  suite: string
  test: string
  /** Milliseconds; absent where it did not run. */
  before?: number
  now?: number
}

/** A test that takes this many times as long, and this much longer, is slower. */
const [slowerTimes, slowerMs] = [1.5, 500]

/** By `toKey`. */
export function compareResults(now: StoredResult[], before: StoredResult[]): Map<string, Changed> {
  const [ours, theirs] = [byName(now), byName(before)]
  const changes = new Map<string, Changed>()
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const change = toChange(ours.get(key), theirs.get(key))
    if (change) changes.set(key, change)
  }
  return changes
}

export function toKey({ result: { suite, test } }: StoredResult): string {
  return `${suite}\n${test}`
}

/** Of several results of a test the worst. */
function byName(stored: StoredResult[]): Map<string, StoredResult> {
  const named = new Map<string, StoredResult>()
  for (const one of stored) {
    const known = named.get(toKey(one))
    if (!known || (isBad(one.result) && !isBad(known.result))) named.set(toKey(one), one)
  }
  return named
}

function toChange(now: StoredResult | undefined, before: StoredResult | undefined): Changed | undefined {
  const { suite, test } = (now ?? before)?.result ?? { suite: '', test: '' }
  const change = toKind(now, before)
  return change && { change, suite, test, before: before?.result.durationMs, now: now?.result.durationMs }
}

function toKind(now: StoredResult | undefined, before: StoredResult | undefined): Change | undefined {
  if (!now) return 'gone'
  if (isBad(now.result)) return before && isBad(before.result) ? 'still failing' : 'new failure'
  if (!before) return 'came'
  if (isBad(before.result) && now.result.status !== 'skipped')
    return now.result.status === 'flaky' ? 'now flaky' : 'fixed'
  if (now.result.status === 'flaky' && before.result.status !== 'flaky') return 'now flaky'
  const [ours, theirs] = [now.result.durationMs, before.result.durationMs]
  const bothRan = now.result.status !== 'skipped' && before.result.status !== 'skipped'
  return bothRan && ours > theirs * slowerTimes && ours > theirs + slowerMs ? 'slower' : undefined
}
