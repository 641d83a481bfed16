/**
 * A request to a model that is answered soon, without a turn of the event loop in between. Whatever else would wake the
 * loop ends the wait, so nobody waits for this model but who has asked; and where answers are not soon, or others ask,
 * too, nobody tries.
 */
import { availableParallelism } from 'node:os'
import type { Duplex } from 'node:stream'
import { exchange, lookAhead, mostPassed } from '../ground/outlet.js'

/** Compared with what takes longer nothing is gained. */
const patienceMs = 10
/** For the answer, and then for what is asked next, before we sleep (trap/ground/looks.h). */
const looks = availableParallelism() > 1
const answerBytes = 65_536

/** Of one who asks alone, before one waits again after another one has asked, of this model or of any. */
const mostAlone = 255

/** Who has asked last, and how often alone. */
let lastAsked: { quick: QuickExchange; session: number } | undefined
let timesAlone = 0

/** One at a time: what has come is copied out of it. */
const room = Buffer.allocUnsafeSlow(answerBytes)

export class QuickExchange {
  /** Requests that are sent without waiting before one waits again, each time that it was in vain. */
  #passed = 0
  #toPass = 0

  constructor(private readonly socket: Duplex) {}

  /** To be told of all accesses. While several ask, the loop has better things to do than to wait for one of them. */
  note(session: number): void {
    if (lastAsked?.quick === this && lastAsked.session === session) timesAlone++
    else {
      lastAsked = { quick: this, session }
      timesAlone = 0
    }
  }

  /** Sends it, behind whatever was sent before. Returns what has come from the model meanwhile, if anything has. */
  ask(framed: Buffer): Buffer | undefined {
    if (this.#toPass > 0 || timesAlone < mostAlone || this.#hasQueue) {
      if (this.#toPass > 0) this.#toPass--
      this.socket.write(framed)
      return undefined
    }
    const came = exchange(this.socket, framed, room, patienceMs, looks)
    if (came > 0) {
      this.#passed = 0
      if (looks) setImmediate(lookAhead) // The answer goes out before.
      return Buffer.from(room.subarray(0, came))
    }
    if (came < 0) this.socket.write(framed.subarray(-1 - came))
    this.#toPass = this.#passed = Math.min(2 * this.#passed + 1, mostPassed)
    return undefined
  }

  /** What Node keeps for it would be overtaken. */
  get #hasQueue(): boolean {
    return this.socket.writableLength > 0 || this.socket.readableLength > 0 || this.socket.isPaused()
  }
}
