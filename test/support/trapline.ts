/**
 * Runs the built command line as a user does: as a process, in a folder of its own. Every run that has ended is held
 * to the rule that nothing of it is left, neither process nor file.
 */
import { chownSync, existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { execa } from 'execa'
import { expect, vi } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { watchLane } from './lane-counts.js'
import { leftoversOf, runMark } from './leftovers.js'
import { cache, commandLine } from './places.js'
import type { Scratch } from './scratch.js'

/** Room for a model that has to be compiled first, on a busy machine. */
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })
const longestRunMs = 400_000
/** Nothing may outlive its run for longer. What counts is looks: between two of them the machine may stand still. */
const mostLingerLooks = 100
const lingerLookMs = 20

export interface Options {
  env?: Record<string, string>
  cwd?: string
  /** What stands before `node` on the command line, e.g. a change of user. */
  wrapper?: string[]
  /** User id that the run's temporary folder belongs to. */
  owner?: number
  /** Why its accesses go by gRPC, also where they are to go by mailboxes (support/lane-counts.ts). */
  byGrpc?: string
  /** The run is killed after this. */
  longestMs?: number
}

/** A run that has ended. */
export interface Ended {
  /** As a shell has it: 128 + number of the signal. */
  status: number
  stdout: string
  stderr: string
  /** Trapline's own lines of stderr, without their prefix. */
  sentences: string[]
}

export interface Running {
  readonly pid: number
  /** TMPDIR of all processes of the run. */
  readonly temporary: string
  /** What stdout has so far, as soon as it matches. */
  untilStdout(pattern: RegExp): Promise<RegExpExecArray>
  untilStderr(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Resolves when it has ended and nothing is left. */
  readonly ended: Promise<Ended>
}

/** One line of the access log. */
export interface LoggedAccess {
  seq: number
  cycleStart: number
  cycleEnd: number
  timePs: number
  op: 'read' | 'write' | 'dma-read' | 'dma-write' | 'stream-read' | 'stream-write' | 'interrupt' | 'interrupt-control'
  device: string
  offset: number
  widthBytes: number
  data: string
  status: string
  beats: number
  bursts: number
  pid: number
  tid: number
  pc: string
  symbol: string
  frames?: { function: string; file?: string; line?: number }[]
}

export interface EndedHost extends Ended {
  /** Text of the access log. */
  logText: string
  log: LoggedAccess[]
}

export function startTrapline(scratch: Scratch, args: string[], options: Options = {}): Running {
  const temporary = scratch.folder()
  if (options.owner !== undefined) chownSync(temporary, options.owner, options.owner)
  const lane = watchLane(scratch, args, options)
  const [program = '', ...rest] = [...(options.wrapper ?? []), process.execPath, commandLine, ...args]
  const child = execa(program, rest, {
    cwd: options.cwd ?? scratch.path,
    env: {
      ...cleanEnvironment(),
      ...laneOf(args),
      ...lane.env,
      TRAPLINE_CACHE: cache,
      TMPDIR: temporary,
      [runMark]: temporary,
      ...options.env,
    },
    extendEnv: false,
    stdin: 'ignore',
    stripFinalNewline: false,
    reject: false,
    timeout: options.longestMs ?? longestRunMs,
    // A SIGTERM of a test is followed by nothing.
    killSignal: 'SIGKILL',
    forceKillAfterDelay: false,
  })
  const ended = child.then(async (result): Promise<Ended> => {
    const { stdout, stderr, exitCode, signal } = result
    const words = `its words: ${stderr}`
    // It may have ended as it should have, had it not hung before.
    expect(result.timedOut, `it took too long and was ended; ${words}`).toBe(false)
    expect(await whatLingers(temporary), words).toEqual([])
    const sentences = toSentences(stderr)
    lane.check(sentences, options.byGrpc)
    return { status: exitCode ?? toStatus(signal), stdout, stderr, sentences }
  })
  return {
    pid: child.pid ?? 0,
    temporary,
    ended,
    kill: (signal) => void child.kill(signal),
    untilStdout: (pattern) => untilMatch(child.stdout, pattern),
    untilStderr: (pattern) => untilMatch(child.stderr, pattern),
  }
}

/** Runs the command line to its end. */
export function trapline(scratch: Scratch, args: string[], options?: Options): Promise<Ended> {
  return startTrapline(scratch, args, options).ended
}

/** `trapline run` with a configuration and an access log. */
export async function runHost(
  scratch: Scratch,
  config: TraplineConfig,
  program: string[],
  { flags = [], ...options }: Options & { flags?: string[] } = {},
): Promise<EndedHost> {
  const file = scratch.write('trapline.config.json', config)
  const log = join(scratch.path, 'accesses.jsonl')
  const ended = await trapline(scratch, ['run', '--config', file, '--log', log, ...flags, '--', ...program], options)
  expect(existsSync(log), `it wrote no log; its words: ${ended.stderr}`).toBe(true)
  const logText = readFileSync(log, 'utf8')
  return { ...ended, logText, log: parseLog(logText) }
}

export function parseLog(text: string): LoggedAccess[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as LoggedAccess)
}

/** `read gpio0+0x4 4 B = 0x0000002a`, for readable tables; the status is named unless it is OKAY. */
export function toWords({ op, device, offset, widthBytes, data, status }: LoggedAccess): string {
  const words = `${op} ${device}+0x${offset.toString(16)} ${widthBytes} B`
  return status === 'OKAY' ? `${words} = ${data}` : `${words} ${status}`
}

/**
 * `TRAPLINE_LANE=shm npx vitest run test/e2e` has all runs go by mailboxes that can; with `TRAPLINE_PATCH=1` and
 * `TRAPLINE_PATCH_AFTER=3` what has trapped three times is patched, too.
 */
function laneOf(args: string[]): Record<string, string> {
  const { TRAPLINE_LANE: lane, TRAPLINE_PATCH: patch, TRAPLINE_PATCH_AFTER: after } = process.env
  return {
    ...(lane !== undefined && !args.includes('--bridge') && { TRAPLINE_LANE: lane }),
    ...(patch !== undefined && { TRAPLINE_PATCH: patch }),
    ...(after !== undefined && { TRAPLINE_PATCH_AFTER: after }),
  }
}

/** Without what others have set for Trapline or Node. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TRAPLINE_|VITEST|NODE_)/.test(name)))
}

/** What a build is at: whether there is one depends on who ran before. */
const isOfBuild = (sentence: string) => /^[^ ]+: ([123] of 3: |built in |compiling )/.test(sentence)

function toSentences(stderr: string): string[] {
  const own = stderr.split('\n').filter((line) => line.startsWith('trapline: '))
  return own.map((line) => line.slice('trapline: '.length)).filter((sentence) => !isOfBuild(sentence))
}

async function whatLingers(temporary: string): Promise<string[]> {
  for (let looks = 0; looks < mostLingerLooks && leftoversOf(temporary).length > 0; looks++) await delay(lingerLookMs)
  return leftoversOf(temporary)
}

function toStatus(signal: string | undefined): number {
  return 128 + constants.signals[signal as NodeJS.Signals]
}

function untilMatch(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.on('data', (chunk) => {
      text += String(chunk)
      const match = pattern.exec(text)
      if (match) resolve(match)
    })
    stream.on('end', () => reject(new Error(`it ended without ${pattern}: ${text}`)))
  })
}
