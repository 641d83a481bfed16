/** `trapline run`: the main job. Starts the models, then the host, and ends everything that it started. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Deferred } from '../ground/deferred.js'
import { startBridge, type Bridge } from '../assembly/bridge.js'
import { findBusFailure, findFailedEnd } from '../host/bus-failure.js'
import { checkProgram } from '../host/check-program.js'
import { sayDetour } from '../host/emulated.js'
import { findDebugger } from '../host/debugger.js'
import { checkAgent, launchHost, trapsBeforePatch } from '../host/launch-host.js'
import { judgeProcesses } from '../host/judge-processes.js'
import { killLeftovers } from '../host/leftovers.js'
import { startDeadline, type Deadline } from '../host/deadline.js'
import { settlePosted } from '../host/settle-posted.js'
import { superviseHost, type Outcome } from '../host/supervise-host.js'
import { readUntrapped, Strangers } from '../host/untrapped.js'
import { catchSignals, hastyPatienceMs, Interrupted, type Interruption } from '../ground/interruption.js'
import { TraplineError } from '../ground/errors.js'
import { log } from '../ground/log.js'
import { toPatchLine } from '../run/patches.js'
import { writeAccessLog } from '../regression/write-access-log.js'
import { watchBuilds } from '../model/build-watch.js'
import { startModels } from './start-models.js'
import { toJoined, type RunFlags } from './flags.js'
import type { LoadedConfig } from '../config/load-config.js'
import { toFolderName } from '../regression/results-directory.js'
import { masterSeed, seedOf } from '../regression/seed.js'
import { checkFolder, checkWritable } from './output-files.js'
import { runOnBridge } from './run-on-bridge.js'
import { toTestName, type BegunRun } from './begin-run.js'
import type { RunResult } from './run-result.js'
import { toCoverageLine } from '../registers/coverage.js'
import { summarize, toLaneHint, toSummaryLine, writeReport } from './summary.js'
import { toConfig } from './to-config.js'

/** Resolves with the exit status, which is also that of the run's result. */
export async function run(given: RunFlags, program: string[], begun?: BegunRun): Promise<number> {
  const result = begun && new (await import('./run-result.js')).RunResult(begun)
  try {
    const exitStatus = await runProgram(withLog(given), program, result)
    result?.conclude(exitStatus)
    return exitStatus
  } catch (error) {
    result?.fail(error)
    throw error
  }
}

/** What is recorded of real devices is the log. */
function withLog(flags: RunFlags): RunFlags {
  if (flags.bridge !== undefined || flags.record === undefined) return flags
  if (flags.log === undefined) return { ...flags, log: flags.record }
  throw new TraplineError('usage', '--log and --record name one file, the log of this run; drop one of them')
}

function checkRecord({ record }: RunFlags, { config }: LoadedConfig): void {
  if (record === undefined || Object.values(config.devices).some(({ kind }) => kind === 'hardware')) return
  throw new TraplineError(
    'usage',
    `--record ${record}: this run has no real device; name one by --hardware, or write the log of models by --log`,
  )
}

async function runProgram(flags: RunFlags, program: string[], result: RunResult | undefined): Promise<number> {
  const path = await checkProgram(program[0] ?? '')
  checkAgent()
  const hasNet = flags.net !== false && process.env.TRAPLINE_NET !== '0'
  const detour = sayDetour(program[0] ?? path, path, hasNet)
  if (detour !== undefined) log.info(detour)
  const gdb = flags.gdb ? findDebugger(path) : undefined
  if (flags.bridge) return runOnBridge(flags, path, program, gdb)
  const loaded = await toConfig(flags)
  checkRecord(flags, loaded)
  for (const file of [flags.log, flags.report, flags.perfetto]) if (file) checkWritable(file)
  if (flags.trace) checkFolder(flags.trace)

  using interruption = catchSignals()
  const builds = watchBuilds()
  const modelFailed = new Deferred<string>()
  const bridge = await startBridge({
    config: loaded.config,
    configDirectory: loaded.directory,
    seed: flags.seed ?? seedFromMaster(program),
    traceFile: flags.trace && resolve(flags.trace),
    coverageDirectory: coverageDirectoryOf(flags, program),
    writesLog: [flags.log, flags.results, flags.perfetto].some((wish) => wish !== undefined),
    writesEvents: flags.perfetto !== undefined,
    shows: flags.show,
    lints: flags.lint,
    countsRegisters: [flags.report, flags.results, flags.coverage].some((wish) => wish !== undefined),
    abort: interruption.abort,
    hurry: gdb ? undefined : interruption.hurry,
    joined: toJoined(flags.join),
    runDirectory: flags.runDir,
    hasOneRun: true,
    onBuildProgress: builds.onProgress,
    onModelFailure: modelFailed.resolve,
    onDeadlock: modelFailed.resolve,
  })
  try {
    await interruption.race(startModels(bridge.models, flags.rtl !== undefined))
    return await runHost({
      flags,
      loaded,
      path,
      program,
      gdb,
      bridge,
      modelFailed: modelFailed.promise,
      interruption,
      result,
    })
  } finally {
    killLeftovers(bridge.directory.path)
    await bridge.stop(interruption.abort.aborted ? hastyPatienceMs : undefined)
    bridge.directory.dispose()
  }
}

/** In a regression each run has a seed of its own. */
function seedFromMaster(program: string[]): number | undefined {
  if (process.env.TRAPLINE_MASTER_SEED === undefined) return undefined
  const { suite, test } = toTestName(program)
  return seedOf(masterSeed(), `${suite} > ${test}`)
}

/** Counts of a run that leaves results lie beside them. */
function coverageDirectoryOf({ coverage }: RunFlags, program: string[]): string | undefined {
  if (coverage === undefined) return undefined
  const { suite, test } = toTestName(program)
  const directory = resolve(coverage, toFolderName(suite, test))
  mkdirSync(directory, { recursive: true })
  return directory
}

interface ProgramRun {
  flags: RunFlags
  loaded: LoadedConfig
  path: string
  program: string[]
  /** Path of the debugger to run it under. */
  gdb: string | undefined
  bridge: Bridge
  modelFailed: Promise<string>
  interruption: Interruption
  /** Present with --results. */
  result: RunResult | undefined
}

async function runHost(programRun: ProgramRun): Promise<number> {
  const { flags, loaded, path, program, bridge, interruption, result } = programRun
  const startedAtMs = performance.now()
  using deadline = startDeadline(program[0] ?? path, flags.timeout)
  const { supervised, pid, strangers } = await superviseLaunched(programRun, deadline)
  result?.note(bridge, supervised)
  const wallMs = performance.now() - startedAtMs
  let outcome = await judge(programRun, supervised)
  outcome = judgeProcesses(outcome, { runDirectory: bridge.directory.path, pid, tolerant: bridge.config.tolerant, log })
  outcome = await settle(programRun, outcome, deadline)
  await bridge.stop(outcome.signal ? hastyPatienceMs : undefined)
  outcome = await judgeEnds(programRun, outcome)
  result?.settle(bridge, outcome)
  await writeRecords(programRun)
  // It came only now that all is written; the host's end is no longer all there is to say.
  if (!outcome.signal && !programRun.gdb) interruption.abort.throwIfAborted()
  const lint = await bridge.lint?.findings()
  for (const { message } of lint ?? []) log.warn(message)
  if (lint?.length === 0) log.info('lint: every access suits its registers')
  const untrapped = readUntrapped(bridge.directory.path)
  for (const sentence of untrapped) log.warn(sentence)
  const summary = summarize(bridge, {
    program,
    outcome,
    wallMs,
    logFile: flags.log,
    lint,
    untrapped: [...untrapped, ...strangers],
  })
  log.info(toSummaryLine(summary))
  for (const one of summary.registers ?? []) log.info(toCoverageLine(one))
  if (summary.patches) log.info(toPatchLine(summary.patches, trapsBeforePatch()))
  const hint = toLaneHint(summary, bridge)
  if (hint !== undefined) log.info(hint)
  if (flags.report) writeReport(flags.report, summary)
  await result?.addEvidence(bridge, { loaded, outcome, interruption: programRun.gdb ? undefined : interruption })
  return outcome.exitStatus
}

async function superviseLaunched(programRun: ProgramRun, deadline: Deadline) {
  const { flags, path, program, gdb, bridge, modelFailed, interruption } = programRun
  const [name = path, ...args] = program
  const { address, directory, patches: patch } = bridge
  const run = {
    bridge: address,
    runDirectory: directory.path,
    token: '',
    patch,
    net: flags.net,
    hardware: bridge.hardware !== undefined,
  }
  const settings = { program: path, name, args, ...run }
  const strangers = new Strangers(directory.path, log)
  const host = await launchHost({ ...settings, debugger: gdb, onStranger: strangers.note })
  const supervised = await superviseHost(host, {
    name,
    waitsForChildren: flags.waitForChildren ?? false,
    // Under a debugger the program starts when the user says so, and Ctrl-C is the debugger's.
    isDebugged: gdb !== undefined,
    hasCheckedIn: () => gdb !== undefined || bridge.sessions.attached > 0,
    modelFailed,
    deadline: deadline.passed,
    earlySignal: () => {
      const { reason } = interruption.abort as { reason: unknown }
      return reason instanceof Interrupted ? reason.signal : undefined
    },
    stopModels: () => bridge.models.stop(hastyPatienceMs),
    log,
  })
  return { supervised, pid: host.pid, strangers: strangers.sentences }
}

/**
 * What the program had posted is carried out, however long its models take for that, and judged as all else; whatever
 * else is left of it is over in a moment.
 */
async function settle(programRun: ProgramRun, outcome: Outcome, deadline: Deadline): Promise<Outcome> {
  const { path, program, gdb, bridge, interruption } = programRun
  const { sessions, models } = bridge
  let isOverdue = false
  void deadline.passed.then(() => (isOverdue = true))
  // The debugger has had what came before.
  const wasAborted = gdb !== undefined && interruption.abort.aborted
  const isGivenUp = () => isOverdue || (interruption.abort.aborted && !wasAborted)
  await settlePosted({ sessions, models, isGivenUp })
  if (!isOverdue || !sessions.isPosting() || outcome.failure !== undefined) return judge(programRun, outcome)
  const failure = `writes that ${program[0] ?? path} had posted were not carried out in its time (--timeout)`
  log.error(failure)
  return { exitStatus: 125, failure, isOvertime: true }
}

/** A bus that misbehaved fails the run, whatever the host made of it. */
async function judge({ bridge, modelFailed }: ProgramRun, outcome: Outcome): Promise<Outcome> {
  if (outcome.failure !== undefined) return outcome
  const failure = await findBusFailure(bridge.monitor, modelFailed)
  if (!failure) return outcome
  const { cause, sentence } = failure
  if (cause !== undefined) log.error(cause)
  return { exitStatus: 125, failure: cause ?? sentence, isUnexplained: cause === undefined }
}

/**
 * A model that could not finish fails the run, too; and why one ended under an access of a host may be known only now,
 * for processes take their time to end.
 */
async function judgeEnds({ bridge }: ProgramRun, outcome: Outcome): Promise<Outcome> {
  const cause = await findFailedEnd(bridge.models)
  if ((outcome.failure !== undefined && !outcome.isUnexplained) || cause === undefined) return outcome
  log.error(cause)
  return { exitStatus: 125, failure: cause }
}

/** All of it, or what can be had soon after a signal. */
async function writeRecords({ flags, bridge, gdb, interruption }: ProgramRun): Promise<void> {
  // Ctrl-C is the debugger's.
  const hurry = gdb ? undefined : interruption.hurry
  if (flags.log) sayCut(flags.log, await writeLog(bridge, flags.log, hurry))
  if (flags.perfetto) sayCut(flags.perfetto, await writeTimeline(bridge, flags.perfetto, hurry))
}

function sayCut(file: string, isCut: boolean): void {
  if (isCut) log.warn(`${file} is cut: after a signal a run ends within 2 s, and all of it would have taken longer`)
}

async function writeTimeline(bridge: Bridge, output: string, hurry: AbortSignal | undefined): Promise<boolean> {
  const log = join(bridge.directory.path, 'accesses.jsonl')
  const recorded = await writeAccessLog(bridge, log, hurry)
  const { models } = bridge
  const eventFiles = models.history.flatMap((model) => models.recordingOf(model).eventsFile ?? [])
  const { writePerfetto } = await import('./export.js')
  const written = await writePerfetto(output, log, { eventFiles, hurry })
  return recorded.isCut || written.isCut
}

async function writeLog(bridge: Bridge, output: string, hurry: AbortSignal | undefined): Promise<boolean> {
  try {
    return (await writeAccessLog(bridge, output, hurry)).isCut
  } catch (error) {
    bridge.directory.keep()
    log.info(`kept ${bridge.directory.path}, which has the raw access logs`)
    throw error
  }
}
