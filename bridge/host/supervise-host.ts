/**
 * Waits for the first thing that ends a run (the host, a model's failure, a missing agent, a signal to us)
 * and brings the host to its end. The models are the caller's.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Deferred } from '../ground/deferred.js'
import type { TraplineError } from '../ground/errors.js'
import { lastResortStatus, unexpectedCause } from '../ground/last-resort.js'
import type { Log } from '../ground/log.js'
import { hurryWords } from '../ground/outlet.js'
import { stoppedWords, watchStopped } from '../ground/stopped-process.js'
import type { HostEnd } from './keeper.js'
import { toSignalNumber } from '../ground/signal-number.js'
import { missedCheckIn, type RunningHost } from './launch-host.js'
import { concludeOutliving } from './outliving.js'

export interface Outcome {
  exitStatus: number
  /** Why Trapline ended the run or calls it failed; undefined if the host's end is all there is to say. */
  failure?: string
  /** The failure is an access that failed; a model that ended may be the reason, and nobody knows yet. */
  isUnexplained?: boolean
  /** The time of the program was over. */
  isOvertime?: boolean
  /** The signal that ended Trapline itself. */
  signal?: NodeJS.Signals
}

export interface Supervision {
  name: string
  isDebugged?: boolean
  /** Processes that outlive the program are waited for. */
  waitsForChildren: boolean
  hasCheckedIn(): boolean
  /** Resolves when every check-in so far is known: their news may come after the end of a short program. */
  settle?(): Promise<void>
  /** Resolves with the cause when a model ends by itself. */
  modelFailed: Promise<string>
  /** Resolves with the cause when the time of the program is over. */
  deadline: Promise<string>
  /** A signal that came before the host was there. */
  earlySignal?(): NodeJS.Signals | undefined
  /** Ends pending accesses in haste, so that a host that hangs in one can end. */
  stopModels(): Promise<void>
  log: Log
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
/** What the host gets to end by itself, after a signal or a model's failure. */
const graceMs = 1_000

type HostEvent =
  | { kind: 'ended'; end: HostEnd; outliving: string[] }
  | { kind: 'model'; cause: string }
  | { kind: 'deadline'; cause: string }
  | { kind: 'unchecked'; error: TraplineError }
  | { kind: 'overdue' }
  | { kind: 'stopped' }

export async function superviseHost(host: RunningHost, supervision: Supervision): Promise<Outcome> {
  const signals = forwardSignals(host, supervision.isDebugged ?? false, supervision.earlySignal?.())
  const stopped = new Deferred()
  const stopWatching = watchStopped(
    () => host.pid,
    () => stopped.resolve(),
  )
  try {
    const event = await Promise.race<HostEvent>([
      waitForAll(host, supervision),
      supervision.modelFailed.then((cause) => ({ kind: 'model', cause })),
      supervision.deadline.then((cause) => ({ kind: 'deadline', cause })),
      missedWhileRunning(host, supervision).then((error) => ({ kind: 'unchecked', error })),
      signals.overdue.then(() => ({ kind: 'overdue' })),
      stopped.promise.then(() => ({ kind: 'stopped' })),
    ])
    return await conclude(event, host, supervision, signals)
  } finally {
    stopWatching()
    signals.stop()
  }
}

/** Whether a host that has ended was checked in is known once the bridge has told of it: see `waitForAll`. */
async function missedWhileRunning(host: RunningHost, { name, hasCheckedIn }: Supervision): Promise<TraplineError> {
  let hasEnded = false
  void host.ended.then(() => (hasEnded = true))
  const error = await missedCheckIn(host, name, hasCheckedIn)
  return hasEnded ? new Promise(() => undefined) : error
}

async function waitForAll(host: RunningHost, supervision: Supervision): Promise<HostEvent> {
  const { name, waitsForChildren, log } = supervision
  const end = await host.ended
  await supervision.settle?.()
  const waits = waitsForChildren && supervision.hasCheckedIn()
  return { kind: 'ended', end, outliving: await concludeOutliving(host, { name, waits, log }) }
}

async function conclude(
  event: HostEvent,
  host: RunningHost,
  supervision: Supervision,
  signals: ForwardedSignals,
): Promise<Outcome> {
  if (event.kind === 'model' || event.kind === 'deadline') {
    supervision.log.error(event.cause)
    await endHost(host, 'SIGTERM')
    // It may be at an access that never ends.
    if (event.kind === 'deadline') await supervision.stopModels()
    return { exitStatus: 125, failure: event.cause, isOvertime: event.kind === 'deadline' }
  }
  if (event.kind === 'stopped') {
    const failure = `${supervision.name} ${stoppedWords}`
    supervision.log.error(failure)
    await endHost(host, 'SIGKILL')
    return { exitStatus: 125, failure }
  }
  if (event.kind === 'overdue') {
    await supervision.stopModels()
    await endHost(host, 'SIGKILL')
  }
  if (event.kind === 'unchecked') await endHost(host, 'SIGKILL')
  const signal = signals.received()
  const unexpected = unexpectedCause()
  if (unexpected !== undefined) return { exitStatus: lastResortStatus, failure: unexpected }
  if (signal) return { exitStatus: 128 + toSignalNumber(signal), signal, failure: `ended by ${signal}` }
  if (event.kind === 'unchecked') throw event.error
  const end = await host.ended
  // A host that ended without its agent is told apart here, for its end wins the race.
  if (!supervision.hasCheckedIn()) throw await missedCheckIn(host, supervision.name, supervision.hasCheckedIn)
  if (end.signal) {
    const why = end.signal === 'SIGSYS' ? filterWords : ''
    supervision.log.info(`${supervision.name} was killed by ${end.signal}${why}`)
  }
  const failures = event.kind === 'ended' ? event.outliving : []
  if (end.isUnknown) failures.push(`the keeper of ${supervision.name} was killed, so nobody knows how it ended`)
  for (const failure of failures) supervision.log.error(failure)
  return failures[0] === undefined ? { exitStatus: end.exitStatus } : { exitStatus: 125, failure: failures[0] }
}

/** By a filter of its own, as a rule: what an access needs (trap/ground/sandbox.h). */
const filterWords =
  ': a filter of system calls (seccomp) does not allow what it did, or what the agent does in its place: an access ' +
  'needs read, write and rt_sigreturn, the first one of an instruction also openat and mprotect'

/** Ends the host with all that it started. */
async function endHost(host: RunningHost, signal: NodeJS.Signals): Promise<void> {
  host.kill(signal)
  if (signal !== 'SIGKILL') await Promise.race([host.ended, delay(graceMs, undefined, { ref: false })])
  host.endAll()
  await Promise.all([host.ended, host.empty])
}

interface ForwardedSignals {
  /** Resolves a second after the first one. */
  readonly overdue: Promise<void>
  received(): NodeJS.Signals | undefined
  stop(): void
}

/** Hands signals on to the host, which then has a second to end. */
function forwardSignals(host: RunningHost, isDebugged: boolean, early: NodeJS.Signals | undefined): ForwardedSignals {
  let received: NodeJS.Signals | undefined
  const overdue = new Deferred()
  const onSignal = (signal: NodeJS.Signals) => {
    if (isDebugged && signal === 'SIGINT') return
    // Ctrl-C reaches the whole foreground group of a terminal, the host included.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) host.kill(signal)
    hurryWords()
    received ??= signal
    setTimeout(() => overdue.resolve(), graceMs).unref()
  }
  for (const signal of forwarded) process.on(signal, onSignal)
  if (early) onSignal(early)
  return {
    overdue: overdue.promise,
    received: () => received,
    stop: () => forwarded.forEach((signal) => process.off(signal, onSignal)),
  }
}
