/**
 * How either end of `AgentService.Watch` knows that the other is there: each hears from the other once a second,
 * whatever it is. A connection that stalls says nothing of it, and a process that was stopped keeps its connections.
 */

/**
 * How long the other end may say nothing, in seconds that we see: those in which we were stopped ourselves don't count.
 */
export const silenceLimitSeconds = 10
const beatMs = 1_000

export interface BeatSettings {
  /** Lets the other end hear from us. */
  beat(): void
  /** Called once, when the other end has said nothing for too long. */
  onSilence(): void
}

export class Beats {
  #silent = 0
  readonly #timer: NodeJS.Timeout

  constructor({ beat, onSilence }: BeatSettings) {
    this.#timer = setInterval(() => {
      beat()
      if (++this.#silent < silenceLimitSeconds) return
      this.stop()
      onSilence()
    }, beatMs)
    this.#timer.unref()
  }

  /** The other end has said something. */
  note(): void {
    this.#silent = 0
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
