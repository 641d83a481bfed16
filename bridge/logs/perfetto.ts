/**
 * A run as Chrome trace events, which Perfetto opens (ui.perfetto.dev, chrome://tracing). Process 1 is the bus, a track
 * per device; process 2 is the RTL, a track per interrupt line and per port that it drives itself; every other process
 * is a host, a track per thread. The one time axis is simulated time.
 */
import { toFieldWord } from '../registers/words.js'
import type { LogEntry } from './log-record.js'
import type { ModelEvent } from './model-events.js'
import { isStream, toDigits, toPlace } from './log-record.js'

const busPid = 1
const rtlPid = 2
/** Device tracks stand above what a host process with pid 1 would have. */
const hostPidBase = 10

interface TraceEvent {
  ph: 'X' | 'M'
  name: string
  pid: number
  tid: number
  [field: string]: unknown
}

/** The file, piece by piece: JSON that grows with the log can't be made in one. */
export async function* toPerfetto(
  log: AsyncIterable<LogEntry>,
  events: AsyncIterable<ModelEvent> = none(),
): AsyncGenerator<string> {
  yield '{"displayTimeUnit":"ns","traceEvents":[\n'
  yield JSON.stringify(nameOf('process_name', busPid, 0, 'bus'))
  const tracks = new Tracks()
  for await (const record of log) for (const event of tracks.toEvents(record)) yield `,\n${JSON.stringify(event)}`
  const rtl = new RtlTracks()
  for await (const event of events) for (const one of rtl.toEvents(event)) yield `,\n${JSON.stringify(one)}`
  for (const one of rtl.end()) yield `,\n${JSON.stringify(one)}`
  yield '\n]}\n'
}

async function* none(): AsyncGenerator<ModelEvent> {}

/** Tracks of what the RTL does by itself. */
class RtlTracks {
  readonly #tracks = new Map<string, number>()
  /** Since when a line is high. */
  readonly #rises = new Map<string, bigint>()
  #lastPs = 0n

  toEvents(event: ModelEvent): TraceEvent[] {
    if (event.kind === 'burst') return this.#toBurst(event)
    const { line, level, timePs } = event
    this.#lastPs = timePs
    const rise = this.#rises.get(line)
    if (level) this.#rises.set(line, rise ?? timePs)
    else this.#rises.delete(line)
    if (level || rise === undefined) return this.#nameOf(line)
    return [...this.#nameOf(line), this.#toSlice(line, `${line} high`, rise, timePs)]
  }

  /** Lines that are still high. */
  end(): TraceEvent[] {
    return [...this.#rises].map(([line, rise]) => this.#toSlice(line, `${line} high`, rise, this.#lastPs))
  }

  #toBurst({ port, op, address, bytes, beginPs, endPs }: Extract<ModelEvent, { kind: 'burst' }>): TraceEvent[] {
    this.#lastPs = endPs
    const track = `DMA ${port} ${op}s`
    const slice = this.#toSlice(track, `${op} ${address} ${bytes} B`, beginPs, endPs)
    return [...this.#nameOf(track), slice]
  }

  #nameOf(track: string): TraceEvent[] {
    if (this.#tracks.has(track)) return []
    const isFirst = this.#tracks.size === 0
    this.#tracks.set(track, this.#tracks.size + 1)
    const name = nameOf('thread_name', rtlPid, this.#tracks.size, track)
    return isFirst ? [nameOf('process_name', rtlPid, 0, 'RTL'), name] : [name]
  }

  #toSlice(track: string, name: string, beginPs: bigint, endPs: bigint): TraceEvent {
    const [ts, dur] = [toMicroseconds(beginPs), toMicroseconds(endPs - beginPs)]
    return { ph: 'X', name, cat: 'rtl', pid: rtlPid, tid: this.#tracks.get(track) ?? 0, ts, dur }
  }
}

class Tracks {
  readonly #devices = new Map<string, number>()
  readonly #hosts = new Map<number, number>()
  readonly #threads = new Set<string>()
  /**
   * Picoseconds a cycle, learned from the log: with several clocks a time may lie behind the edge that began its cycle.
   */
  #periodPs: bigint | undefined

  toEvents(record: LogEntry): TraceEvent[] {
    const news: TraceEvent[] = []
    const device = record.device ?? 'physical memory'
    const track = this.#devices.get(device) ?? this.#devices.size + 1
    if (!this.#devices.has(device)) news.push(nameOf('thread_name', busPid, track, device))
    this.#devices.set(device, track)
    const host = this.#hosts.get(record.pid) ?? hostPidBase + this.#hosts.size
    if (!this.#hosts.has(record.pid)) news.push(nameOf('process_name', host, 0, `host ${record.pid}`))
    this.#hosts.set(record.pid, host)
    const thread = `${record.pid} ${record.tid}`
    if (!this.#threads.has(thread)) news.push(nameOf('thread_name', host, record.tid, `thread ${record.tid}`))
    this.#threads.add(thread)
    const slice = this.#toSlice(record)
    return [
      ...news,
      {
        ph: 'X',
        name: `${record.operation} ${isStream(record) ? device : toPlace(record)}${toSuffix(record)}`,
        cat: 'bus',
        pid: busPid,
        tid: track,
        ...slice,
      },
      { ph: 'X', name: record.symbol || record.operation, cat: 'host', pid: host, tid: record.tid, ...slice },
    ]
  }

  #toSlice({ seq, widthBytes, value, status, cycles, timePs, operation, symbol, fields = {} }: LogEntry) {
    const periodPs = cycles && cycles.end > 0n ? timePs / cycles.end : undefined
    if (periodPs !== undefined && periodPs < (this.#periodPs ?? periodPs + 1n)) this.#periodPs = periodPs
    const beginPs = cycles ? cycles.start * (this.#periodPs ?? 0n) : timePs
    const args = {
      seq: String(seq),
      operation,
      data: toDigits(value, widthBytes),
      widthBytes,
      status,
      ...(cycles ? { cycles: `${cycles.start} to ${cycles.end}` } : {}),
      ...(symbol ? { symbol } : {}),
      ...Object.fromEntries(Object.entries(fields).map(([name, word]) => [name, toFieldWord(word)])),
    }
    return { ts: toMicroseconds(beginPs), dur: toMicroseconds(timePs - beginPs), args }
  }
}

function nameOf(what: 'process_name' | 'thread_name', pid: number, tid: number, name: string): TraceEvent {
  return { ph: 'M', name: what, pid, tid, args: { name } }
}

/** The name of the register, where it is known. */
function toSuffix({ register }: LogEntry): string {
  return register === undefined ? '' : ` ${register}`
}

/** A time as the format has it; picoseconds stay as fractions. */
function toMicroseconds(ps: bigint): number {
  return Number(ps) / 1e6
}
