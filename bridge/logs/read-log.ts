/**
 * Reads access logs as a stream: our JSON lines, and mmiotrace, be it ours or a kernel's. The first line that counts
 * tells which. A line that is neither ends the reading with a sentence that names file and line.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toJsonRecord } from './json-lines.js'
import { isAccess, isTransfer, type LogEntry, type LogRecord } from './log-record.js'
import { MmiotraceReader } from './mmiotrace-lines.js'

/** What makes a record of a line, or undefined of a line that holds no access. Throws a sentence about a bad one. */
export type LineReader = (line: string, seq: bigint, at: string) => LogEntry | undefined

/**
 * The accesses of programs.
 * @param note is told what the log says to have missed.
 */
export async function* readLog(file: string, note?: (sentence: string) => void): AsyncGenerator<LogRecord> {
  for await (const entry of readEntries(file, note)) if (isAccess(entry)) yield entry
}

/** The accesses of programs, and the pieces of packets that they exchange with streams. */
export async function* readTransfers(file: string, note?: (sentence: string) => void): AsyncGenerator<LogEntry> {
  for await (const entry of readEntries(file, note)) if (isTransfer(entry)) yield entry
}

/** Everything that the log holds, the bursts of the RTL included. */
export async function* readEntries(
  file: string,
  note: (sentence: string) => void = () => undefined,
): AsyncGenerator<LogEntry> {
  let read: LineReader | undefined
  let lineNumber = 0
  let seq = 0n
  for await (const line of linesOf(file)) {
    lineNumber++
    if (line.trim() === '' || line.startsWith('#')) continue
    read ??= line.startsWith('{') ? toJsonRecord : mmiotraceReader(note)
    const at = `${file}:${lineNumber}`
    const record = attempt(read, line, seq + 1n, at)
    if (!record) continue
    seq++
    yield record
  }
}

function mmiotraceReader(note: (sentence: string) => void): LineReader {
  const reader = new MmiotraceReader(note)
  return (line, seq, at) => reader.read(line, seq, at)
}

function attempt(read: LineReader, line: string, seq: bigint, at: string): LogEntry | undefined {
  try {
    return read(line, seq, at)
  } catch (error) {
    const shown = line.length > 100 ? `${line.slice(0, 100)}…` : line
    throw new TraplineError('usage', `${at} is not a line of an access log (${toMessage(error)}): ${shown}`)
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const stream = createReadStream(file)
  try {
    yield* createInterface({ input: stream, crlfDelay: Infinity })
  } catch (error) {
    if (error instanceof TraplineError) throw error
    throw new TraplineError('usage', `the log ${file} can't be read (${toMessage(error)}); name a log of \`--log\``)
  } finally {
    stream.destroy()
  }
}
