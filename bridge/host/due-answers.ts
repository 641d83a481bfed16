/**
 * What the other end of `AgentService.Watch` owes us. Its beats (`beats.ts`) only say that somebody is there: one that
 * beats and never answers must not keep us for ever.
 */

/** How long an answer may take, in seconds that we see: those in which we were stopped ourselves don't count. */
export const answerLimitSeconds = 10

interface Due {
  what: string
  isDue(): boolean
  seconds: number
}

export class DueAnswers {
  readonly #due = new Set<Due>()

  /** `onOverdue` is told what is missing. */
  constructor(private readonly onOverdue: (what: string) => void) {}

  /** Resolves or rejects as `answer` does. Seconds count while `isDue`, which is asked each second. */
  async await<T>(what: string, answer: Promise<T>, isDue: () => boolean = () => true): Promise<T> {
    const due = this.#add(what, isDue)
    try {
      return await answer
    } finally {
      this.#due.delete(due)
    }
  }

  /** An answer that others get; `isDue` tells each second whether they wait for it. */
  watch(what: string, isDue: () => boolean): void {
    this.#add(what, isDue)
  }

  /** To be called once a second. */
  tick(): void {
    for (const due of this.#due) {
      due.seconds = due.isDue() ? due.seconds + 1 : 0
      if (due.seconds < answerLimitSeconds) continue
      this.#due.delete(due)
      this.onOverdue(due.what)
    }
  }

  #add(what: string, isDue: () => boolean): Due {
    const due = { what, isDue, seconds: 0 }
    this.#due.add(due)
    return due
  }
}
