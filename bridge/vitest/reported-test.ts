/** What vitest's reports of tests mean in a result, and what they leave out. */
import { relative } from 'node:path'
import type { TestCase, TestModule, TestSuite } from 'vitest/node'
import type { ResultInput, ResultStatus } from '../regression/result.js'
import { toFailure } from './attempts.js'

/** The file, and the project where there are several. */
export function toSuite(module: TestModule): string {
  const { name } = module.project
  return name ? `${toFile(module)} [${name}]` : toFile(module)
}

function toFile(module: TestModule): string {
  return relative(process.cwd(), module.moduleId)
}

export function toResult(test: TestCase, runStartedAt: string): ResultInput {
  const { trapline, traplineBuildMs = 0 } = test.meta()
  const { errors } = test.result()
  const diagnostic = test.diagnostic()
  const status = toStatus(test)
  const attempts = toAttempts(test)
  return {
    ...{ format: 'trapline-result-1', suite: toSuite(test.module), test: test.fullName, status },
    message: errors?.map(({ message }) => message).join('\n\n') || toReason(test, status),
    location: { file: toFile(test.module), line: toFailingLine(test) ?? test.location?.line },
    startedAt: diagnostic ? new Date(diagnostic.startTime).toISOString() : runStartedAt,
    durationMs: Math.max(0, (diagnostic?.duration ?? 0) - traplineBuildMs),
    seed: trapline?.seed,
    repeat: trapline?.repeat,
    registers: trapline?.registers,
    ...trapline?.subject,
    ...(status !== 'passed' && trapline?.evidence),
    ...(attempts.length > 1 && { attempts }),
  }
}

/** Of the expectation that did not hold, in the file of the test. */
function toFailingLine(test: TestCase): number | undefined {
  const stacks = test.result().errors?.flatMap((error) => error.stacks ?? []) ?? []
  return stacks.find(({ file }) => file === test.module.moduleId)?.line
}

function toStatus(test: TestCase): ResultStatus {
  const { state, errors } = test.result()
  if (state === 'pending') return 'not-run'
  if (state === 'passed') return test.diagnostic()?.flaky ? 'flaky' : 'passed'
  if (state === 'skipped') return wasPlanned(test) ? 'not-run' : 'skipped'
  return toFailure(errors)
}

/**
 * vitest calls a test skipped, too, that never ran because the regression was interrupted, or because what stands
 * before all tests of its suite failed.
 */
function wasPlanned(test: TestCase): boolean {
  const { task } = test as unknown as { task: { result?: { pending?: boolean } } }
  const isSkippedByItself = task.result?.pending === true
  return (test.options.mode === 'run' || test.options.mode === 'only') && !isSkippedByItself
}

function toReason(test: TestCase, status: ResultStatus): string | undefined {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : undefined
  if (status !== 'not-run') return note
  return `it never came to an end: ${note ?? 'what stands before it failed, or its worker ended'}`
}

/** The attempts as the worker has counted them; a test without a bench is only known to have been tried so often. */
function toAttempts(test: TestCase): NonNullable<ResultInput['attempts']> {
  const { attempts = [] } = test.meta().trapline ?? {}
  const tries = (test.diagnostic()?.retryCount ?? 0) + 1
  if (attempts.length > 0 || tries === 1) return attempts
  const last = test.result().state === 'passed' ? 'passed' : 'failed'
  return Array.from({ length: tries }, (_, i) => ({ attempt: i + 1, status: i + 1 === tries ? last : 'failed' }))
}

/** Errors of the file and of its suites, which belong to no test. */
export function errorsOf(module: TestModule): { what: string; message: string }[] {
  const own = module.errors().map(({ message }) => ({ what: 'can be loaded', message }))
  const suites = [...module.children.allSuites()].flatMap((suite: TestSuite) =>
    suite.errors().map(({ message }) => ({ what: `${suite.fullName} can be set up and put away`, message })),
  )
  return [...own, ...suites]
}

/** A file of which nothing came: it was not even looked at. */
export function isUnborn(module: TestModule): boolean {
  const state = module.state()
  if (state === 'pending' || state === 'queued') return true
  return module.children.size === 0 && module.errors().length === 0 && !module.ok()
}
