/**
 * The life of the host: start it with the agent preloaded, see that the agent checks in, know how it ended.
 * The host's standard streams are its own.
 */
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import type { Address } from '../control/address.js'
import { signalIfThere } from '../ground/processes.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { checkOpenFiles } from '../ground/open-files.js'
import { agentFile, agentLibrary, enterProgram, keeperProgram, reaperProgram } from '../ground/paths.js'
import { endsWithin } from '../ground/patience.js'
import { toDebuggerArguments } from './debugger.js'
import { isLossy } from '../ground/raw-words.js'
import { runVariable } from '../run/layout.js'
import { toCommand, toEmulatorVariables } from './emulated.js'
import { Keeper, type Descendant, type HostEnd, type KeptProgram, type Stranger } from './keeper.js'

export interface HostSettings {
  /** Path of the program, as `checkProgram` found it. */
  program: string
  /** The program as the user named it, which it sees as its own name. */
  name: string
  args: string[]
  bridge: Address
  runDirectory: string
  token: string
  /** Whether its instructions may be replaced once they have trapped often. */
  patch: boolean
  /** Whether the user of this run has named real devices, which it may use. */
  hardware?: boolean
  /** False: no filter of its system calls. */
  net?: boolean
  /** Told of each descendant that is seen to run without the agent; nobody looks under a debugger. */
  onStranger?(stranger: Stranger): void
  /** Path of gdb, which then is the host's parent. */
  debugger?: string
}

export interface RunningHost {
  readonly pid: number
  /** Resolves, never rejects. */
  readonly ended: Promise<HostEnd>
  /** Resolves when nothing is left of it and of all that it started. */
  readonly empty: Promise<void>
  /** What is there of it. */
  descendants(): Promise<Descendant[]>
  /** Once it has ended, a signal is for what it left. */
  kill(signal: NodeJS.Signals): void
  /** Kills it and whatever it started. */
  endAll(): void
  /** What that hit. */
  readonly killed: readonly Descendant[]
  /** Nobody knows any more what it has left; once it is empty. */
  readonly isLost: boolean
}

/** A site that traps this often is worth what its replacement costs: some hundred microseconds. */
const trapsUntilPatched = '64'

/** As a test may have set it. */
export function trapsBeforePatch(): string {
  return process.env.TRAPLINE_PATCH_AFTER ?? trapsUntilPatched
}

/** Of time that it was given; the second for an agent that is coming. */
const checkInMs = 1_000
const longestCheckInMs = 10_000
/** What a program has that the agent is brought into (trap/ground/arrival.h). */
const enteredVariable = 'TRAPLINE_AGENT'

export function checkAgent(): void {
  const missing = [agentLibrary(), keeperProgram, reaperProgram].find((file) => !existsSync(file))
  if (missing !== undefined)
    throw new TraplineError('bridge', `the agent ${missing} is not built; run \`npm run build\` in Trapline's folder`)
}

export async function launchHost(settings: HostSettings): Promise<RunningHost> {
  checkOpenFiles(settings.name)
  const keeper = new Keeper(settings.debugger ? toDebugged(settings, settings.debugger) : toKept(settings))
  const pid = await keeper.started.catch((cause: unknown) => Promise.reject(toStartError(settings.program, cause)))
  let hasEnded = false
  const ended = keeper.ended.then((end) => {
    hasEnded = true
    // Without its keeper nobody else ends it.
    if (end.isUnknown) signalIfThere(pid, 'SIGKILL')
    return end
  })
  return {
    ...{ pid, ended, empty: keeper.empty, killed: keeper.killed },
    get isLost() {
      return keeper.isLost
    },
    descendants: () => keeper.list(),
    kill: (signal) => (hasEnded ? keeper.signalAll(signal) : signalIfThere(pid, signal)),
    endAll: () => keeper.endAll(),
  }
}

function toKept({ program, name, args, onStranger, ...settings }: HostSettings): KeptProgram {
  const variables = toHostVariables(settings)
  const command = toCommand(program, name, args)
  return {
    program: command.path,
    name,
    args: command.args,
    onStranger,
    agent: `/${agentFile}`,
    variables,
    broker: settings,
  }
}

/**
 * The debugger hands the variables on, and has none of them itself but the token: every user of the machine sees the
 * words of its command line.
 */
function toDebugged(settings: HostSettings, gdb: string): KeptProgram {
  const { TRAPLINE_TOKEN, ...open } = toHostVariables(settings)
  // A path that was found for it may be no text; the name is put back by the keeper.
  const program = isLossy(settings.program) ? settings.name : settings.program
  const args = toDebuggerArguments(program, settings.args, open)
  const { LD_PRELOAD } = process.env
  const variables = Object.entries({ LD_PRELOAD, TRAPLINE_TOKEN }).filter(([, value]) => value)
  const kept = Object.fromEntries(variables) as Record<string, string>
  return { program: gdb, name: gdb, args, variables: kept, broker: settings }
}

/** Resolves only if the host runs without its agent: the reason, for an end with status 126. */
export async function missedCheckIn(
  host: Pick<RunningHost, 'pid' | 'ended'>,
  name: string,
  hasCheckedIn: () => boolean,
): Promise<TraplineError> {
  let status: number | undefined
  const ending = host.ended.then((end) => (status = end.exitStatus))
  const comesWithin = (ms: number) => endsWithin(ending, ms, [host.pid], hasCheckedIn)
  if (!(await comesWithin(checkInMs)) && isAgentComing(host.pid)) await comesWithin(longestCheckInMs)
  if (hasCheckedIn()) return new Promise(() => undefined)
  const what =
    status === undefined ? `runs without the agent` : `ended with status ${status} before the agent checked in`
  return new TraplineError(
    'not-executable',
    `${name} ${what}; it may have failed to load (see its own words above), or it lost LD_PRELOAD on its way ` +
      '(cleared by a wrapper, or a program that gains privileges)',
  )
}

/** What the host gets beyond our own environment. */
export function toHostVariables(
  settings: Pick<HostSettings, 'bridge' | 'runDirectory' | 'token' | 'patch' | 'net' | 'hardware'>,
): Record<string, string> {
  const preload = [agentLibrary(), process.env.LD_PRELOAD].filter(Boolean).join(':')
  return {
    // AddressSanitizer wants to be the first library; behind the agent it works as well.
    ASAN_OPTIONS: [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':'),
    LD_PRELOAD: preload,
    TRAPLINE_BRIDGE: settings.bridge,
    [runVariable]: settings.runDirectory,
    TRAPLINE_TOKEN: settings.token,
    ...(settings.hardware && { TRAPLINE_HARDWARE: '1' }),
    ...(settings.net === false ? { TRAPLINE_NET: '0' } : toEmulatorVariables()),
    ...toPatchVariables(settings.patch),
  }
}

/** One that our own environment has by chance must not patch. */
function toPatchVariables(patch: boolean): Record<string, string> {
  if (patch) return { TRAPLINE_PATCH_AFTER: trapsBeforePatch() }
  return process.env.TRAPLINE_PATCH_AFTER === undefined ? {} : { TRAPLINE_PATCH_AFTER: '' }
}

/** It is there and has not said so yet, or is being brought in; as trap/keeper/strangers.c looks. */
function isAgentComing(pid: number): boolean {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1')
  try {
    const isEntering = basename(readlinkSync(`/proc/${pid}/exe`)) === basename(enterProgram)
    return (
      isEntering || read('maps').includes(`/${agentFile}`) || `\0${read('environ')}`.includes(`\0${enteredVariable}=`)
    )
  } catch {
    return false
  }
}

function toStartError(program: string, cause: unknown): TraplineError {
  return new TraplineError('not-executable', `${program} could not be started (${toMessage(cause)})`, { cause })
}
