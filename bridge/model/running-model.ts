/**
 * The life of one model process once it runs: wait for its Hello, know why it ended, stop it.
 * The first reason to end wins; whatever follows from it is not reported again.
 */
import { basename } from 'node:path'
import type { Duplex } from 'node:stream'
import type {
  DmaFault,
  DmaRequest,
  Fault,
  Hello,
  InterruptChange,
  ModelStatistics,
  Progress,
  StreamReadable,
} from '../wire/wire.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toTime } from '../ground/format.js'
import { stoppedWords, watchStopped } from '../ground/stopped-process.js'
import { protocolVersion } from '../ground/version.js'
import { ModelLink } from './model-link.js'
import { endsWithin } from './patience.js'

/** What becomes of the words of a model that runs. */
export interface ModelListener {
  onInterrupt?(change: InterruptChange): void
  /** A read of one of its streams would be answered at once. */
  onStreamReadable?(change: StreamReadable): void
  onDmaFault?(fault: DmaFault): void
  /** Memory that is mapped without a path; see ModelEvents. */
  onDmaRequest?(request: DmaRequest): Promise<Uint8Array>
  /** A line that the RTL or the simulator printed. */
  onOutput(line: string): void
}

export interface ModelSettings extends ModelListener {
  name: string
  /** Takes the raw access log and the model's output. */
  runDirectory: string
  /** In the order of their index. */
  ports: string[]
}

/** How a process ended, as far as that can be known. */
export interface ProcessEnd {
  exitCode?: number
  signal?: string
  cause?: unknown
}

export interface ModelProcess {
  link: Duplex
  /** Of it or of what stands in for it; its Hello says the true one. */
  pid: number | undefined
  /** Present where its Hello says a number that only its own namespace knows: the one that we see. */
  seenPid?(): number | undefined
  rawLog: string
  exited: PromiseLike<ProcessEnd>
  kill(signal: 'SIGTERM' | 'SIGKILL'): void
}

/** Why a model ended. `cause` is a sentence unless it was asked to stop. */
export interface ModelEnd {
  cause: string | undefined
}

export interface RunningModel {
  readonly name: string
  readonly link: ModelLink
  readonly hello: Hello
  readonly rawLog: string
  /** The last that it said of itself; absent before its first second. */
  readonly progress: Progress | undefined
  /** Counters at its regular end; absent before. */
  readonly finalStatistics: ModelStatistics | undefined
  /** Resolves, never rejects, when the process and its link are gone. */
  readonly ended: Promise<ModelEnd>
  /** Runs final blocks and closes traces; insists with SIGTERM after a third of `patienceMs`, with SIGKILL at its end. */
  stop(patienceMs?: number): Promise<ModelEnd>
}

/** Resolves when it has said Hello; throws why it didn't. */
export async function superviseModel(settings: ModelSettings, process: ModelProcess): Promise<RunningModel> {
  const { name } = settings
  let cause: string | undefined
  let stopping = false
  let killed = false
  let lastFault: Fault | undefined
  let progress: Progress | undefined
  let finalStatistics: ModelStatistics | undefined
  let greet: (hello: Hello) => void
  const greeted = new Promise<Hello>((resolve) => (greet = resolve))
  const blame = (sentence: string) => (cause ??= stopping ? undefined : sentence)
  let linkClosed: () => void
  const linkGone = new Promise<void>((resolve) => (linkClosed = resolve))

  const link = new ModelLink(name, process.link, {
    onHello: (hello) => {
      // Ours may be a stand-in's.
      knownPid = hello.pid
      greet(hello)
    },
    onProgress: (report) => (progress = report),
    onFault: (fault) => {
      lastFault = fault
      blame(toFaultSentence(name, fault))
    },
    onInterrupt: (change) => settings.onInterrupt?.(change),
    onStreamReadable: (change) => settings.onStreamReadable?.(change),
    onDmaFault: (fault) => settings.onDmaFault?.(fault),
    ...(settings.onDmaRequest && { onDmaRequest: settings.onDmaRequest }),
    onClose: (problem) => {
      if (problem) blame(`model ${name} ${problem}`)
      linkClosed()
    },
    onOwnFailure: (error) => void blame(toOwnSentence(name, error)),
  })

  let knownPid = process.pid
  const pidOf = () => (process.seenPid ? process.seenPid() : knownPid)
  const stopWatching = watchStopped(pidOf, () => {
    blame(`model ${name} ${stoppedWords}`)
    process.kill('SIGKILL')
  })

  const ended: Promise<ModelEnd> = Promise.all([process.exited, linkGone]).then(([result]) => {
    stopWatching()
    blame(toExitSentence(name, result))
    // Asked to stop, it could not: an access log has no room, say, or it crashed at its waveform. What it printed tells.
    if (stopping && !hasEndedWell(result, lastFault)) cause ??= toLateSentence(name, { result, killed, lastFault })
    return { cause }
  })

  async function stop(patienceMs = 3_000): Promise<ModelEnd> {
    stopping = true
    const query = link.call({ statistics: {} }, 'statistics').then((reply) => (finalStatistics = reply.statistics))
    const request = link.call({ stop: {} }, 'done')
    link.finish()
    const asked = Promise.all([Promise.allSettled([query, request]), ended])
    if (await endsWithin(asked, patienceMs / 3)) return ended
    // In the midst of an access it listens to signals only. Most of the time is for closing its waveform.
    process.kill('SIGTERM')
    if (await endsWithin(ended, (patienceMs / 3) * 2, pidOf())) return ended
    killed = true
    process.kill('SIGKILL')
    return ended
  }

  const hello = await Promise.race([greeted, ended])
  if (!('ports' in hello)) throw new TraplineError('model', hello.cause ?? `model ${name} ended before it was ready`)
  try {
    checkHello(name, hello, settings.ports)
  } catch (error) {
    link.close()
    await ended
    throw error
  }
  return {
    name,
    link,
    hello,
    rawLog: process.rawLog,
    ended,
    stop,
    get progress() {
      return progress
    },
    get finalStatistics() {
      return finalStatistics
    },
  }
}

function checkHello(name: string, hello: Hello, ports: string[]): void {
  if (hello.protocolVersion !== protocolVersion)
    throw new TraplineError(
      'model',
      `model ${name} speaks version ${hello.protocolVersion} of the model protocol, but this bridge speaks version ` +
        `${protocolVersion}; rebuild it with \`trapline build\``,
    )
  if (hello.ports.join() !== ports.join())
    throw new TraplineError(
      'model',
      `model ${name} has the ports ${hello.ports.join(', ') || 'none'} where ${ports.join(', ')} are due; ` +
        'rebuild it with `trapline build`',
    )
}

const faultKinds: Record<string, string> = {
  fatal: '$fatal',
  stop: '$stop',
  finish: '$finish',
  assertion: 'a failed assertion',
  protocol: 'a broken bus protocol',
  time: 'the end of simulated time',
}

function toFaultSentence(name: string, fault: Fault): string {
  const kind = faultKinds[fault.kind] ?? fault.kind
  const place = fault.file ? ` at ${basename(fault.file)}:${fault.line}` : ''
  const message = fault.message ? `: ${fault.message}` : ''
  return `model ${name} ended by ${kind}${place}, cycle ${fault.cycle}, ${toTime(fault.timePs)}${message}`
}

/**
 * Of a process that was asked to end; one that another machine or a test started tells nothing. `$finish` while it ends is
 * what it was asked for.
 */
function hasEndedWell({ exitCode, signal }: ProcessEnd, lastFault: Fault | undefined): boolean {
  if (lastFault?.kind === 'finish') return true
  return (exitCode ?? 0) === 0 && (signal === undefined || signal === 'SIGTERM')
}

interface LateEnd {
  result: ProcessEnd
  /** By us. */
  killed: boolean
  lastFault: Fault | undefined
}

function toLateSentence(name: string, { result, killed, lastFault }: LateEnd): string {
  if (lastFault) return toFaultSentence(name, lastFault)
  if (!killed) return toExitSentence(name, result)
  return `model ${name} did not end when it was asked to, and was killed; its waveform and its access log may be cut`
}

/** It is not the model that is to blame. */
function toOwnSentence(name: string, error: unknown): string {
  if (error instanceof TraplineError) return error.message
  return `Trapline could not pass on what model ${name} said (${toMessage(error)}), so the run can't go on`
}

function toExitSentence(name: string, result: ProcessEnd): string {
  if (result.signal) return `model ${name} was killed by ${result.signal}`
  if (result.exitCode !== undefined) return `model ${name} ended by itself with exit status ${result.exitCode}`
  if (result.cause !== undefined) return `model ${name} could not be started: ${toMessage(result.cause)}`
  return `model ${name} ended by itself`
}
