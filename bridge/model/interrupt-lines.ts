/** The levels of all models' interrupt outputs, as they were last told. */
export class InterruptLines {
  /** Names of those that are high, by model. */
  readonly #high = new Map<string, Set<string>>()

  note(model: string, line: string, level: boolean): void {
    const lines = this.#high.get(model) ?? new Set()
    this.#high.set(model, lines)
    if (level) lines.add(line)
    else lines.delete(line)
  }

  /** The model has ended; another of its name begins anew. */
  forget(model: string): void {
    this.#high.delete(model)
  }

  isHigh(model: string, line: string): boolean {
    return this.#high.get(model)?.has(line) ?? false
  }

  /** In the order in which they rose. */
  highOf(model: string): string[] {
    return [...(this.#high.get(model) ?? [])]
  }
}
