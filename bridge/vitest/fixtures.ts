/** The fixtures: benches that end with their test, whatever happens, and the evidence of a test that failed. */
import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test as base, type RunnerTask } from 'vitest'
import { toMessage } from '../errors.js'
import { openBench, type Bench } from './bench.js'
import { resultsDirectory, toFolderName } from '../regression/results-directory.js'
import { masterSeed, seedOf } from '../regression/seed.js'
import type { BenchSetup } from './setup.js'
import { keepEvidence } from './keep-evidence.js'

export interface TraplineFixtures {
  /** What the tests of a suite have in common: `test.override('setup', { models: { uart: 'uart_buggy' } })`. */
  setup: BenchSetup
  /** Opens another bench with its own models, on top of `setup`. It ends with the test. */
  openBench: (more?: BenchSetup) => Promise<Bench>
  /** Fresh models for this test. They start at their first need. */
  bench: Bench
}

export const test = base.extend<TraplineFixtures>({
  setup: async ({}, use) => use({}),

  openBench: async ({ task, signal, setup }, use) => {
    const master = masterSeed()
    const benches: { bench: Bench; setup: BenchSetup }[] = []
    task.meta.trapline = { seed: setup.seed ?? seedOf(master, toTestId(task)), masterSeed: master }
    const { seed } = task.meta.trapline
    const open = async (more: BenchSetup = {}) => {
      const whole = { seed, ...setup, ...more }
      const coverageDirectory = coverageDirectoryOf(task, whole, benches.length)
      const bench = await openBench({ ...whole, coverageDirectory, signal })
      benches.push({ bench, setup: whole })
      return bench
    }
    try {
      await use(open)
    } finally {
      await closeAll(task, benches)
    }
  },

  bench: async ({ openBench: open }, use) => use(await open()),
})

/** `test/uart.test.ts > receives > a break`: the same on every machine. */
export function toTestId(task: RunnerTask): string {
  return `${relative(process.cwd(), task.file.filepath)} > ${toNames(task).join(' > ')}`
}

/** Names of the suites around a test, and its own. */
export function toNames(task: RunnerTask): string[] {
  return [...(task.suite ? toNames(task.suite) : []), task.name]
}

/** One for each bench of a test. */
function coverageDirectoryOf(task: RunnerTask, { coverage }: BenchSetup, index: number): string | undefined {
  if (!(coverage ?? Boolean(process.env.TRAPLINE_COVERAGE))) return undefined
  const file = relative(process.cwd(), task.file.filepath)
  const directory = join(resultsDirectory(), toFolderName(file, toNames(task).join(' ')), `coverage-${index + 1}`)
  mkdirSync(directory, { recursive: true })
  return directory
}

async function closeAll(task: RunnerTask, benches: { bench: Bench; setup: BenchSetup }[]): Promise<void> {
  const hasFailed = task.result?.state === 'fail'
  await Promise.all(benches.map(({ bench }) => bench.stop()))
  try {
    if (hasFailed && task.meta.trapline) await keepEvidence(task, benches, task.meta.trapline)
  } catch (error) {
    if (task.meta.trapline) task.meta.trapline.problem = `there is no evidence: ${toMessage(error)}`
  } finally {
    await Promise.all(benches.map(({ bench }) => bench[Symbol.asyncDispose]()))
  }
}
