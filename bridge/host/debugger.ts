/**
 * The host under gdb. Every access to a device is a SIGSEGV, which gdb would stop at; a crash of the host's own is told
 * apart by a mark that the agent puts into its siginfo (trap/trap/signals.h), and stops at the true place.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { toRawArgument } from '../ground/raw-words.js'
import { toDetour, type Detour } from './emulated.js'

/** SIGNALS_CRASH_MARK in trap/trap/signals.h. */
const crashMark = '0x7472'

/** What gdb needs to be told before the user's first word. The agent is for the host alone, not for gdb itself. */
function setUp(environment: Record<string, string>): string[] {
  return [
    'set confirm off',
    'set startup-with-shell off',
    'set breakpoint pending on',
    ...Object.entries(environment).flatMap(([name, value]) => (value ? [`set environment ${name} ${value}`] : [])),
    'set environment TRAPLINE_GDB 1',
    'handle SIGSEGV nostop noprint pass',
    'handle SIGSTKFLT nostop noprint pass',
    'handle SIGSYS nostop noprint pass',
    'catch signal SIGSEGV',
    `condition $bpnum $_siginfo.si_errno == ${crashMark}`,
    'set confirm on',
  ]
}

/** Arguments of gdb that debug `program`; `environment` is what the host gets beyond gdb's own. */
export function toDebuggerArguments(program: string, args: string[], environment: Record<string, string>): string[] {
  const commands = setUp(environment).flatMap((command) => ['-ex', command])
  return ['-q', ...commands, '--args', program, ...args]
}

/** Path of gdb, to debug `program` with. */
export function findDebugger(program: string): string {
  if (readFileSync(toRawArgument(program)).subarray(0, 2).toString('latin1') === '#!')
    throw new TraplineError(
      'not-executable',
      `${program} is a script, and --gdb debugs programs; name its interpreter: --gdb -- INTERPRETER ${program}`,
    )
  const detour = toDetour(program)
  if (detour) throw refusal(program, detour)
  const found = (process.env.PATH ?? '')
    .split(':')
    .map((directory) => join(directory || '.', 'gdb'))
    .find(isExecutable)
  if (found) return found
  throw new TraplineError('not-found', '--gdb: no directory of PATH has gdb; install it, e.g. the package gdb')
}

function refusal(program: string, { problem, emulator }: Detour): TraplineError {
  return new TraplineError(
    'not-executable',
    emulator === undefined
      ? `${program} ${problem}: it is brought in by ptrace(2), of which gdb leaves none; leave out --gdb and let gdb ` +
          'attach once the program runs: gdb -p PID'
      : `${program} runs under ${emulator}, which --gdb can't look into; use -g PORT of ${emulator} and gdb-multiarch`,
  )
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
