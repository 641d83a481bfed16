/**
 * stdout and stderr of this process, without ever waiting for a reader while there is something else to do: a pager at
 * rest must not make us deaf to signals. Who reads on, however slowly, gets everything: a writer waits for him for
 * moments, so what is written comes no faster than it is read. What nobody reads is kept up to a limit, and then
 * dropped and counted.
 */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { Writable, type Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { getSystemErrorMap } from 'node:util'
import { outletModule } from './paths.js'

/** trap/outlet/outlet.c. */
interface NativeOutlet {
  tryWrite(fd: number, bytes: Buffer, offset: number): number
  waitFor(fd: number, ms: number): number
  peerPid(fd: number): number
  hasCapability(path: Buffer): number
  markedProcesses(mark: Buffer, pids: Uint8Array): number
  exchange(fd: number, request: Buffer, answer: Buffer, ms: number, looks: number): number
  lookAhead(): void
  readonly mostPassed: number
}

const native = loadNative()
/** Unwritten bytes beyond which a writer waits for the reader. */
const easyBytes = 256 * 1024
const mostBytes = 64 * 2 ** 20
/** How long it waits in one turn of the event loop. */
const waitMs = 50
const lookMs = 20
const mostTaken = 4096
/** What a reader gets after a signal. */
const hastyMs = 300

let hurriedAtMs: number | undefined

/** From now on nobody waits for a reader; soon what is left is given up. */
export function hurryWords(): void {
  hurriedAtMs ??= performance.now()
}

class Outlet {
  #queue: Buffer[] = []
  /** Index of the first that is not written. */
  #first = 0
  #bytes = 0
  #offset = 0
  #dropped = 0
  #hasWaited = false
  #failure: Error | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly fd: 1 | 2,
    private readonly stream: () => NodeJS.WriteStream,
  ) {}

  write(text: string): void {
    if (!native) return void write(this.stream(), text)
    if (this.#failure) return
    if (this.#bytes > mostBytes) {
      this.#dropped++
      return
    }
    const bytes = Buffer.from(text)
    this.#queue.push(bytes)
    this.#bytes += bytes.length
    this.#flush()
    if (this.#bytes > easyBytes && hurriedAtMs === undefined && !this.#hasWaited) this.#waitOnce()
    if (this.#bytes > 0) this.#timer ??= setInterval(() => this.#flush(), lookMs).unref()
  }

  /** Resolves when all is written, or given up after a signal; rejects if it can't be written. */
  async drain(): Promise<void> {
    if (!native) return await new Promise((resolve) => write(this.stream(), '', resolve))
    const startMs = performance.now()
    const isOver = () => hurriedAtMs !== undefined && performance.now() - Math.max(startMs, hurriedAtMs) > hastyMs
    while (this.#bytes > 0 && !isOver()) {
      const before = this.#bytes
      this.#flush()
      await delay(this.#bytes < before ? 0 : lookMs) // Who has begun to read goes on.
    }
    if (this.#failure) throw this.#failure
  }

  #waitOnce(): void {
    this.#hasWaited = true
    setImmediate(() => (this.#hasWaited = false))
    const end = performance.now() + waitMs
    for (let left = waitMs; left > 0 && this.#bytes > easyBytes; left = Math.ceil(end - performance.now())) {
      native?.waitFor(this.fd, left)
      this.#flush()
    }
  }

  #flush(): void {
    for (let first = this.#queue[this.#first]; first && native; first = this.#queue[this.#first]) {
      const taken = native.tryWrite(this.fd, first, this.#offset)
      if (taken === 0) return
      if (taken < 0) return this.#fail(taken)
      this.#bytes -= taken
      this.#offset += taken
      if (this.#offset < first.length) continue
      this.#first++
      this.#offset = 0
      this.#shorten()
      if (this.#bytes <= mostBytes / 2) this.#sayDropped()
    }
    this.#queue = []
    this.#first = 0
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #shorten(): void {
    if (this.#first < mostTaken) return
    this.#queue = this.#queue.slice(this.#first)
    this.#first = 0
  }

  #sayDropped(): void {
    if (this.#dropped === 0) return
    const notice = Buffer.from(`trapline: ${this.#dropped} lines were dropped here, for nobody read them\n`)
    this.#dropped = 0
    this.#queue.push(notice)
    this.#bytes += notice.length
  }

  /** Nobody will ever read it. */
  #fail(errno: number): void {
    const [code = 'EIO', message = 'write failed'] = getSystemErrorMap().get(errno) ?? []
    this.#failure = Object.assign(new Error(message), { code })
    this.#queue = []
    this.#first = 0
    this.#bytes = 0
    clearInterval(this.#timer)
  }
}

/** Writes past what others may have put in the place of the stream's own function (`authored-output.ts`). */
function write(stream: NodeJS.WriteStream, text: string, onDone: () => void = () => undefined): void {
  Writable.prototype.write.call(stream, text, 'utf8', onDone)
}

/** Before it is built, or on a machine that can't load it, writes wait. */
function loadNative(): NativeOutlet | undefined {
  try {
    return createRequire(import.meta.url)(outletModule) as NativeOutlet
  } catch {
    return undefined
  }
}

/**
 * The process that has connected to a UNIX socket of ours, by the kernel's word; undefined where that can't be known.
 */
export function peerPidOf(socket: Socket): number | undefined {
  const pid = native?.peerPid(descriptorOf(socket)) ?? 0
  return pid > 0 ? pid : undefined
}

/**
 * Sends a request on a socket and waits for the answer, so many milliseconds and not beyond anything else that there is
 * to do; where it `looks`, it does so for a moment before it sleeps. Returns how many bytes have come, 0 if none have;
 * -1 - COUNT: only so many of the request have been sent.
 */
export function exchange(socket: Duplex, request: Buffer, answer: Buffer, ms: number, looks: boolean): number {
  return native?.exchange(descriptorOf(socket), request, answer, ms, looks ? 1 : 0) ?? -1
}

/** How often in a row one who has tried such an exchange in vain does without (trap/ground/looks.h). */
export const mostPassed = native?.mostPassed ?? 0

/** Looks for a moment whether the event loop gets anything to do; ends when it has. */
export function lookAhead(): void {
  native?.lookAhead()
}

/** -1 where it has none. */
function descriptorOf(socket: Duplex): number {
  const { _handle } = socket as unknown as { _handle?: { fd?: number } | null }
  return _handle?.fd ?? -1
}

/** Whether a file gives capabilities to whoever runs it; false where that can't be known. */
export function hasFileCapability(path: string): boolean {
  return native?.hasCapability(Buffer.from(`${path}\0`)) === 1
}

/**
 * The processes that were started with `mark`, a `NAME=value`, in their environment, as far as they may be looked at
 * (proc_pid_environ(5)); undefined where that can't be known.
 */
export function processesMarked(mark: string): number[] | undefined {
  for (let room = 256; ; room *= 4) {
    const pids = new Int32Array(room)
    const found = native?.markedProcesses(Buffer.from(mark), Buffer.from(pids.buffer)) ?? -1
    if (found < 0) return undefined
    if (found <= room) return [...pids.subarray(0, found)]
  }
}

/** stdout: what a command is asked for. */
export const results = new Outlet(1, () => process.stdout)
/** stderr: the log. */
export const words = new Outlet(2, () => process.stderr)
