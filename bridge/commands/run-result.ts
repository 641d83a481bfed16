/**
 * `trapline run --results DIR`: the result of one run for reports and JUnit. A mark stands from the run's beginning,
 * the verdict from the program's end, and only then evidence is added: whatever ends us meanwhile, a run that failed
 * has failed.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startBridge, type Bridge } from '../assembly/bridge.js'
import type { LoadedConfig } from '../config/load-config.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toHeadline } from '../host/bus-failure.js'
import type { Outcome } from '../host/supervise-host.js'
import {
  abortAfter,
  catchSignals,
  Interrupted,
  longestAfterSignalMs,
  type Interruption,
} from '../ground/interruption.js'
import { createLog, log } from '../ground/log.js'
import { gatherEvidence, type Evidence } from '../regression/evidence.js'
import { toNote, toStored } from '../regression/note.js'
import { isBad, resultSchema, type ResultInput, type ResultStatus } from '../regression/result.js'
import { toFolderName } from '../regression/results-directory.js'
import { quote } from '../regression/seed.js'
import { toSubject } from '../regression/subject.js'
import { VerdictFiles } from '../regression/verdict-files.js'
import { coverageOf } from './summary.js'
import { orRefuse, type BegunRun } from './begin-run.js'

const leastAfterSignalMs = 50

/** The result of a run that is under way. */
export class RunResult {
  readonly #files: VerdictFiles
  readonly #directory: string
  #latest: ResultInput | undefined

  constructor(private readonly begun: BegunRun) {
    const { directory, name, mark } = begun
    this.#directory = directory
    this.#files = new VerdictFiles(directory, toFolderName(name.suite, name.test), { mark })
  }

  /** The program has ended. What did not pass is written at once; what did is still to be looked over. */
  note(bridge: Bridge, outcome: Outcome): void {
    if (toStatus(outcome) !== 'passed') this.#write(bridge, outcome)
  }

  /** Everything that counts is known. */
  settle(bridge: Bridge, outcome: Outcome): void {
    this.#write(bridge, outcome)
  }

  /** The run gives this status, whatever was thought of it before: no run that is not 0 has passed. */
  conclude(exitStatus: number): void {
    if (exitStatus !== 0 && !this.#isBad()) this.#writePlain('failed', `exit status ${exitStatus}`)
  }

  /** The run gave up. The verdict on a program that had failed before stands. */
  fail(error: unknown): void {
    if (this.#isBad()) return
    try {
      this.#writePlain('error', toReason(error))
    } catch (problem) {
      log.error(`the result can't be written to ${this.#directory} (${toMessage(problem)}); the run counts as begun`)
    }
  }

  /** Adds to a bad verdict what is known of its cause, and says where it is. Throws Interrupted after a signal. */
  async addEvidence(bridge: Bridge, facts: EvidenceFacts): Promise<void> {
    if (!this.#latest || !this.#isBad()) return
    using interruption = catchSignals()
    const { signal, isOvertime } = facts.outcome
    const abort = toAbort(facts, interruption)
    const evidence = await gather(bridge, facts, join(this.#directory, this.#files.folder ?? ''), abort)
    this.#latest = { ...this.#latest, ...evidence, location: toLocation(evidence) }
    this.#files.write(this.#latest)
    const stored = toStored(this.#directory, this.#files.folder, resultSchema.parse(this.#latest))
    for (const line of toNote(stored)) log.info(line)
    if (!signal && !isOvertime) abort.throwIfAborted()
  }

  #isBad(): boolean {
    return this.#latest !== undefined && isBad(resultSchema.parse(this.#latest))
  }

  #write(bridge: Bridge, outcome: Outcome): void {
    const seed = { seed: bridge.seed, repeat: toRepeatCommand(bridge.seed) }
    const facts = { ...seed, ...toSubject([bridge]), registers: coverageOf(bridge) }
    this.#put({ ...this.#outline(toStatus(outcome)), message: toMessageOf(bridge, outcome), ...facts })
  }

  #writePlain(status: ResultStatus, message: string): void {
    this.#put({ ...this.#latest, ...this.#outline(status), message })
  }

  #put(result: ResultInput): void {
    this.#latest = result
    orRefuse(this.#directory, () => this.#files.write(result))
  }

  #outline(status: ResultStatus) {
    const { name, startedAt } = this.begun
    const durationMs = Math.max(0, Date.now() - startedAt.getTime())
    return { format: 'trapline-result-1', ...name, status, startedAt: startedAt.toISOString(), durationMs } as const
  }
}

export interface EvidenceFacts {
  loaded: LoadedConfig
  outcome: Outcome
  /** Absent under a debugger, whose Ctrl-C is not for us. */
  interruption: Interruption | undefined
}

/** What evidence may take where a program had no end. */
const mostAfterDeadlineMs = 10_000

/** Aborts at a signal, be it one that came while the host ran. */
function toAbort({ outcome, interruption }: EvidenceFacts, now: Interruption): AbortSignal {
  const earlier = interruption?.abort
  if (earlier?.aborted) return earlier
  if (outcome.signal) return AbortSignal.abort(new Interrupted(outcome.signal))
  // The access at which the program hung hangs again when a waveform of it is made.
  return outcome.isOvertime ? abortAfter(mostAfterDeadlineMs, now.abort) : now.abort
}

function toStatus({ failure, exitStatus }: Outcome): ResultStatus {
  if (failure !== undefined) return 'error'
  return exitStatus === 0 ? 'passed' : 'failed'
}

function toMessageOf({ monitor }: Bridge, { failure, exitStatus, signal }: Outcome): string | undefined {
  const own = failure ?? (exitStatus === 0 ? undefined : `exit status ${exitStatus}`)
  return own && toHeadline(signal ? undefined : monitor.fatal?.message, own)
}

function toReason(error: unknown): string {
  const detail = error instanceof TraplineError ? error.detail : undefined
  return [toMessage(error), detail].filter(Boolean).join('\n')
}

function gather(bridge: Bridge, { loaded }: EvidenceFacts, folder: string, abort: AbortSignal): Promise<Evidence> {
  const { config, directory: configDirectory } = loaded
  const [error] = bridge.monitor.busErrors
  return gatherEvidence({
    folder,
    bridge,
    output: error ? `${error.message}\n` : '',
    openTraced: (traceFile) =>
      startBridge({
        ...{ config, configDirectory, seed: bridge.seed, traceFile, tracesFromStart: false, lockstep: false, abort },
        log: createLog(() => undefined),
      }),
    abort,
    hasteMs: () => toTimeLeft(abort.reason),
  })
}

function toTimeLeft(reason: unknown): number {
  const since = reason instanceof Interrupted ? performance.now() - reason.atMs : 0
  return Math.max(leastAfterSignalMs, longestAfterSignalMs - since)
}

/** The line of the host that made the access, where its file is one of the current directory. */
function toLocation({ failingAccess }: Evidence): ResultInput['location'] {
  const { file, line } = / \((?<file>[^():]+):(?<line>\d+)\)/.exec(failingAccess?.message ?? '')?.groups ?? {}
  return file !== undefined && existsSync(file) ? { file, line: Number(line) } : undefined
}

function toRepeatCommand(seed: number): string {
  const words = process.argv.slice(2).map(quote)
  return `TRAPLINE_SEED=${seed} npx trapline ${words.join(' ')}`
}
