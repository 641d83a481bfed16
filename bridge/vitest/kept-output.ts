/** What was printed during a test: the first and the last of it, for a string and a page have their limits. */

/** Characters of each of the two halves. */
const half = 4 * 2 ** 20

export class KeptOutput {
  #first = ''
  #last = ''
  #leftOut = 0

  note(line: string): void {
    const text = `${line}\n`
    if (this.#last === '' && this.#first.length + text.length <= half) {
      this.#first += text
      return
    }
    this.#last += text
    if (this.#last.length <= 2 * half) return
    this.#leftOut += this.#last.length - half
    this.#last = this.#last.slice(-half)
  }

  get text(): string {
    if (this.#leftOut === 0) return this.#first + this.#last
    return `${this.#first}(${this.#leftOut} characters of the output are left out here)\n${this.#last}`
  }
}
