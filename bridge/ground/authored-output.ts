/**
 * What the TypeScript of users prints while it runs in our process: golden models and configurations. stdout is the
 * host's or the command's, and stderr has our lines, so `console`, `process.stdout` and the two descriptors of others
 * lead here: a line at a time, with the name of who prints it, like the words of RTL.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { BoundedLines } from './bounded-lines.js'

interface Speaker {
  name: string
  lines: Map<Descriptor, BoundedLines>
}

type Descriptor = 1 | 2
type Take = (fd: Descriptor, bytes: Buffer) => void

/** Timers and promises of theirs belong to them, too. */
const speaking = new AsyncLocalStorage<Speaker>()
const speakers = new Map<string, Speaker>()
/** The name for output that belongs to no speaker. */
const unknown = 'configuration'

/** Runs code of users; what it prints, then or later, bears that name. */
export function speakingAs<T>(name: string, work: () => T): T {
  return speaking.run(speakerOf(name), work)
}

function speakerOf(name: string): Speaker {
  const known = speakers.get(name) ?? { name, lines: new Map() }
  speakers.set(name, known)
  return known
}

/** From now on `onLine` takes what is printed. What is ours does not go by these ways (`outlet.ts`). */
export function takeAuthoredOutput(onLine: (name: string, line: string) => void): void {
  const take: Take = (fd, bytes) => {
    const { name, lines } = speaking.getStore() ?? speakerOf(unknown)
    const own = lines.get(fd) ?? new BoundedLines((line) => onLine(name, line))
    lines.set(fd, own)
    own.take(bytes)
  }
  takeStream(process.stdout, (bytes) => take(1, bytes))
  takeStream(process.stderr, (bytes) => take(2, bytes))
  takeDescriptors(take)
}

function takeStream(stream: NodeJS.WriteStream, take: (bytes: Buffer) => void): void {
  stream.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
    take(toBytes(chunk, rest))
    callLast(rest)
    return true
  }) as typeof stream.write
}

/** Functions of `fs` whose first argument may be a descriptor, by what the next ones are. */
const writers = {
  write: toPart,
  writeSync: toPart,
  writev: toJoined,
  writevSync: toJoined,
  writeFile: toBytes,
  writeFileSync: toBytes,
  appendFile: toBytes,
  appendFileSync: toBytes,
} as const

/** While none of theirs runs, descriptors are Node's and ours. */
function takeDescriptors(take: Take): void {
  const functions = fs as unknown as Record<string, (...args: unknown[]) => unknown>
  for (const [name, toTaken] of Object.entries(writers)) {
    const original = functions[name]
    if (!original) continue
    functions[name] = (...args) => {
      const [fd, data, ...rest] = args
      if ((fd !== 1 && fd !== 2) || !speaking.getStore()) return original(...args)
      const bytes = toTaken(data as never, rest)
      take(fd, bytes)
      callLast(rest, null, bytes.length, data)
      return name.includes('File') ? undefined : bytes.length
    }
  }
  syncBuiltinESMExports() // `import { writeSync } from 'node:fs'` means these, too.
}

function toBytes(data: Uint8Array | string, rest: unknown[]): Buffer {
  const [options] = rest
  const { encoding } = typeof options === 'object' && options !== null ? (options as { encoding?: string }) : {}
  const named = rest.find((one) => typeof one === 'string') ?? encoding
  return typeof data === 'string' ? Buffer.from(data, named as BufferEncoding | undefined) : toView(data)
}

/** Of a buffer a part can be asked for: `offset, length`, or an object of both. */
function toPart(data: Uint8Array | string, rest: unknown[]): Buffer {
  if (typeof data === 'string') return toBytes(data, rest)
  const [first, second] = rest
  const isObject = typeof first === 'object' && first !== null
  const { offset, length } = isObject ? (first as Record<string, unknown>) : { offset: first, length: second }
  const from = typeof offset === 'number' ? offset : 0
  return toView(data).subarray(from, typeof length === 'number' ? from + length : undefined)
}

function toJoined(parts: Uint8Array[]): Buffer {
  return Buffer.concat(parts.map(toView))
}

/** A copy: who printed may change its bytes. */
function toView(data: ArrayBufferView): Buffer {
  return Buffer.from(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
}

function callLast(args: unknown[], ...results: unknown[]): void {
  const done = args.find((one) => typeof one === 'function') as ((...args: unknown[]) => void) | undefined
  if (done) process.nextTick(done, ...results)
}

/** Last lines need not be ended. */
export function endAuthoredOutput(): void {
  for (const { lines } of speakers.values()) for (const own of lines.values()) own.end()
}
