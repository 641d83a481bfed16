/**
 * What a run leaves among the results while it is under way: a mark as soon as it begins, so that one which is killed
 * is not forgotten; its verdict as soon as that is known; and evidence afterwards. A run has files of its own, so no
 * run takes away what another one of the same name has left.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isBad, resultSchema, writeNewResult, writeResult, type ResultInput } from './result.js'
import { newRunId, writeMark, type RunFacts, type RunMark } from './run-mark.js'

export interface VerdictOptions {
  /** Files of the same name from runs before go: nobody empties the directory. */
  replaces?: boolean
  /** Where the result stands already. */
  folder?: string
  /** Of the run, where it stands already. */
  mark?: RunMark
}

export class VerdictFiles {
  readonly #id: string
  #mark: string | undefined
  #folder: string | undefined
  /** The result while it is a good one. */
  #good: string | undefined

  /**
   * @param directory of the results
   * @param name of the run's files
   */
  constructor(
    private readonly directory: string,
    readonly name: string,
    private readonly options: VerdictOptions = {},
  ) {
    this.#id = options.mark?.id ?? newRunId()
    this.#mark = options.mark?.file
    this.#folder = options.folder
  }

  /** The folder of a result that is bad, relative to that of all results: the evidence belongs there. */
  get folder(): string | undefined {
    return this.#folder
  }

  /** From now on a run that leaves no verdict is an error. */
  begin(facts: RunFacts): void {
    this.#mark = writeMark(this.directory, this.name, facts, this.#id).file
  }

  /** Writes the verdict, or a better one over it. What did not pass once has a folder, and stays there. */
  write(input: ResultInput): void {
    const result = { ...input, run: this.#id }
    if (this.#folder === undefined && isBad(resultSchema.parse(result))) {
      this.#folder = this.#claim(result)
      if (this.#good) rmSync(this.#good, { force: true })
    } else {
      const file = writeResult(join(this.directory, this.#folder ?? ''), this.name, result)
      if (this.#folder === undefined) this.#good = file
    }
    this.end()
  }

  /** Takes the mark away. */
  end(): void {
    if (this.#mark) rmSync(this.#mark, { force: true })
    this.#mark = undefined
  }

  /** Writes the result into the first folder of its name that no other run has one in. */
  #claim(result: ResultInput): string {
    if (this.options.replaces) {
      writeResult(join(this.directory, this.name), this.name, result)
      return this.name
    }
    for (let count = 1; ; count++) {
      const folder = count === 1 ? this.name : `${this.name}-${count}`
      if (writeNewResult(join(this.directory, folder), this.name, result)) return folder
    }
  }
}
