/**
 * Makes the access log of a run out of the raw logs of its models: merged by wall-clock time, numbered through,
 * PCs named. Streams, so its memory does not grow with the log. Lines are edited as text: JSON numbers of 64 bits
 * would not survive being parsed.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toMessage, TraplineError } from '../errors.js'
import type { MappedDevice } from './address-map.js'
import { toMmiotrace } from './mmiotrace.js'

/** A line of a raw log, taken apart as far as finishing needs it. */
export interface RawLine {
  /** `"cycleStart":…` up to and with `"tid":…`, as it stands. */
  fields: string
  /** `0x…` */
  pc: string
  session: number
  wallNs: string
}

export interface FinishSettings {
  rawLogs: string[]
  /** `….mmiotrace` gives that format, every other ending JSONL. */
  output: string
  devices: MappedDevice[]
  symbolOf(session: number, pc: bigint): string
}

const rawPattern = /^\{"seq":\d+,(.*),"pc":"(0x[0-9a-f]+)","session":(\d+),"wallNs":(\d+)\}$/
const chunkChars = 65_536

export async function finishAccessLog(settings: FinishSettings): Promise<void> {
  const { rawLogs, output, devices, symbolOf } = settings
  const merged = mergeByTime(rawLogs.filter((path) => existsSync(path)).map(readRawLog))
  const lines = output.endsWith('.mmiotrace') ? toMmiotrace(merged, devices) : toJsonLines(merged, symbolOf)
  try {
    await pipeline(Readable.from(inChunks(lines)), createWriteStream(output))
  } catch (error) {
    if (error instanceof TraplineError) throw error
    throw new TraplineError('output', `the access log ${output} can't be written (${toMessage(error)})`, {
      cause: error,
    })
  }
}

async function* toJsonLines(
  lines: AsyncIterable<RawLine>,
  symbolOf: FinishSettings['symbolOf'],
): AsyncGenerator<string> {
  let seq = 0
  for await (const { fields, pc, session } of lines) {
    const symbol = JSON.stringify(symbolOf(session, BigInt(pc)))
    yield `{"seq":${++seq},${fields},"pc":"${pc}","symbol":${symbol}}\n`
  }
}

/** The last line may be torn if its model was killed; any other that does not fit is an error. */
async function* readRawLog(path: string): AsyncGenerator<RawLine> {
  let torn: number | undefined
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (torn !== undefined) throw new TraplineError('output', `${path}:${torn} is not a line of a raw access log`)
    const match = rawPattern.exec(line)
    number++
    if (!match) torn = number
    else yield { fields: match[1] ?? '', pc: match[2] ?? '', session: Number(match[3]), wallNs: match[4] ?? '' }
  }
}

async function* mergeByTime(sources: AsyncGenerator<RawLine>[]): AsyncGenerator<RawLine> {
  if (sources.length === 1 && sources[0]) return yield* sources[0]
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })))
  for (;;) {
    const live = heads.filter(({ head }) => !head.done)
    const first = live.sort((a, b) => compareWhole(a.head.value.wallNs, b.head.value.wallNs))[0]
    if (!first) return
    yield first.head.value
    first.head = await first.source.next()
  }
}

/** Orders decimal numbers of any size. */
function compareWhole(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

/** One write per line would be most of the work. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = ''
  for await (const line of lines) {
    chunk += line
    if (chunk.length < chunkChars) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}
