/** Waiting for other events of this process. */

/** Within so many rounds of the event loop a connection is accepted, read, and what it says carried out. */
const rounds = 4

/** Resolves when everything has been read that was sent to us before. */
export async function turnOfEvents(): Promise<void> {
  for (let i = 0; i < rounds; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** A delay that can be cut short. */
export class Wakeable {
  #wake: () => void = () => undefined

  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  wake(): void {
    this.#wake()
  }
}
