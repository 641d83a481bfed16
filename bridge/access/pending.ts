/** One access of a session between its arrival and its answer. */
import type { MappedDevice } from '../map/address-map.js'
import { elementOf, statusDisconnected, statusOkay, type Completion } from '../wire/access.js'
import { scanCompletion, type AccessOutline, type CompletionOutline } from '../wire/scan.js'
import { decodeAccess, decodeCompletion, encodeAccess, encodeCompletion } from '../wire/wire.js'
import type { Posting } from './posted-writes.js'

/** What the session of an access does about it; `pending` is that access. */
export interface PendingOwner {
  noteStream(device: MappedDevice, completion: Buffer): void
  objectionTo(pending: object, completion: Buffer): string | undefined | Promise<string | undefined>
  delayOf(pending: object, completion: Buffer): Promise<unknown> | undefined
  noteHold(model: string): void
  noteRelease(model: string): void
  notePosted(pending: object): void
  flush(): void
}

function scanSafely(completion: Buffer): CompletionOutline | undefined {
  try {
    return scanCompletion(completion)
  } catch {
    return undefined
  }
}

export class Pending<Owner extends PendingOwner> implements Posting {
  readonly startedAtMs = performance.now()
  readonly isWrite: boolean
  completion: Buffer | undefined
  status = 0
  readonly isPosted: boolean
  readonly isFlush: boolean
  /** By a model, or as well as one could. */
  isCarriedOut = true
  count = 1
  failing: Buffer | undefined
  /** More than 1: it is a string. */
  readonly elements: number
  private readonly seq: number
  private readonly isHolding: boolean

  /** @param onEnd it has been answered; if absent, its session is told. */
  constructor(
    readonly session: Owner,
    readonly access: Buffer,
    outline: AccessOutline,
    readonly device: MappedDevice,
    private readonly onEnd?: (ended: Pending<Owner>) => void,
  ) {
    this.seq = outline.seq
    this.elements = outline.elements
    this.isWrite = outline.isWrite
    this.isHolding = outline.isHolding
    this.isPosted = outline.isPosted
    this.isFlush = outline.isFlush
  }

  get isForgiven(): boolean {
    return this.device.config.onError === 'ones'
  }

  complete(completion: Buffer | undefined): void {
    if (!completion) return this.fail(`model ${this.device.config.model} went away`)
    const outline = scanSafely(completion)
    if (!outline) return this.fail(`model ${this.device.config.model} sent a completion that can't be read`)
    if (outline.seq !== this.seq)
      return this.fail(`model ${this.device.config.model} answered access ${outline.seq} where ${this.seq} is due`)
    if (this.device.config.stream && !this.isWrite) this.session.noteStream(this.device, completion)
    const objection = this.session.objectionTo(this, completion)
    if (objection instanceof Promise) void objection.then((words) => this.#conclude(completion, outline, words))
    else this.#conclude(completion, outline, objection)
  }

  #conclude(completion: Buffer, outline: CompletionOutline, objection: string | undefined): void {
    if (objection !== undefined) return this.fail(objection)
    const answer = () => {
      this.completion = completion
      this.status = outline.status
      if (this.elements > 1) this.#endString(outline.done)
      if (this.isHolding && outline.status === statusOkay) this.session.noteHold(this.device.config.model)
      else this.session.noteRelease(this.device.config.model)
      this.#end()
    }
    const delay = this.session.delayOf(this, completion)
    if (delay) void delay.catch(() => undefined).then(answer)
    else answer()
  }

  /** Answers DISCONNECTED: the access may or may not have happened. */
  fail(detail: string): void {
    const where = this.elements > 1 ? ` (in the midst of ${this.elements} accesses that begin there)` : ''
    this.completion = encodeCompletion({ seq: BigInt(this.seq), status: 'DISCONNECTED', detail: detail + where })
    this.status = statusDisconnected
    this.session.noteRelease(this.device.config.model)
    this.#end()
  }

  /** A model has carried it out as a whole. */
  #endString(done: number): void {
    const isWhole = this.status === statusOkay
    this.count = isWhole ? done : done + 1
    if (!isWhole) this.failing = encodeAccess(elementOf(decodeAccess(this.access), done))
  }

  /** Answers a flush. */
  conclude(): void {
    this.#answerAtOnce({ status: 'OKAY' })
  }

  /** Answers a string whose elements were accesses of their own. */
  answer(answer: Partial<Completion>): void {
    this.#answerAtOnce(answer)
  }

  /** Answers that it was not carried out, for a posted write before it ended as `failed` did. */
  withhold(failed: Pending<Owner>): void {
    const { status, detail } = decodeCompletion(failed.completion ?? Buffer.alloc(0))
    this.#answerAtOnce({ status, detail, posted: BigInt(failed.seq) })
  }

  #answerAtOnce(answer: Partial<Completion>): void {
    this.completion = encodeCompletion({ seq: BigInt(this.seq), ...answer })
    this.isCarriedOut = false
    this.session.flush()
  }

  #end(): void {
    if (this.onEnd) return this.onEnd(this)
    this.session.flush()
    if (this.isPosted) this.session.notePosted(this)
  }
}
