/** The levels of all models' interrupt outputs, as they were last told. */
export class InterruptLines {
  readonly #high = new Set<string>()

  note(model: string, line: string, level: boolean): void {
    if (level) this.#high.add(`${model}.${line}`)
    else this.#high.delete(`${model}.${line}`)
  }

  isHigh(model: string, line: string): boolean {
    return this.#high.has(`${model}.${line}`)
  }
}
