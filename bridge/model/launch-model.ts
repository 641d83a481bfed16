/**
 * The life of one model process: start it on a built executable, wait for its Hello, know why it ended, stop it.
 * The first reason to end wins; whatever follows from it is not reported again.
 */
import { createWriteStream } from 'node:fs'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Duplex, Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import type { DmaFault, DmaRequest, Fault, Hello, InterruptChange, ModelStatistics, Progress } from '../access/wire.js'
import type { Config } from '../config/schema.js'
import { toMessage, TraplineError } from '../errors.js'
import { toTime } from '../format.js'
import { protocolVersion } from '../version.js'
import { ModelLink } from './model-link.js'

export interface LaunchSettings {
  name: string
  executable: string
  /** Where the RTL's own files (`$readmemh`) are looked for. */
  workingDirectory: string
  /** Takes the raw access log and the model's output. */
  runDirectory: string
  /** In the order of their index. */
  ports: string[]
  /** Ports that the RTL drives itself, in the order of their index. */
  managers: string[]
  /** Interrupt lines, in the order of their index. */
  interrupts: string[]
  seed: number
  maxCycles: number
  minCyclesPerAccess: number
  /** Percent, by channel. */
  stall: Config['stall']
  resetCycles: number
  periodPs: number
  writesLog: boolean
  traceFile: string | undefined
  onInterrupt?(change: InterruptChange): void
  onDmaFault?(fault: DmaFault): void
  /** Memory that is mapped without a path; see ModelEvents. */
  onDmaRequest?(request: DmaRequest, answer: (data: Uint8Array) => void): void
  /** A line that the RTL or the simulator printed. */
  onOutput(line: string): void
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
  /** Runs final blocks and closes traces; insists with SIGTERM after `patienceMs`, with SIGKILL after twice that. */
  stop(patienceMs?: number): Promise<ModelEnd>
}

export async function launchModel(settings: LaunchSettings): Promise<RunningModel> {
  const { name } = settings
  const rawLog = join(settings.runDirectory, `${name}.raw.jsonl`)
  const child = execa(settings.executable, toArguments(settings, rawLog), {
    cwd: settings.workingDirectory,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    buffer: false,
    reject: false,
    // Its own process group: Ctrl-C at the terminal must not take the model away under the host's last access.
    detached: true,
    cleanup: false,
  })
  keepOutput(child, settings)

  let cause: string | undefined
  let stopping = false
  let progress: Progress | undefined
  let finalStatistics: ModelStatistics | undefined
  let greet: (hello: Hello) => void
  const greeted = new Promise<Hello>((resolve) => (greet = resolve))
  const blame = (sentence: string) => (cause ??= stopping ? undefined : sentence)
  let linkClosed: () => void
  const linkGone = new Promise<void>((resolve) => (linkClosed = resolve))

  const link = new ModelLink(name, child.stdio[3] as unknown as Duplex, {
    onHello: (hello) => greet(hello),
    onProgress: (report) => (progress = report),
    onFault: (fault) => void blame(toFaultSentence(name, fault)),
    onInterrupt: (change) => settings.onInterrupt?.(change),
    onDmaFault: (fault) => settings.onDmaFault?.(fault),
    ...(settings.onDmaRequest && { onDmaRequest: settings.onDmaRequest }),
    onClose: (problem) => {
      if (problem) blame(`model ${name} ${problem}`)
      linkClosed()
    },
  })

  const ended: Promise<ModelEnd> = Promise.all([child, linkGone]).then(([result]) => {
    blame(toExitSentence(name, result))
    return { cause }
  })

  async function stop(patienceMs = 1_000): Promise<ModelEnd> {
    stopping = true
    const query = link.call({ statistics: {} }, 'statistics').then((reply) => (finalStatistics = reply.statistics))
    const request = link.call({ stop: {} }, 'done')
    link.finish()
    await Promise.race([Promise.allSettled([query, request]), ended, delay(patienceMs, undefined, { ref: false })])
    if (await endsWithin(ended, patienceMs)) return ended
    child.kill('SIGTERM')
    if (!(await endsWithin(ended, patienceMs))) child.kill('SIGKILL')
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
    rawLog,
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

function toArguments(settings: LaunchSettings, rawLog: string): string[] {
  const flags = {
    '--link-fd': 3,
    '--seed': settings.seed,
    '--max-cycles': settings.maxCycles,
    '--min-cycles': settings.minCyclesPerAccess,
    '--reset-cycles': settings.resetCycles,
    '--period-ps': settings.periodPs,
  }
  return [
    ...Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]),
    ...settings.ports.flatMap((port) => ['--port', port]),
    ...settings.managers.flatMap((port) => ['--manager', port]),
    ...settings.interrupts.flatMap((line) => ['--interrupt', line]),
    ...Object.entries(settings.stall).flatMap(([channel, percent]) => ['--stall', `${channel}=${percent}`]),
    ...(settings.writesLog ? ['--log', rawLog] : []),
    ...(settings.traceFile ? ['--trace', settings.traceFile, '--trace-at-start'] : []),
  ]
}

/** The RTL's own words: on to whoever listens, and into the run directory. */
function keepOutput(child: { stdout: Readable; stderr: Readable }, settings: LaunchSettings): void {
  const file = createWriteStream(join(settings.runDirectory, `${settings.name}.output.log`))
  file.on('error', () => undefined)
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      file.write(line + '\n')
      settings.onOutput(line)
    })
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
}

function toFaultSentence(name: string, fault: Fault): string {
  const kind = faultKinds[fault.kind] ?? fault.kind
  const place = fault.file ? ` at ${basename(fault.file)}:${fault.line}` : ''
  const message = fault.message ? `: ${fault.message}` : ''
  return `model ${name} ended by ${kind}${place}, cycle ${fault.cycle}, ${toTime(fault.timePs)}${message}`
}

function toExitSentence(name: string, result: { exitCode?: number; signal?: string; cause?: unknown }): string {
  if (result.signal) return `model ${name} was killed by ${result.signal}`
  if (result.exitCode !== undefined) return `model ${name} ended by itself with exit status ${result.exitCode}`
  return `model ${name} could not be started: ${toMessage(result.cause)}`
}

function endsWithin(ended: Promise<unknown>, ms: number): Promise<boolean> {
  return Promise.race([ended.then(() => true), delay(ms, false, { ref: false })])
}
