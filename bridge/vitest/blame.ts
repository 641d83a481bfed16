/** Which access a failed expectation is about, for the evidence. */
import type { LogRecord } from '../logs/log-record.js'

const sentences = new WeakMap<LogRecord, string>()

/** The first sentence about an access stands: whatever fails after it follows from it. */
export function blame(record: LogRecord, sentence: string): void {
  if (!sentences.has(record)) sentences.set(record, sentence)
}

export function findBlamed(records: readonly LogRecord[]): { record: LogRecord; sentence: string } | undefined {
  const record = records.find((one) => sentences.has(one))
  return record && { record, sentence: sentences.get(record) ?? '' }
}
