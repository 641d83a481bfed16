/** A manager of the bridge itself: makes accesses as a host does, through a session that no observer sees. */
import type { Access, Completion } from '../wire/access.js'
import type { Session } from './session.js'
import type { Sessions } from './sessions.js'
import { decodeCompletion, encodeAccess } from '../wire/wire.js'

export class OwnManager {
  /** How many it has made. */
  accesses = 0
  #open: OpenSession | undefined

  constructor(private readonly sessions: Sessions) {}

  /** Resolves with what the device answered. Throws a RangeError if there can be no such access. */
  async access(access: Omit<Partial<Access>, 'seq'>): Promise<Completion> {
    const used = (this.#open ??= new OpenSession(this.sessions))
    const answered = used.send(access)
    this.accesses++
    const completion = await answered
    // The session still knows a model that is gone; the next access shall start that model anew.
    if (completion.status === 'DISCONNECTED') void this.#endOf(used)
    return completion
  }

  /** The number of its session with the models. */
  get session(): number {
    return (this.#open ??= new OpenSession(this.sessions)).session.id
  }

  /** Closes its session with the models; the next access opens another one. */
  async end(): Promise<void> {
    if (this.#open) await this.#endOf(this.#open)
  }

  async #endOf(used: OpenSession): Promise<void> {
    if (this.#open === used) this.#open = undefined
    await used.session.end()
  }
}

class OpenSession {
  readonly session: Session
  #lastSeq = 0n
  readonly #answers = new Map<bigint, (completion: Completion) => void>()

  constructor(sessions: Sessions) {
    this.session = sessions.openOwn((bytes) => {
      const completion = decodeCompletion(bytes)
      this.#answers.get(completion.seq)?.(completion)
      this.#answers.delete(completion.seq)
    })
  }

  /** A refused access has no number: there are no gaps. */
  send(access: Partial<Access>): Promise<Completion> {
    const seq = this.#lastSeq + 1n
    const answered = new Promise<Completion>((resolve) => this.#answers.set(seq, resolve))
    const problem = this.session.access(encodeAccess({ ...access, seq }))
    if (problem !== undefined) throw new RangeError(problem)
    this.#lastSeq = seq
    return answered
  }
}
