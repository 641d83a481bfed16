/** `trapline run --results DIR`: the result of one run for reports and JUnit, with evidence if it did not pass. */
import { basename, join } from 'node:path'
import { startBridge, type Bridge } from '../bridge.js'
import type { LoadedConfig } from '../config/load-config.js'
import type { Outcome } from '../host/supervise-host.js'
import { createLog, log } from '../log.js'
import { gatherEvidence, type Evidence } from '../regression/evidence.js'
import { quote } from '../regression/seed.js'
import { writeResult, type ResultStatus } from '../regression/result.js'
import { toFolderName } from '../regression/results-directory.js'

/** What one calls the run in a regression. */
export interface TestName {
  suite: string
  test: string
}

export interface RunResultFacts {
  /** Of the results. */
  directory: string
  name: TestName
  loaded: LoadedConfig
  outcome: Outcome
  startedAt: Date
  wallMs: number
}

/** `TRAPLINE_TEST`, or what pytest says of its current test; else the program and its arguments. */
export function toTestName(program: string[], environment: NodeJS.ProcessEnv = process.env): TestName {
  const { TRAPLINE_TEST, PYTEST_CURRENT_TEST } = environment
  const named = TRAPLINE_TEST ?? PYTEST_CURRENT_TEST?.replace(/ \(\w+\)$/, '')
  const [suite = '', ...test] = (named ?? '').split('::')
  if (test.length > 0) return { suite, test: test.join('::') }
  return { suite: 'trapline run', test: named || [basename(program[0] ?? ''), ...program.slice(1)].join(' ') }
}

export async function writeRunResult(bridge: Bridge, facts: RunResultFacts): Promise<void> {
  const { directory, name, outcome, startedAt, wallMs } = facts
  const status = toStatus(outcome)
  const folder = toFolderName(name.suite, name.test)
  const evidence = status === 'passed' ? undefined : await toEvidence(bridge, facts, join(directory, folder))
  writeResult(evidence ? join(directory, folder) : directory, folder, {
    ...{ format: 'trapline-result-1', ...name, status, startedAt: startedAt.toISOString(), durationMs: wallMs },
    message: outcome.failure ?? (status === 'passed' ? undefined : `exit status ${outcome.exitStatus}`),
    seed: bridge.seed,
    repeat: toRepeatCommand(bridge.seed),
    ...evidence,
  })
  if (evidence) log.info(`evidence: ${join(directory, folder)}`)
  if (evidence?.waves) log.info(`waves: ${evidence.waves.command}`)
}

function toStatus({ failure, exitStatus }: Outcome): ResultStatus {
  if (failure !== undefined) return 'error'
  return exitStatus === 0 ? 'passed' : 'failed'
}

function toEvidence(bridge: Bridge, { loaded }: RunResultFacts, folder: string): Promise<Evidence> {
  const { config, directory: configDirectory } = loaded
  const [error] = bridge.monitor.busErrors
  return gatherEvidence({
    folder,
    bridge,
    output: error ? `${error.message}\n` : '',
    openTraced: (traceFile) =>
      startBridge({
        ...{ config, configDirectory, seed: bridge.seed, traceFile, tracesFromStart: false, lockstep: false },
        log: createLog(() => undefined),
      }),
  })
}

function toRepeatCommand(seed: number): string {
  const words = process.argv.slice(2).map(quote)
  return `TRAPLINE_SEED=${seed} npx trapline ${words.join(' ')}`
}
