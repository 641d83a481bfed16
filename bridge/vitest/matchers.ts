/** Matchers on the accesses of a host: which came, in which order, with which values. */
import { expect } from 'vitest'
import type { Operation, Status } from '../wire/access.js'
import { toDigits, toPlace, toSentence, type LogRecord } from '../logs/log-record.js'
import { checkNames, matchesRegister, toExpectedWords, type ExpectedRegister } from './match-registers.js'
import { blame } from './blame.js'

/** What is left out matches everything. Numbers are whole. */
export interface ExpectedAccess extends ExpectedRegister {
  operation?: Operation
  device?: string
  /** Bytes from the start of the device. */
  offset?: number | bigint
  widthBytes?: number
  /** What was written, or what the device answered. */
  value?: number | bigint
  /** Bits of the value that count; all when absent. */
  mask?: number | bigint
  status?: Status
}

export interface AccessOptions {
  /** No other access may come between, before or after. */
  exactly?: boolean
}

type Accesses = readonly LogRecord[] | { readonly accesses: readonly LogRecord[] }

interface TraplineMatchers<R> {
  /** The accesses came in this order; others may come between them unless `exactly`. */
  toHaveAccessed(expected: ExpectedAccess | ExpectedAccess[], options?: AccessOptions): R
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-empty-object-type
  interface Matchers<T = any> extends TraplineMatchers<T> {}
}

expect.extend({
  toHaveAccessed(received: Accesses, wanted: ExpectedAccess | ExpectedAccess[], options: AccessOptions = {}) {
    const accesses = Array.isArray(received)
      ? (received as LogRecord[])
      : (received as { accesses: LogRecord[] }).accesses
    const expected = Array.isArray(wanted) ? wanted : [wanted]
    for (const one of expected) checkNames(accesses, one)
    const miss = options.exactly ? missExactly(accesses, expected) : missInOrder(accesses, expected)
    const guilty = miss?.at === undefined ? undefined : accesses[miss.at]
    if (miss && guilty && !this.isNot) blame(guilty, miss.sentence.split('\n')[0] ?? '')
    return {
      pass: miss === undefined,
      message: () => miss?.sentence ?? `the accesses are there:\n${expected.map(toWords).join('\n')}`,
    }
  },
})

interface Miss {
  /** Index of the access that is to blame. */
  at: number | undefined
  sentence: string
}

function missInOrder(accesses: LogRecord[], expected: ExpectedAccess[]): Miss | undefined {
  let from = 0
  for (const [i, one] of expected.entries()) {
    const found = accesses.findIndex((access, at) => at >= from && matches(access, one))
    if (found < 0) return { at: nearest(accesses, from, one), sentence: explain(accesses, from, expected, i) }
    from = found + 1
  }
  return undefined
}

function missExactly(accesses: LogRecord[], expected: ExpectedAccess[]): Miss | undefined {
  const wrong = accesses.findIndex((access, i) => !expected[i] || !matches(access, expected[i]))
  if (wrong < 0 && accesses.length === expected.length) return undefined
  const at = wrong < 0 ? accesses.length : wrong
  return { at: wrong < 0 ? undefined : wrong, sentence: explain(accesses, at, expected, at) }
}

/** The access that looks most like the one that is missing: the same place, else whatever came next. */
function nearest(
  accesses: LogRecord[],
  from: number,
  { device, offset, operation, register }: ExpectedAccess,
): number | undefined {
  const isThere = (access: LogRecord) => matches(access, { device, offset, operation, register })
  const found = accesses.findIndex((access, at) => at >= from && isThere(access))
  if (found >= 0) return found
  return from < accesses.length ? from : undefined
}

function matches(access: LogRecord, { value, mask, offset, register, fields, ...plain }: ExpectedAccess): boolean {
  const isSame = Object.entries(plain).every(
    ([key, one]) => one === undefined || access[key as keyof LogRecord] === one,
  )
  if (!isSame || (offset !== undefined && access.offset !== BigInt(offset))) return false
  if (!matchesRegister(access, { register, fields })) return false
  if (value === undefined) return true
  const bits = BigInt(mask ?? -1)
  return access.value !== undefined && (access.value & bits) === (BigInt(value) & bits)
}

const shownBefore = 3
const shownAfter = 5

/** What was expected, and the accesses around the place where it should have been. */
function explain(accesses: LogRecord[], at: number, expected: ExpectedAccess[], index: number): string {
  const wanted = expected[index]
  const first = Math.max(0, at - shownBefore)
  const shown = accesses.slice(first, at + shownAfter)
  const lines = shown.map((access, i) => `${first + i === at ? '→' : ' '} ${access.seq}: ${toSentence(access)}`)
  const what = wanted ? `expected ${toWords(wanted)}` : 'expected no more accesses'
  const place = at === 0 ? 'from the first access on' : `after ${at} of ${accesses.length} accesses`
  return [`${what}, ${place}:`, ...(lines.length ? lines : ['  (no accesses)'])].join('\n')
}

/** `read gpio0+0x10 4 B = 0x00000001 (mask 0x1)` */
function toWords(expected: ExpectedAccess): string {
  const { operation, device, offset, widthBytes, value, mask, status } = expected
  const words = toExpectedWords(expected)
  const place = offset === undefined ? device : toPlace({ device, offset: BigInt(offset) })
  const width = widthBytes === undefined ? undefined : `${widthBytes} B`
  const data = value === undefined ? undefined : `= ${toDigits(BigInt(value), widthBytes ?? 1)}`
  const bits = mask === undefined ? undefined : `(mask 0x${BigInt(mask).toString(16)})`
  return [operation ?? 'access', place, words, width, data, bits, status].filter((word) => word !== undefined).join(' ')
}
