/**
 * Writes of one session that nobody waits for. They go on to their models as they come; an access that is waited for
 * stays behind until all of them have ended, and hears how they did. Whoever makes it knows from that answer how many
 * may be under way at most.
 */
import { Deferred } from '../ground/deferred.js'
import { statusDisconnected, statusOkay, statusTimeout } from '../wire/access.js'

/** What is known here of an access. */
export interface Posting {
  readonly isPosted: boolean
  /** It only waits for those before it. */
  readonly isFlush: boolean
  /** Index in `statuses`, once it has ended. */
  readonly status: number
  /** Whether its host goes on as if nothing had been, where the bus has refused it. */
  readonly isForgiven: boolean
}

/** What becomes of an access whose turn has come. */
export interface PostingWays<Access extends Posting> {
  /** It goes to its model. */
  pass(access: Access): void
  /** It is not carried out, for `failed` ended so. */
  withhold(access: Access, failed: Access): void
  /** A flush is answered. */
  conclude(access: Access): void
}

export class PostedWrites<Access extends Posting> {
  #underWay = 0
  readonly #held: Access[] = []
  /** Of those that have ended, the one that the host is to hear of. */
  #failed: Access | undefined
  #settled: Deferred | undefined

  constructor(private readonly ways: PostingWays<Access>) {}

  /** An access has come. */
  take(access: Access): void {
    if (this.#held.length > 0 || !this.#mayBegin(access)) this.#held.push(access)
    else this.#begin(access)
  }

  /** A posted one that was passed on has its answer. */
  end(access: Access): void {
    this.#underWay--
    if (isTold(access) && (!this.#failed || (isFatal(access) && !isFatal(this.#failed)))) this.#failed = access
    for (let next = this.#held[0]; next && this.#mayBegin(next); next = this.#held[0]) {
      this.#held.shift()
      this.#begin(next)
    }
    if (this.#underWay === 0) this.#settled?.resolve()
  }

  get isUnderWay(): boolean {
    return this.#underWay > 0
  }

  /** Resolves when none is under way any more. */
  async settled(): Promise<void> {
    if (this.#underWay > 0) await (this.#settled ??= new Deferred()).promise
  }

  #mayBegin(access: Access): boolean {
    return access.isPosted || this.#underWay === 0
  }

  #begin(access: Access): void {
    if (access.isPosted) {
      this.#underWay++
      return this.ways.pass(access)
    }
    const failed = this.#failed
    this.#failed = undefined
    if (failed) this.ways.withhold(access, failed)
    else if (access.isFlush) this.ways.conclude(access)
    else this.ways.pass(access)
  }
}

/** Whatever its device's policy, the host ends. */
function isFatal({ status }: Posting): boolean {
  return status === statusTimeout || status === statusDisconnected
}

function isTold(access: Posting): boolean {
  return isFatal(access) || (access.status !== statusOkay && !access.isForgiven)
}
