/** One host program of a bench, from its start to its end. */
import { execa, type Options, type Result } from 'execa'
import type { Bridge } from '../assembly/bridge.js'
import { TraplineError } from '../ground/errors.js'
import { findBusFailure, toHeadline } from '../host/bus-failure.js'
import { toCommand } from '../host/emulated.js'
import { endedByAgent, toUndone } from '../host/judge-processes.js'
import { missedCheckIn, toHostVariables } from '../host/launch-host.js'
import { settlePosted } from '../host/settle-posted.js'
import type { LogRecord } from '../logs/log-record.js'
import type { AccessRecorder } from './access-recorder.js'

/** The options of execa that a host can have. */
export type HostOptions = Pick<Options, 'cwd' | 'input' | 'inputFile' | 'timeout'> & { env?: Record<string, string> }

/** execa's result and the accesses. `exitCode` is absent when a signal ended the program. */
export type HostResult = Result & {
  stdout: string
  stderr: string
  /** Oldest first. */
  readonly accesses: LogRecord[]
}

interface HostRunSettings {
  path: string
  program: string
  args: readonly string[]
  options: HostOptions
  signal: AbortSignal | undefined
  bridge: Bridge
  recorder: AccessRecorder
  failed: Promise<string>
  /** The test learns of a failure. */
  onNoticed(): void
}

/** What a host gets to end by itself after a model failed. */
const graceMs = 500

export class HostRun {
  readonly pid: number
  readonly #ended: Promise<HostResult>
  #isAwaited = false
  #isKilled = false
  #problem: unknown
  readonly #kill: (signal?: NodeJS.Signals) => void

  constructor(private readonly settings: HostRunSettings) {
    const { path, program, args, options, signal, bridge, recorder } = settings
    const variables = toHostVariables({
      bridge: bridge.address,
      runDirectory: bridge.directory.path,
      token: '',
      patch: bridge.patches,
      hardware: bridge.hardware !== undefined,
    })
    const command = toCommand(path, program, args, { ...process.env, ...options.env })
    const child = execa(command.path, command.args, {
      ...{
        argv0: program,
        stdin: options.input === undefined && options.inputFile === undefined ? 'ignore' : undefined,
      },
      ...options,
      env: { ...process.env, ...options.env, ...variables },
      extendEnv: false,
      reject: false,
      all: true,
      forceKillAfterDelay: graceMs,
      cancelSignal: signal,
    })
    this.pid = child.pid ?? 0
    recorder.noteStart(this.pid)
    this.#kill = (signal = 'SIGKILL') => void child.kill(signal)
    this.#ended = this.#supervise(child as unknown as Promise<Result>)
    this.#ended.catch((error: unknown) => {
      if (!this.#isKilled) this.#problem = error
    })
  }

  /** Rejects if a model ended by itself meanwhile, or if the program ran without the agent. */
  get ended(): Promise<HostResult> {
    this.#isAwaited = true
    const noticed = this.#ended.catch((error: unknown) => {
      this.settings.onNoticed()
      throw error
    })
    noticed.catch(() => undefined)
    return noticed
  }

  kill(signal?: NodeJS.Signals): void {
    this.#isKilled = true
    this.#kill(signal)
  }

  /** Resolves with why it failed before it was killed, if the test has never asked for its end. */
  async unnoticed(): Promise<unknown> {
    await this.#ended.catch(() => undefined)
    return this.#isAwaited ? undefined : this.#problem
  }

  /** A bus that misbehaved fails the run, whatever the host made of it; its own sentence comes first. */
  async #failure(problem: string | undefined): Promise<string | undefined> {
    const { bridge, failed } = this.settings
    const failure = await findBusFailure(bridge.monitor, problem === undefined ? failed : Promise.resolve(problem))
    if (!failure) return problem
    const { cause, sentence } = failure
    return toHeadline(sentence, cause ?? sentence)
  }

  /** What Trapline itself ended or did not carry out is never green, whatever the host made of it. */
  #endedChild(): string | undefined {
    const { bridge, recorder } = this.settings
    const directory = bridge.directory.path
    const [ended] = endedByAgent(directory, (pid) => recorder.mayBeChildOf(pid, this.pid))
    return ended ?? toUndone(directory, bridge.config.tolerant)
  }

  /** Until the bench is closed, which kills what still runs. */
  async #settle(): Promise<void> {
    const { bridge, failed } = this.settings
    let isGivenUp = false
    void failed.then(() => (isGivenUp = true))
    const { sessions, models } = bridge
    await settlePosted({
      ...{ sessions, models },
      isMeant: ({ pid }) => pid === this.pid,
      isGivenUp: () => isGivenUp || this.#isKilled,
    })
  }

  async #supervise(child: Promise<Result>): Promise<HostResult> {
    const { recorder, failed, program } = this.settings
    const hostEnd = child.then(({ exitCode }) => ({ exitStatus: exitCode ?? 128 }))
    const host = { pid: this.pid, ended: hostEnd, kill: this.#kill }
    const hasCheckedIn = () => recorder.hasCheckedIn(this.pid)
    const unchecked = missedCheckIn(host, program, hasCheckedIn)
    const problem = await Promise.race([child.then(() => undefined), failed, unchecked])
    if (problem !== undefined) this.#kill('SIGTERM')
    const result = await child
    if (problem === undefined) await this.#settle()
    recorder.noteOutput(String(result.all ?? ''))
    if (problem instanceof TraplineError) throw problem
    const cause = (await this.#failure(problem)) ?? this.#endedChild()
    if (cause !== undefined) throw new TraplineError('model', cause)
    if (this.pid === 0) throw result.cause ?? new TraplineError('not-executable', `${program} could not be started`)
    return Object.assign(result, { accesses: await recorder.recordsOf(this.pid) }) as HostResult
  }
}
