/** Which tests failed alike: by their cause, and by what they say but for numbers. */
import { isBad, isUnfinished, toProblem, type Result, type StoredResult } from './result.js'

const busWords = /\b(TIMEOUT|SLVERR|DECERR|DISCONNECTED)\b/

/** In a word or two, for filters. Undefined for what passed, or was skipped. */
export function toCause(result: Result): string | undefined {
  if (!isBad(result) && result.status !== 'flaky') return undefined
  if (isUnfinished(result)) return 'never came to its end'
  const problem = toProblem(result)
  const onBus = busWords.exec(problem) ?? busWords.exec(result.failingAccess?.message ?? '')
  if (onBus) return onBus[1]
  if (/^lockstep\b|golden model/.test(result.failingAccess?.message ?? problem)) return 'golden model differs'
  if (result.status === 'error') return 'something broke'
  return /^exit status \d+/.exec(problem)?.[0] ?? 'expectation'
}

export interface FailureGroup<T extends StoredResult> {
  /** What the first one says, in a line. */
  headline: string
  tests: T[]
}

/** Bad and flaky ones, those of which most failed alike first; each group in the order given. */
export function groupFailures<T extends StoredResult>(tests: T[]): FailureGroup<T>[] {
  const groups = new Map<string, FailureGroup<T>>()
  for (const test of tests) {
    const key = toLikeness(test.result)
    const known = groups.get(key)
    if (known) known.tests.push(test)
    else groups.set(key, { headline: toHeadline(test.result), tests: [test] })
  }
  return [...groups.values()].sort((a, b) => rank(a) - rank(b) || b.tests.length - a.tests.length)
}

/** Broken before flaky; those that can name an access first. */
function rank({ tests: [first] }: FailureGroup<StoredResult>): number {
  if (first?.result.status === 'flaky') return 2
  return first?.result.failingAccess ? 0 : 1
}

export function toHeadline(result: Result): string {
  return toProblem(result).split('\n')[0] ?? ''
}

/** Values, addresses, numbers and quoted words differ from test to test; the line of the program doesn't. */
function toLikeness(result: Result): string {
  const { failingAccess, status } = result
  const place = / \(([^()]+:\d+)\)/.exec(failingAccess?.message ?? '')?.[1] ?? ''
  const where = /\b[\w.-]+\+0x[0-9a-f]+/.exec(failingAccess?.message ?? '')?.[0] ?? ''
  const said = toHeadline(result)
    .replace(/0x[0-9a-f]+/gi, '#')
    .replace(/\d+/g, '#')
  return [status === 'flaky', toCause(result), said, place, where].join('\n')
}
