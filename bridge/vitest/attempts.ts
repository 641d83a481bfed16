/**
 * The attempts of a test that has benches, as its worker sees them: each leaves a mark while it runs, and its verdict
 * before anything else is done once it has failed. The reporter writes over it what only vitest knows.
 */
import { join, relative } from 'node:path'
import type { RunnerTask } from 'vitest'
import type { Evidence } from '../regression/evidence.js'
import type { Attempt, ResultInput } from '../regression/result.js'
import { isOfRegression, resultsDirectory, toFolderName } from '../regression/results-directory.js'
import { toRepeatCommand } from '../regression/seed.js'
import { mergeCoverage, type RegisterCoverage } from '../registers/coverage.js'
import type { Subject } from '../regression/subject.js'
import { VerdictFiles } from '../regression/verdict-files.js'

/** What a test with a bench tells the reporter. */
export interface TestEvidence {
  seed: number
  masterSeed: number
  repeat?: string
  /** The folder of the result, relative to the results' folder; absent while no attempt has failed. */
  folder?: string
  /** The name of the result's file. */
  name?: string
  /** What is known of the first attempt that failed. */
  evidence?: Evidence
  attempts?: Attempt[]
  /** What programs have touched of registers, in all its attempts and benches. */
  registers?: RegisterCoverage[]
  /** What the last attempt was about. */
  subject?: Subject
}

declare module 'vitest' {
  interface TaskMeta {
    trapline?: TestEvidence
  }
}

interface TestFiles {
  verdict: VerdictFiles
  attempts: Attempt[]
  evidence: Evidence | undefined
}

const tests = new WeakMap<RunnerTask, TestFiles>()

/** One attempt, from before its first bench to after its last. */
export class TestAttempt {
  readonly #test: TestFiles
  readonly #number: number
  /** How many errors attempts before this one had. */
  readonly #errors: number
  readonly #startedAt = new Date()
  readonly #directory = resultsDirectory()

  constructor(
    private readonly task: RunnerTask,
    private readonly meta: TestEvidence,
  ) {
    const known = tests.get(task)
    this.#test = known ?? { verdict: filesOf(task, this.#directory), attempts: [], evidence: undefined }
    tests.set(task, this.#test)
    this.#number = this.#test.attempts.length + 1
    this.#errors = task.result?.errors?.length ?? 0
    task.meta.trapline = meta
    meta.repeat = toRepeatCommand(meta.masterSeed, fileOf(task), toTitle(task))
    this.#tell()
    if (isOfRegression(this.#directory))
      this.#test.verdict.begin({ ...nameOf(task), startedAt: this.#startedAt.toISOString() })
  }

  /** So far; a test that is expected to fail has not failed. */
  get hasFailed(): boolean {
    const { result } = this.task
    const fails = 'fails' in this.task && this.task.fails === true
    return result?.state === 'fail' && (result.errors?.length ?? 0) > this.#errors && !fails
  }

  /** Where the evidence of this attempt belongs; `noteVerdict` has been called. */
  get folder(): string {
    return join(this.#directory, this.#test.verdict.folder ?? '', this.#subfolder)
  }

  /** What `addEvidence` was given. */
  evidence: Evidence | undefined

  get isFirstFailure(): boolean {
    return this.#test.attempts.filter(({ status }) => status !== 'passed').length === 1
  }

  /** The attempt is over: what failed is written at once. `late` is an error that its test will be told of. */
  noteVerdict(late?: Error): void {
    const errors = [...(this.task.result?.errors ?? []).slice(this.#errors), ...(late ? [late] : [])]
    const hasFailed = this.hasFailed || late !== undefined
    const status = hasFailed ? toFailure(errors) : 'passed'
    const message = errors.map((error) => error.message).join('\n\n')
    this.#test.attempts.push({ attempt: this.#number, status, ...(message && { message }) })
    if (hasFailed) this.#write()
    this.#tell()
  }

  /** Adds what programs have touched. */
  addRegisters(registers: RegisterCoverage[]): void {
    const all = mergeCoverage([...(this.meta.registers ?? []), ...registers])
    if (all.length > 0) this.meta.registers = all
  }

  /** Adds what is known of the failure's cause. */
  addEvidence(evidence: Evidence): void {
    this.evidence = evidence
    this.#test.evidence ??= evidence
    const own = this.#test.attempts.at(-1)
    const { log, waves, failingAccess } = evidence
    if (own) {
      if (log) own.log = join(this.#subfolder, log)
      if (waves) own.waves = this.#moved(waves)
      own.failingAccess = failingAccess
    }
    this.#write()
    this.#tell()
  }

  /** The attempt is over: nothing of it runs any more. */
  end(): void {
    this.#test.verdict.end()
  }

  /** The first one that failed has the folder of the test. */
  get #subfolder(): string {
    return this.isFirstFailure ? '' : `attempt-${this.#number}`
  }

  #moved(waves: NonNullable<Evidence['waves']>): NonNullable<Evidence['waves']> {
    const { file, drawing } = waves
    const at = (name: string) => join(this.#subfolder, name)
    return { ...waves, file: at(file), ...(drawing && { drawing: at(drawing) }) }
  }

  #write(): void {
    const [first] = this.#test.attempts.filter(({ status }) => status !== 'passed')
    const { seed, repeat, registers } = this.meta
    const result: ResultInput = {
      ...{ format: 'trapline-result-1', ...nameOf(this.task), status: first?.status ?? 'failed' },
      ...{ message: first?.message, startedAt: this.#startedAt.toISOString() },
      ...{ durationMs: Math.max(0, Date.now() - this.#startedAt.getTime()), seed, repeat, registers },
      ...this.#test.evidence,
      ...(this.#test.attempts.length > 1 && { attempts: this.#test.attempts }),
    }
    this.#test.verdict.write(result)
  }

  /** What vitest hands on to the reporter. */
  #tell(): void {
    const { verdict, evidence, attempts } = this.#test
    Object.assign(this.meta, { folder: verdict.folder, name: verdict.name, evidence, attempts: [...attempts] })
  }
}

/** A test whose host, model or bridge broke is an error; one whose expectation did not hold has failed. */
export function toFailure(errors: readonly { name?: string }[]): 'failed' | 'error' {
  return errors.some(({ name }) => name === 'TraplineError') ? 'error' : 'failed'
}

function filesOf(task: RunnerTask, directory: string): VerdictFiles {
  return new VerdictFiles(directory, toTestFolder(task), { replaces: !isOfRegression(directory) })
}

/** The name of a test's folder, which is that of the reporter's files. */
export function toTestFolder(task: RunnerTask): string {
  const { suite, test } = nameOf(task)
  return toFolderName(suite, test)
}

function fileOf(task: RunnerTask): string {
  return relative(process.cwd(), task.file.filepath)
}

function nameOf(task: RunnerTask): { suite: string; test: string } {
  return { suite: fileOf(task), test: toNames(task).join(' > ') }
}

/** Names of the suites around a test, and its own. */
export function toNames(task: RunnerTask): string[] {
  return [...(task.suite ? toNames(task.suite) : []), task.name]
}

/** The title by which vitest's `-t` knows a test. */
function toTitle(task: RunnerTask): string {
  return toNames(task).join(' ')
}
