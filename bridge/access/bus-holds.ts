/**
 * Which models' buses a session holds: between the halves of a locked instruction nobody else gets through, control
 * calls included. An agent holds for microseconds. One that was stopped in between, or a client that never goes on, is
 * found out.
 */

/** Accesses of one locked instruction: more than its pieces can be. */
export const mostHeldAccesses = 256

export class BusHolds {
  /** When the hold of each model began, or was last used. */
  readonly #since = new Map<string, number>()
  #inARow = 0

  /** An access has come. False if it holds on and on. */
  note(isHolding: boolean): boolean {
    this.#inARow = isHolding ? this.#inARow + 1 : 0
    return this.#inARow <= mostHeldAccesses
  }

  /** An access that holds was answered, so the bus of that model is held from now on (hdl/sim/mailbox.cc). */
  hold(model: string): void {
    this.#since.set(model, performance.now())
  }

  /** Any other answer has released it. */
  release(model: string): void {
    this.#since.delete(model)
  }

  /** Models whose bus it holds. */
  get models(): ReadonlyMap<string, number> {
    return this.#since
  }
}
