/**
 * What the TypeScript of users prints while it runs in our process: golden models and configurations. stdout is the
 * host's or the command's, and stderr has our lines, so `console` and `process.stdout` of others lead here: a line at a
 * time, with the name of who prints it, like the words of RTL.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { BoundedLines } from './bounded-lines.js'

interface Speaker {
  name: string
  lines: Map<NodeJS.WriteStream, BoundedLines>
}

/** Timers and promises of theirs belong to them, too. */
const speaking = new AsyncLocalStorage<Speaker>()
const speakers = new Map<string, Speaker>()
/** Of what none of them has begun. */
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

/** From now on `onLine` takes what is printed. What is ours does not go by these streams (`outlet.ts`). */
export function takeAuthoredOutput(onLine: (name: string, line: string) => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    const take = (chunk: Uint8Array | string, encoding: BufferEncoding | undefined) => {
      const { name, lines } = speaking.getStore() ?? speakerOf(unknown)
      const own = lines.get(stream) ?? new BoundedLines((line) => onLine(name, line))
      lines.set(stream, own)
      own.take(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk))
    }
    stream.write = ((chunk: Uint8Array | string, ...rest: unknown[]) => {
      take(chunk, rest.find((one) => typeof one === 'string') as BufferEncoding | undefined)
      const done = rest.find((one) => typeof one === 'function')
      if (done) process.nextTick(done as () => void)
      return true
    }) as typeof stream.write
  }
}

/** Last lines need not be ended. */
export function endAuthoredOutput(): void {
  for (const { lines } of speakers.values()) for (const own of lines.values()) own.end()
}
