/**
 * Makes waiting by polling short: a host that reads the same value at the same instruction over and over is answered
 * only when its model has moved on, by twice as many cycles each time, up to a bound. A register that changes is seen
 * late by no more than the bound; that is why it has to be asked for. Models that take accesses out of mailboxes do it
 * themselves (PollAcceleration in model.proto), for all accesses of those sessions.
 */
import { decodeAccess, decodeCompletion } from '../wire/wire.js'

interface Poll {
  /** What was read where, and what came. */
  key: string
  seq: bigint
  repeats: number
}

/** How often it acted, and cycles that it added. */
export interface PollCounts {
  polls: number
  pollCycles: number
}

/** Extra cycles at the second repetition. */
const firstCycles = 16

export class PollAccelerator {
  #polls = 0
  #cycles = 0
  readonly #last = new WeakMap<object, Poll>()

  /**
   * @param bound cycles at most for one poll
   * @param byModels what models have done themselves
   */
  constructor(
    private readonly bound: number,
    private readonly byModels: () => PollCounts = () => ({ polls: 0, pollCycles: 0 }),
  ) {}

  get counts(): PollCounts {
    const { polls, pollCycles } = this.byModels()
    return { polls: polls + this.#polls, pollCycles: pollCycles + this.#cycles }
  }

  /** As a model is told that does it itself. */
  get bounds(): { firstCycles: number; mostCycles: number } {
    return { firstCycles, mostCycles: this.bound }
  }

  /** How many cycles the model should move on before the host is answered. Accesses may be left out. */
  extraCycles(session: object, access: Buffer, completion: Buffer): number {
    const { seq, operation, device, offset, widthBytes, pc, tid } = decodeAccess(access)
    const { status, data } = decodeCompletion(completion)
    const key = [operation, device, offset, widthBytes, pc, tid, status, data.toString('hex')].join()
    const last = this.#last.get(session)
    const repeats = last?.key === key && last.seq + 1n === seq ? last.repeats + 1 : 0
    this.#last.set(session, { key, seq, repeats })
    if (operation !== 'read' || repeats < 2) return 0
    const cycles = Math.min(this.bound, firstCycles * 2 ** (repeats - 2))
    this.#polls++
    this.#cycles += cycles
    return cycles
  }
}
