/**
 * What `trapline run --results DIR` does before it loads anything else: from now on a run that vanishes is an error.
 */
import { basename, resolve } from 'node:path'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toFolderName } from '../regression/results-directory.js'
import { writeMark, type RunMark } from '../regression/run-mark.js'

/** What one calls the run in a regression. */
export interface TestName {
  suite: string
  test: string
}

export interface BegunRun {
  /** The folder of the results, as an absolute path. */
  directory: string
  name: TestName
  mark: RunMark
  startedAt: Date
}

/** Undefined where no result is wanted; throws if none can be left. */
export function beginRun(results: string | undefined, program: string[]): BegunRun | undefined {
  if (results === undefined) return undefined
  const [directory, name, startedAt] = [resolve(results), toTestName(program), new Date()]
  const facts = { ...name, startedAt: startedAt.toISOString() }
  return orRefuse(directory, () => {
    const mark = writeMark(directory, toFolderName(name.suite, name.test), facts)
    return { directory, name, mark, startedAt }
  })
}

/** `TRAPLINE_TEST`, or what pytest says of its current test; else the program and its arguments. */
export function toTestName(program: string[]): TestName {
  const { TRAPLINE_TEST, PYTEST_CURRENT_TEST } = process.env
  const named = TRAPLINE_TEST ?? PYTEST_CURRENT_TEST?.replace(/ \(\w+\)$/, '')
  const [suite = '', ...test] = (named ?? '').split('::')
  if (test.length > 0) return { suite, test: test.join('::') }
  return { suite: 'trapline run', test: named || [basename(program[0] ?? ''), ...program.slice(1)].join(' ') }
}

export function orRefuse<T>(directory: string, attempt: () => T): T {
  try {
    return attempt()
  } catch (error) {
    const message =
      `the result can't be written to ${directory} (${toMessage(error)}); choose another place for ` + `--results`
    throw new TraplineError('output', message, { cause: error })
  }
}
