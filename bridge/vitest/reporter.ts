/**
 * `trapline/vitest/reporter`: writes the results of a run as files (`trapline report` makes pages of them), JUnit XML and
 * GitHub annotations, and gives all workers one master seed. What was planned and never came to an end is an error.
 */
import { appendFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'
import { toAnnotations } from '../regression/annotations.js'
import { toJunit } from '../regression/junit.js'
import { isBad, readResults, writeResult, type ResultInput, type ResultStatus } from '../regression/result.js'
import { makeResultsDirectory, resultsDirectory, toFolderName } from '../regression/results-directory.js'
import { chooseMasterSeed } from '../regression/seed.js'
import type {} from './keep-evidence.js'

export default class TraplineReporter implements Reporter {
  readonly #directory = resultsDirectory()
  #startedAt = new Date()

  onInit(): void {
    process.env.TRAPLINE_MASTER_SEED ??= String(chooseMasterSeed())
    makeResultsDirectory(this.#directory)
    this.#startedAt = new Date()
    console.log(`master seed ${process.env.TRAPLINE_MASTER_SEED} (TRAPLINE_MASTER_SEED), results in ${this.#directory}`)
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const module of modules) this.#writeModule(module)
    unhandled.forEach((error, i) => this.#writeLoose('vitest', `unhandled error ${i + 1}`, error.message))
    const results = readResults([this.#directory], { mayBeNone: true }).map(({ result }) => result)
    writeFileSync(join(this.#directory, 'junit.xml'), toJunit(results))
    const annotations = toAnnotations(results)
    if (process.env.GITHUB_ACTIONS === 'true') process.stdout.write(annotations)
    // vitest does not know of tests that never ran in a worker that died.
    if (results.some(isBad)) process.exitCode ||= 1
    appendFileSync(join(this.#directory, 'annotations.txt'), annotations)
  }

  #writeModule(module: TestModule): void {
    for (const test of module.children.allTests()) this.#writeTest(module, test)
    const suite = toFile(module)
    for (const error of module.errors()) this.#writeLoose(suite, 'can be loaded', error.message)
    if (module.state() === 'pending' || module.state() === 'queued') this.#writeLoose(suite, 'runs', undefined)
  }

  #writeTest(module: TestModule, test: TestCase): void {
    const { trapline } = test.meta()
    const { errors } = test.result()
    const diagnostic = test.diagnostic()
    const result: ResultInput = {
      ...this.#outline(toFile(module), test.fullName),
      status: toStatus(test),
      message: errors?.map(({ message }) => message).join('\n\n'),
      location: { file: toFile(module), line: test.location?.line },
      startedAt: (diagnostic ? new Date(diagnostic.startTime) : this.#startedAt).toISOString(),
      durationMs: Math.max(0, diagnostic?.duration ?? 0),
      seed: trapline?.seed,
      repeat: trapline?.repeat,
      ...trapline?.evidence,
    }
    const name = toFolderName(toFile(module), test.fullName)
    writeResult(trapline?.folder ? join(this.#directory, trapline.folder) : this.#directory, name, result)
  }

  /** Something that belongs to no test. */
  #writeLoose(suite: string, test: string, message: string | undefined): void {
    const status = message === undefined ? 'not-run' : 'error'
    const result = { ...this.#outline(suite, test), status, message, startedAt: this.#startedAt.toISOString() } as const
    writeResult(this.#directory, toFolderName(suite, test), { ...result, durationMs: 0 })
  }

  #outline(suite: string, test: string) {
    return { format: 'trapline-result-1', suite, test } as const
  }
}

function toFile(module: TestModule): string {
  return relative(process.cwd(), module.moduleId)
}

/** A test whose host, model or bridge broke is an error; one whose expectation did not hold has failed. */
function toStatus(test: TestCase): ResultStatus {
  const { state, errors } = test.result()
  if (state === 'pending') return 'not-run'
  if (state !== 'failed') return state
  return errors.some(({ name }) => name === 'TraplineError') ? 'error' : 'failed'
}
