/** The levels of all models' interrupt outputs, as they were last told. */
export class InterruptLines {
  /** Names of those that are high, by model. */
  readonly #high = new Map<string, Set<string>>()
  /** How often each has risen, by model. */
  readonly #rises = new Map<string, Map<string, number>>()

  note(model: string, line: string, level: boolean): void {
    const lines = this.#high.get(model) ?? new Set()
    this.#high.set(model, lines)
    const rises = this.#rises.get(model) ?? new Map<string, number>()
    this.#rises.set(model, rises)
    if (level && !lines.has(line)) rises.set(line, (rises.get(line) ?? 0) + 1)
    if (level) lines.add(line)
    else lines.delete(line)
  }

  /** The model has ended; another of its name begins anew. */
  forget(model: string): void {
    this.#high.delete(model)
    this.#rises.delete(model)
  }

  isHigh(model: string, line: string): boolean {
    return this.#high.get(model)?.has(line) ?? false
  }

  /** How often it has risen. */
  risesOf(model: string, line: string): number {
    return this.#rises.get(model)?.get(line) ?? 0
  }

  /** In the order in which they rose. */
  highOf(model: string): string[] {
    return [...(this.#high.get(model) ?? [])]
  }
}
