/** A manager of the bridge itself: makes accesses as a host does, through a session that no observer sees. */
import type { Access, Completion } from './access.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'
import { decodeCompletion, encodeAccess } from './wire.js'

export class OwnManager {
  #lastSeq = 0n
  #session: Session | undefined
  readonly #answers = new Map<bigint, (completion: Completion) => void>()

  constructor(private readonly sessions: Sessions) {}

  /** How many accesses it has made. */
  get accesses(): number {
    return Number(this.#lastSeq)
  }

  /** Resolves with what the device answered. Throws a RangeError if there can be no such access. */
  async access(access: Omit<Partial<Access>, 'seq'>): Promise<Completion> {
    const seq = ++this.#lastSeq
    this.#session ??= this.sessions.openOwn((bytes) => this.#receive(bytes))
    const answered = new Promise<Completion>((resolve) => this.#answers.set(seq, resolve))
    const problem = this.#session.access(encodeAccess({ seq, ...access }))
    if (problem !== undefined) throw new RangeError(problem)
    return answered
  }

  /** Forgets the models that it knows: one that has ended meanwhile is started anew by the next access. */
  async end(): Promise<void> {
    const session = this.#session
    this.#session = undefined
    await session?.end()
  }

  #receive(bytes: Buffer): void {
    const completion = decodeCompletion(bytes)
    this.#answers.get(completion.seq)?.(completion)
    this.#answers.delete(completion.seq)
  }
}
