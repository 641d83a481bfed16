/**
 * The bridge's end of the socket to one model process: framing, and pairing of replies with requests.
 * It must not interpret accesses; they pass as bytes. Each message is one write, but for accesses that nobody waits
 * for: those that come together go together.
 */
import type { Duplex } from 'node:stream'
import { mostBytes } from '../wire/contract-limits.js'
import { FrameReader, largestModelMessage, OverlongMessage } from '../wire/framing.js'
import { scanObserved, scanReply, type ObservedAccess } from '../wire/scan.js'
import {
  decodeReply,
  frameAccess,
  frameRequest,
  type DmaFault,
  type DmaRequest,
  type Fault,
  type Hello,
  type InterruptChange,
  type ModelReply,
  type Progress,
  type StreamReadable,
} from '../wire/wire.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { QuickExchange } from './quick-exchange.js'

/** Waits for the completion of one access; `undefined` means that the model went away. */
export interface CompletionSink {
  complete(completion: Buffer | undefined): void
}

/** What the model says unasked. */
export interface ModelEvents {
  onHello(hello: Hello): void
  onProgress(progress: Progress): void
  onFault(fault: Fault): void
  onInterrupt(change: InterruptChange): void
  onStreamReadable?(change: StreamReadable): void
  onDmaFault?(fault: DmaFault): void
  /** An access went by a mailbox. */
  onObserved?(observed: ObservedAccess): void
  /** Simulated time stands still until it resolves, with as many bytes as a read asked for, or none. */
  onDmaRequest?(request: DmaRequest): Promise<Uint8Array>
  /** The link is unusable; every pending request has been failed. `problem` is set if the bytes made no sense. */
  onClose(problem: string | undefined): void
  /** The bytes made sense, and we could not do what is due: a file can't be written, say. The link is closed then. */
  onOwnFailure(error: unknown): void
}

/** A failure of our own with a message that is as it should be. */
class OwnFailure extends Error {}

function carryOut(work: () => void): void {
  try {
    work()
  } catch (cause) {
    throw new OwnFailure('', { cause })
  }
}

interface PendingCall {
  resolve(reply: ModelReply): void
  reject(error: Error): void
}

/**
 * How an access goes out: together with others, for nobody waits for it; or its answer may be waited for at once, where
 * nothing else is under way. That is for those whom the event loop has just called, and who have nothing left to do.
 */
export type Sending = 'plain' | 'gathered' | 'quick'

/** Accesses that go out together. */
const mostGathered = 32

const largestDma = mostBytes('DmaRequest.data')

export class ModelLink {
  #lastId = 0
  #open = true
  #sending = true
  readonly #frames = new FrameReader(largestModelMessage)
  readonly #accesses = new Map<number, CompletionSink>()
  readonly #calls = new Map<number, PendingCall>()
  /** What goes out together, before anything else does. */
  #gathered: Buffer[] = []
  readonly #quick: QuickExchange
  /** Whether any model's words are being heard; what is left of them would have to wait, too. */
  static #isReceiving = false

  constructor(
    private readonly name: string,
    private readonly socket: Duplex,
    private readonly events: ModelEvents,
  ) {
    this.#quick = new QuickExchange(socket)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => this.#close(undefined))
    socket.on('close', () => this.#close(undefined))
    socket.on('end', () => this.#close(undefined))
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** Forwards an encoded Access. The sink is called once, possibly before this returns. */
  sendAccess(session: number, access: Uint8Array, sink: CompletionSink, sending: Sending = 'plain'): void {
    if (!this.#sending) return sink.complete(undefined)
    const id = ++this.#lastId
    this.#accesses.set(id, sink)
    const framed = frameAccess(id, session, access)
    this.#quick.note(session)
    if (sending === 'gathered') this.#gather(framed)
    else if (sending === 'quick' && this.#isAlone) this.#exchange(framed)
    else this.#write(framed)
  }

  /** Nothing but one access is under way. */
  get #isAlone(): boolean {
    const isAlone = this.#accesses.size === 1 && this.#calls.size === 0 && this.#gathered.length === 0
    return isAlone && !ModelLink.#isReceiving
  }

  #exchange(framed: Buffer): void {
    const came = this.#quick.ask(framed)
    if (came) this.#receive(came)
  }

  /** Goes out when all that has come at once has been looked at. */
  #gather(framed: Buffer): void {
    if (this.#gathered.push(framed) === 1) setImmediate(() => this.#writeGathered())
    else if (this.#gathered.length >= mostGathered) this.#writeGathered()
  }

  #writeGathered(): void {
    if (this.#gathered.length > 0 && this.#open) this.socket.write(Buffer.concat(this.#gathered))
    this.#gathered = []
  }

  #write(framed: Buffer): void {
    this.#writeGathered()
    this.socket.write(framed)
  }

  /** Sends a request named by its oneof field. Rejects on a Refusal and when the model goes away. */
  call<Body extends ModelReply['body']>(
    request: Record<string, object>,
    expected: Body,
  ): Promise<Extract<ModelReply, { body: Body }>> {
    return new Promise((resolve, reject) => {
      if (!this.#sending) return reject(this.#gone())
      const id = ++this.#lastId
      const framed = frameRequest({ id, ...request })
      const settle = (reply: ModelReply) => {
        if (reply.body === expected) resolve(reply as Extract<ModelReply, { body: Body }>)
        else if (reply.body === 'refusal')
          reject(new TraplineError('refused', `model ${this.name}: ${reply.refusal.message}`))
        else reject(new TraplineError('model', `model ${this.name} answered ${reply.body} where ${expected} is due`))
      }
      this.#calls.set(id, { resolve: settle, reject })
      this.#write(framed)
    })
  }

  /** Sends nothing more: a write to a model that is leaving would cost the replies that are still under way. */
  finish(): void {
    this.#sending = false
  }

  /** Gives up the link; the model sees end of file and ends. */
  close(): void {
    this.#close(undefined)
  }

  #receive(chunk: Buffer): void {
    this.#frames.add(chunk)
    ModelLink.#isReceiving = true
    try {
      for (let message = this.#frames.next(); message; message = this.#frames.next()) this.#dispatch(message)
    } catch (error) {
      if (error instanceof OwnFailure) this.#fail(error.cause)
      else if (error instanceof OverlongMessage) this.#close(`sent ${error.message}`)
      else this.#close(`sent a message that can't be read (${toMessage(error)})`)
    } finally {
      ModelLink.#isReceiving = false
    }
  }

  #fail(error: unknown): void {
    this.events.onOwnFailure(error)
    this.#close(undefined)
  }

  #dispatch(message: Buffer): void {
    const { id, completion, observed } = scanReply(message)
    if (completion) {
      const sink = this.#take(this.#accesses, id)
      return carryOut(() => sink.complete(completion))
    }
    if (observed) return this.#tellObserved(observed)
    const reply = decodeReply(message)
    if (reply.body === 'pass') return this.#pass(id)
    if (reply.body === 'dmaRequest') return this.#askForMemory(id, reply.dmaRequest)
    if (id !== 0) {
      const access = reply.body === 'refusal' && this.#accesses.has(id)
      if (access) throw new Error(`it refused an access: ${reply.refusal.message}`)
      return this.#take(this.#calls, id).resolve(reply)
    }
    carryOut(() => this.#tell(reply))
  }

  #tell(reply: ModelReply): void {
    if (reply.body === 'hello') this.events.onHello(reply.hello)
    else if (reply.body === 'progress') this.events.onProgress(reply.progress)
    else if (reply.body === 'fault') this.events.onFault(reply.fault)
    else if (reply.body === 'interrupt') this.events.onInterrupt(reply.interrupt)
    else if (reply.body === 'streamReadable') this.events.onStreamReadable?.(reply.streamReadable)
    else if (reply.body === 'dmaFault') this.events.onDmaFault?.(reply.dmaFault)
  }

  #tellObserved(bytes: Buffer): void {
    const observed = scanObserved(bytes)
    carryOut(() => this.events.onObserved?.(observed))
  }

  /** All that was said before has been heard, and what follows from it has been done. The id is the model's own. */
  #pass(id: number): void {
    setImmediate(() => this.#sending && this.socket.write(frameRequest({ id, passed: {} })))
  }

  /** The id of a DmaRequest is the model's own. */
  #askForMemory(id: number, request: DmaRequest): void {
    if (!this.events.onDmaRequest) throw new Error('it asked for memory that nobody keeps')
    const { size, data } = request
    if (size < 1 || size > largestDma || (data.length > 0 && data.length !== size))
      throw new Error(
        `it asked for ${size} bytes of memory with ${data.length} to write; 1 to ${largestDma} are possible`,
      )
    this.events.onDmaRequest(request).then(
      (bytes) => this.#sending && this.socket.write(frameRequest({ id, dmaAnswer: { data: bytes } })),
      (error: unknown) => this.#close(`can't have what it asked for (${toMessage(error)})`),
    )
  }

  #take<T>(pending: Map<number, T>, id: number): T {
    const found = pending.get(id)
    if (!found) throw new Error(`nothing waits for reply ${id}`)
    pending.delete(id)
    return found
  }

  #close(problem: string | undefined): void {
    if (!this.#open) return
    this.#open = false
    this.#sending = false
    this.socket.destroy()
    this.events.onClose(problem)
    for (const sink of this.#accesses.values()) sink.complete(undefined)
    for (const call of this.#calls.values()) call.reject(this.#gone())
    this.#accesses.clear()
    this.#calls.clear()
  }

  #gone(): TraplineError {
    return new TraplineError('model', `model ${this.name} has ended`)
  }
}
