/**
 * `trapline/vitest/reporter`: writes the results of a run as files (`trapline report` makes pages of them), JUnit XML
 * and GitHub annotations, and gives all workers one master seed. Each result is written when its test has ended; a mark
 * says that the regression is under way until all of them are there. What was planned and never came to an end is an
 * error.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason } from 'vitest/node'
import { toAnnotations } from '../regression/annotations.js'
import { toJunit } from '../regression/junit.js'
import { isBad, readResults, type ResultInput, type StoredResult, wholeRegression } from '../regression/result.js'
import { makeResultsDirectory, resultsDirectory, toFolderName } from '../regression/results-directory.js'
import { chooseMasterSeed } from '../regression/seed.js'
import { VerdictFiles } from '../regression/verdict-files.js'
import { toVisible } from '../ground/visible.js'
import { errorsOf, isUnborn, toResult, toSuite } from './reported-test.js'

export default class TraplineReporter implements Reporter {
  readonly #directory = resultsDirectory()
  readonly #regression = new VerdictFiles(this.#directory, 'regression')
  /** Names of files that are taken: several tests may have one name. */
  readonly #names = new Set<string>()
  /** The files of tests, by their ids. */
  readonly #files = new Map<string, VerdictFiles>()
  #startedAt = new Date().toISOString()

  onInit(): void {
    process.env.TRAPLINE_MASTER_SEED ??= String(chooseMasterSeed())
    makeResultsDirectory(this.#directory)
    this.#begin()
    const seed = `master seed ${process.env.TRAPLINE_MASTER_SEED} (TRAPLINE_MASTER_SEED)`
    console.log(`${seed}, results in ${toVisible(this.#directory)}`)
  }

  /** Again and again with --watch. */
  onTestRunStart(): void {
    this.#begin()
  }

  onTestCaseResult(test: TestCase): void {
    this.#writeTest(test)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason?: TestRunEndReason): void {
    for (const module of modules) this.#writeModule(module)
    unhandled.forEach((error, i) => this.#writeLoose('vitest', `unhandled error ${i + 1}`, error.message))
    if (reason === 'interrupted') this.#writeLoose('vitest', wholeRegression, 'the regression was interrupted')
    this.#regression.end()
    const results = this.#writeJunit()
    // vitest does not know of tests that never ran in a worker that died.
    if (results.some(({ result }) => isBad(result))) process.exitCode ||= 1
    const annotations = toAnnotations(results)
    if (process.env.GITHUB_ACTIONS === 'true') process.stdout.write(annotations)
    appendFileSync(join(this.#directory, 'annotations.txt'), annotations)
  }

  #begin(): void {
    this.#startedAt = new Date().toISOString()
    this.#regression.begin({ suite: 'vitest', test: 'runs to its end', startedAt: this.#startedAt })
    // Who only looks at this file sees an error until there is something better to say.
    this.#writeJunit()
  }

  #writeJunit(): StoredResult[] {
    const results = readResults([this.#directory], { mayBeNone: true })
    writeFileSync(join(this.#directory, 'junit.xml'), toJunit(results))
    return results
  }

  #writeModule(module: TestModule): void {
    for (const test of module.children.allTests()) this.#writeTest(test)
    const suite = toSuite(module)
    for (const { what, message } of errorsOf(module)) this.#writeLoose(suite, what, message)
    if (isUnborn(module)) this.#writeLoose(suite, 'runs', undefined)
  }

  /** Where its worker has left its verdict, if it has. */
  #writeTest(test: TestCase): void {
    const result = toResult(test, this.#startedAt)
    const own = this.#filesOf(test.id, result)
    const { folder, name } = test.meta().trapline ?? {}
    const isElsewhere = folder !== undefined && name !== undefined && own.folder !== folder
    const files = isElsewhere ? new VerdictFiles(this.#directory, name, { folder }) : own
    this.#files.set(test.id, files)
    files.write(result)
  }

  /** Something that belongs to no test. */
  #writeLoose(suite: string, test: string, message: string | undefined): void {
    const status = message === undefined ? 'not-run' : 'error'
    const outline = { format: 'trapline-result-1', suite, test, status, message, startedAt: this.#startedAt } as const
    const result = { ...outline, durationMs: 0 }
    this.#filesOf(`${suite}\n${test}`, result).write(result)
  }

  #filesOf(id: string, { suite, test }: ResultInput): VerdictFiles {
    const known = this.#files.get(id)
    if (known) return known
    const plain = toFolderName(suite, test)
    let name = plain
    for (let count = 2; this.#names.has(name); count++) name = `${plain}-${count}`
    this.#names.add(name)
    const files = new VerdictFiles(this.#directory, name)
    this.#files.set(id, files)
    return files
  }
}
