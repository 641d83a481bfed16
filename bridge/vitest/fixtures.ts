/** The fixtures: benches that end with their test, whatever happens, and the evidence of a test that failed. */
import { mkdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test as base, type RunnerTask } from 'vitest'
import type { TraplineError } from '../ground/errors.js'
import { openBench, type Bench } from './bench.js'
import { buildAheadOfTests } from './build-ahead.js'
import { resultsDirectory } from '../regression/results-directory.js'
import { masterSeed, seedOf } from '../regression/seed.js'
import { toSubject } from '../regression/subject.js'
import { countsCoverage, type BenchSetup } from './setup.js'
import { TestAttempt, toNames, toTestFolder, type TestEvidence } from './attempts.js'
import { keepEvidence } from './keep-evidence.js'

export interface TraplineFixtures {
  /** What the tests of a suite have in common: `test.override('setup', { models: { uart: 'uart_buggy' } })`. */
  setup: BenchSetup
  /** Opens another bench with its own models, on top of `setup`. It ends with the test. */
  openBench: (more?: BenchSetup) => Promise<Bench>
  /** Fresh models for this test. They start at their first need. */
  bench: Bench
}

buildAheadOfTests()

export const test = base.extend<TraplineFixtures>({
  setup: async ({}, use) => use({}),

  openBench: async ({ task, signal, setup }, use) => {
    const master = masterSeed()
    const benches: { bench: Bench; setup: BenchSetup }[] = []
    const seed = setup.seed ?? seedOf(master, toTestId(task))
    const meta: TestEvidence = { seed, masterSeed: master }
    const attempt = new TestAttempt(task, meta)
    const open = async (more: BenchSetup = {}) => {
      const whole = { seed, ...setup, ...more }
      const coverageDirectory = coverageDirectoryOf(task, whole, benches.length)
      const bench = await openBench({ ...whole, recording: { coverageDirectory }, signal })
      benches.push({ bench, setup: whole })
      return bench
    }
    try {
      await use(open)
    } finally {
      await closeAll(attempt, benches, meta)
    }
  },

  bench: async ({ openBench: open }, use) => use(await open()),
})

/** `test/uart.test.ts > receives > a break`: the same on every machine. */
export function toTestId(task: RunnerTask): string {
  return `${relative(process.cwd(), task.file.filepath)} > ${toNames(task).join(' > ')}`
}

/** One for each bench of a test. */
function coverageDirectoryOf(task: RunnerTask, setup: BenchSetup, index: number): string | undefined {
  if (!countsCoverage(setup)) return undefined
  const directory = join(resultsDirectory(), toTestFolder(task), `coverage-${index + 1}`)
  mkdirSync(directory, { recursive: true })
  return directory
}

/**
 * The verdict comes before everything else: what ends us meanwhile can't take it away. A test that did not notice that
 * its models or its bus failed has failed as well.
 */
async function closeAll(
  attempt: TestAttempt,
  benches: { bench: Bench; setup: BenchSetup }[],
  meta: TestEvidence,
): Promise<void> {
  try {
    if (attempt.hasFailed) attempt.noteVerdict()
    await Promise.all(benches.map(({ bench }) => bench.stop()))
    attempt.addRegisters(benches.flatMap(({ bench }) => bench.bridge.coverage?.coverage ?? []))
    meta.subject = toSubject(benches.map(({ bench }) => bench.bridge))
    const unnoticed = attempt.hasFailed ? undefined : await findUnnoticed(benches)
    if (!attempt.hasFailed) attempt.noteVerdict(unnoticed)
    if (attempt.hasFailed || unnoticed) await keepEvidence(attempt, benches, meta)
    if (unnoticed) throw unnoticed
  } finally {
    await Promise.all(benches.map(({ bench }) => bench[Symbol.asyncDispose]()))
    attempt.end()
  }
}

async function findUnnoticed(benches: { bench: Bench }[]): Promise<TraplineError | undefined> {
  const found = await Promise.all(benches.map(({ bench }) => bench.unnoticed()))
  return found.find((error) => error !== undefined)
}
