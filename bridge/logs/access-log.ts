/**
 * Makes the access log of a run out of the raw logs of its models: merged by wall-clock time, numbered through,
 * PCs named. Streams, so its memory does not grow with the log. Lines are edited as text: JSON numbers of 64 bits
 * would not survive being parsed.
 */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { toMessage, TraplineError } from '../ground/errors.js'
import type { MappedDevice } from '../map/address-map.js'
import type { PciResource } from '../map/pci-resource.js'
import type { FieldValue } from '../registers/register-map.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import type { MappedMemory } from '../map/memory-map.js'
import type { CodeFrame } from '../wire/access.js'
import { toMmiotrace } from './mmiotrace.js'
import { readParts, readRawLogs, type RawAccess, type RawBurst, type RawLine } from './raw-log.js'
import { untilHurried, type Written } from './until-hurried.js'

export interface FinishSettings {
  rawLogs: string[]
  /** `….mmiotrace` gives that format, every other ending JSONL. */
  output: string
  devices: MappedDevice[]
  /** Real devices of PCI among them, by their handles. */
  pciDevices?: ReadonlyMap<number, PciResource>
  /** Names the places that bursts of the RTL reach. */
  memories: MappedMemory[]
  /** Names what accesses reach. */
  registers: RegisterMaps
  blameOf(session: number, access: { pc: bigint; stack: number }): { symbol: string; frames: CodeFrame[] }
  /** From then on a log that is long is cut. */
  hurry?: AbortSignal | undefined
}

const chunkChars = 65_536
/** Places whose words are kept. */
const mostKnown = 65_536

export async function finishAccessLog(settings: FinishSettings): Promise<Written> {
  const { rawLogs, output, hurry } = settings
  const written = { count: 0, isCut: false }
  const isMmiotrace = output.endsWith('.mmiotrace')
  const raw = readRawLogs(rawLogs)
  const merged = untilHurried(isMmiotrace ? raw : withoutEvents(raw), hurry, written)
  const lines = isMmiotrace ? toMmiotrace(merged, settings) : toJsonLines(merged, settings)
  try {
    await pipeline(Readable.from(inChunks(lines)), createWriteStream(output))
    return written
  } catch (error) {
    if (error instanceof TraplineError) throw error
    throw new TraplineError('output', `the access log ${output} can't be written (${toMessage(error)})`, {
      cause: error,
    })
  }
}

async function* withoutEvents(lines: AsyncIterable<RawLine>): AsyncGenerator<RawAccess | RawBurst> {
  for await (const line of lines) if (line.kind !== 'event') yield line
}

async function* toJsonLines(lines: AsyncIterable<RawLine>, settings: FinishSettings): AsyncGenerator<string> {
  let seq = 0
  const blames = toBlames(settings)
  for await (const line of lines) {
    if (line.kind === 'access' || line.kind === 'interrupt') {
      const names = toNames(line.fields, settings.registers)
      yield `{"seq":${++seq},${line.fields},"pc":"${line.pc}",${blames(line)}${names}}\n`
    } else if (line.kind === 'burst') {
      const place = toMemoryPlace(line, settings.memories)
      yield `{"seq":${++seq},${line.stamp},${place},${line.fields},"port":${line.port}}\n`
    }
  }
}

/** `,"register":"STATUS","fields":{"STATUS.BUSY":1}`, or nothing. */
function toNames(fields: string, registers: RegisterMaps): string {
  const parts = registers.all.length > 0 ? readParts(fields) : undefined
  const { operation } = parts ?? {}
  if (!parts || (operation !== 'read' && operation !== 'write')) return ''
  const named = registers.name(parts.device, { ...parts, operation }, parts.value)
  if (!named) return ''
  const values = Object.entries(named.fields ?? {}).map(([name, value]) => `${JSON.stringify(name)}:${toJson(value)}`)
  return `,"register":${JSON.stringify(named.register)}${named.fields ? `,"fields":{${values.join()}}` : ''}`
}

/** What JSON would round is written in hex. */
function toJson(value: FieldValue): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? `"0x${value.toString(16)}"` : value.toString()
}

/** The line to blame and the way there, as they stand in a line; most lines of a log say what others have said. */
function toBlames({ blameOf }: FinishSettings): (line: RawAccess) => string {
  const known = new Map<string, string>()
  return ({ session, pc, stack }) => {
    const key = `${session} ${pc} ${stack}`
    const blame = known.get(key) ?? toBlameFields(blameOf(session, { pc: BigInt(pc), stack }))
    if (known.size < mostKnown) known.set(key, blame)
    return blame
  }
}

function toBlameFields({ symbol, frames }: ReturnType<FinishSettings['blameOf']>): string {
  const way = frames.length > 0 ? `,"frames":${JSON.stringify(frames)}` : ''
  return `"symbol":${JSON.stringify(symbol)}${way}`
}

/** The place of a burst in the memory that lies there; one that reached none has its bus address. */
function toMemoryPlace({ address }: RawBurst, memories: MappedMemory[]): string {
  const memory = memories.find((one) => one.address <= address && address < one.address + one.size)
  return `"device":${JSON.stringify(memory?.name ?? '')},"offset":${address - (memory?.address ?? 0n)}`
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
