/** What is said of a replay: a line for each difference, and how it came out. */
import { toCount } from '../ground/format.js'
import { toDigits, toPlace, type LogEntry, type LogRecord } from '../logs/log-record.js'
import type { MissingInterrupt } from './replay-interrupts.js'
import type { Mismatch, Replay } from './replay-log.js'

/** What was not as recorded. */
export interface Differences {
  answers: number
  interrupts: number
}

/** `access 3: read gpio0+0x10 4 B: expected 0x00000001, got 0x00000000, in main (blink.c:18)` */
export function toMismatchWords({ record, completion, value }: Mismatch): string {
  const { operation, widthBytes, symbol } = record
  const toAnswer = (status: string, data: bigint | undefined) =>
    status !== 'OKAY' ? status : operation === 'write' ? 'OKAY' : toDigits(data, widthBytes)
  return (
    `${toAccess(record)}: ` +
    `expected ${toAnswer(record.status, record.value)}, got ${toAnswer(completion.status, value)}` +
    `, cycles ${completion.cycleStart} to ${completion.cycleEnd}${toCode(symbol)}`
  )
}

/** @param before the access that was made last */
export function toMissingWords(
  { seq }: LogEntry,
  { device, model, line, cycles }: MissingInterrupt,
  before: LogRecord | undefined,
): string {
  const place = before ? ` after ${toAccess(before)}${toCode(before.symbol)}` : ''
  return `interrupt ${seq} of ${device}: ${line} of model ${model} has not risen in ${cycles} cycles${place}`
}

export function toVerdict({ time, accesses }: Replay, recording: string, { answers, interrupts }: Differences): string {
  const words = [
    answers === 0 ? 'every answer is the same' : toCount(answers, 'answer differs', 'answers differ'),
    ...(interrupts === 0 ? [] : [toCount(interrupts, 'interrupt is missing', 'interrupts are missing')]),
    ...(time.late === 0 ? [] : [toCount(time.late, 'access comes', 'accesses come') + ' later than recorded']),
  ]
  return `${toCount(accesses, 'access', 'accesses')} of ${recording}: ${words.join(', ')}`
}

function toAccess({ seq, operation, widthBytes, ...place }: LogRecord): string {
  return `access ${seq}: ${operation} ${toPlace(place)} ${widthBytes} B`
}

function toCode(symbol: string): string {
  return symbol ? `, in ${symbol}` : ''
}
