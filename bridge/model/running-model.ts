/**
 * The life of one model process once it runs: wait for its Hello, know why it ended, stop it.
 * The first reason to end wins; whatever follows from it is not reported again.
 */
import type { Duplex } from 'node:stream'
import { Deferred } from '../ground/deferred.js'
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
import type { ObservedAccess } from '../wire/scan.js'
import { TraplineError } from '../ground/errors.js'
import { endsWithin, familyOf } from '../ground/patience.js'
import { stoppedWords, watchStopped } from '../ground/stopped-process.js'
import { protocolVersion } from '../ground/version.js'
import {
  hasEndedWell,
  toExitSentence,
  toFaultSentence,
  toLateSentence,
  toOwnSentence,
  type ProcessEnd,
} from './model-end.js'
import { ModelLink } from './model-link.js'

/** What becomes of the words of a model that runs. */
export interface ModelListener {
  onInterrupt?(change: InterruptChange, hello: Hello): void
  /** A read of one of its streams would be answered at once. */
  onStreamReadable?(change: StreamReadable): void
  onDmaFault?(fault: DmaFault): void
  /** An access went by a mailbox. */
  onObserved?(observed: ObservedAccess): void
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
  /** True where its own test bench says which ports it has, in which order, and these are only some of them. */
  namesPorts?: boolean
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
  /** The process that simulates, and who waits for it. */
  readonly family: number[]
  /** The last that it said of itself; absent before its first second. */
  readonly progress: Progress | undefined
  /** Counters at its regular end; absent before. */
  readonly finalStatistics: ModelStatistics | undefined
  /** Resolves, never rejects, when the process and its link are gone. */
  readonly ended: Promise<ModelEnd>
  /**
   * Runs final blocks and closes traces; insists with SIGTERM after a third of `patienceMs`, with SIGKILL at its end:
   * of time that it was given, see `patience.ts`.
   */
  stop(patienceMs?: number): Promise<ModelEnd>
}

/** Resolves when it has said Hello; throws why it didn't. */
export async function superviseModel(settings: ModelSettings, process: ModelProcess): Promise<RunningModel> {
  const model = new SupervisedModel(settings, process)
  await model.waitForHello()
  return model
}

class SupervisedModel implements RunningModel {
  readonly name: string
  readonly link: ModelLink
  readonly ended: Promise<ModelEnd>
  progress: Progress | undefined
  finalStatistics: ModelStatistics | undefined
  #hello: Hello | undefined
  #family: number[] = []
  /** The first reason to end. */
  #cause: string | undefined
  #lastFault: Fault | undefined
  #isFaultToBlame = false
  /** It has been asked to end. */
  #isStopping = false
  /** By us, for it did not. */
  #isKilled = false
  readonly #greeted = new Deferred()
  readonly #linkGone = new Deferred()
  readonly #stopWatching: () => void

  constructor(
    private readonly settings: ModelSettings,
    private readonly process: ModelProcess,
  ) {
    this.name = settings.name
    this.link = this.#listen()
    this.#stopWatching = watchStopped(
      () => this.#pid,
      () => {
        this.#blame(`model ${this.name} ${stoppedWords}`)
        process.kill('SIGKILL')
      },
    )
    this.ended = Promise.all([process.exited, this.#linkGone.promise]).then(([result]) => this.#conclude(result))
  }

  /** Whoever gets this model has waited for it. */
  get hello(): Hello {
    return this.#hello as Hello
  }

  get rawLog(): string {
    return this.process.rawLog
  }

  /** Throws if it ends before, or is not the model that was expected. */
  async waitForHello(): Promise<void> {
    const { name } = this
    const end = await Promise.race([this.#greeted.promise, this.ended])
    if (end || !this.#hello) throw new TraplineError('model', end?.cause ?? `model ${name} ended before it was ready`)
    try {
      checkHello(name, this.#hello, this.settings)
    } catch (error) {
      this.link.close()
      await this.ended
      throw error
    }
  }

  async stop(patienceMs = 3_000): Promise<ModelEnd> {
    const { link, ended, process } = this
    // Without its link it ends by itself, and why is still to be told.
    this.#isStopping ||= link.isOpen
    const query = link
      .call({ statistics: {} }, 'statistics')
      .then(({ statistics }) => (this.finalStatistics = statistics))
    const request = link.call({ stop: {} }, 'done')
    link.finish()
    const asked = Promise.all([Promise.allSettled([query, request]), ended])
    const { family } = this
    if (await endsWithin(asked, patienceMs / 3, family)) return ended
    // In the midst of an access it listens to signals only. Most of the time is for closing its waveform.
    process.kill('SIGTERM')
    if (await endsWithin(ended, (patienceMs / 3) * 2, family)) return ended
    this.#isKilled = true
    process.kill('SIGKILL')
    return ended
  }

  #listen(): ModelLink {
    const { name, settings } = this
    return new ModelLink(name, this.process.link, {
      onHello: (hello) => {
        this.#hello = hello
        this.#family = familyOf(this.#pid)
        this.#greeted.resolve()
      },
      onProgress: (report) => (this.progress = report),
      onFault: (fault) => {
        this.#lastFault = fault
        this.#isFaultToBlame ||= this.#cause === undefined && !this.#isStopping
        this.#blame(toFaultSentence(name, fault))
      },
      onInterrupt: (change) => settings.onInterrupt?.(change, this.hello),
      onStreamReadable: (change) => settings.onStreamReadable?.(change),
      onDmaFault: (fault) => settings.onDmaFault?.(fault),
      onObserved: (observed) => settings.onObserved?.(observed),
      ...(settings.onDmaRequest && { onDmaRequest: settings.onDmaRequest }),
      onClose: (problem) => {
        if (problem) this.#blame(`model ${name} ${problem}`)
        this.#linkGone.resolve()
      },
      onOwnFailure: (error) => this.#blame(toOwnSentence(name, error)),
    })
  }

  /** That of a copy is not known when it greets. */
  get family(): number[] {
    if (this.#family.length === 0) this.#family = familyOf(this.#pid)
    return this.#family
  }

  /** What our own child has as its pid may be that of a stand-in; then its Hello says its own. */
  get #pid(): number | undefined {
    return this.process.seenPid ? this.process.seenPid() : (this.#hello?.pid ?? this.process.pid)
  }

  #blame(sentence: string): void {
    this.#cause ??= this.#isStopping ? undefined : sentence
  }

  #conclude(result: ProcessEnd): ModelEnd {
    const lastFault = this.#lastFault
    this.#stopWatching()
    if (this.#isFaultToBlame && lastFault?.kind === 'finish' && result.ownWords)
      this.#cause = toFaultSentence(this.name, { ...lastFault, ...result.ownWords })
    if (this.#isKilled && !this.#isStopping)
      this.#blame(toLateSentence(this.name, { result, isKilled: true, lastFault }))
    this.#blame(toExitSentence(this.name, result))
    // Asked to stop, it could not: an access log has no room, say, or it crashed at its waveform. What it printed
    // tells.
    if (this.#isStopping && !hasEndedWell(result, lastFault))
      this.#cause ??= toLateSentence(this.name, { result, isKilled: this.#isKilled, lastFault })
    return { cause: this.#cause }
  }
}

function checkHello(name: string, hello: Hello, { ports, namesPorts = false }: ModelSettings): void {
  const known = hello.ports.join(', ') || 'none'
  if (hello.protocolVersion !== protocolVersion)
    throw new TraplineError(
      'model',
      `model ${name} speaks version ${hello.protocolVersion} of the model protocol, but this bridge speaks version ` +
        `${protocolVersion}; rebuild it with \`trapline build\``,
    )
  if (!namesPorts && hello.ports.join() !== ports.join())
    throw new TraplineError(
      'model',
      `model ${name} has the ports ${known} where ${ports.join(', ')} are due; rebuild it with \`trapline build\``,
    )
  const missing = ports.find((port) => !hello.ports.includes(port))
  if (missing !== undefined)
    throw new TraplineError(
      'model',
      `model ${name}: a device lies on port ${missing}, which its trapline.Bridge(ports=…) does not name; ` +
        `ports there are ${known}`,
    )
}
