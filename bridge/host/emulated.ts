/** The command that runs a program. */
import { readElf } from '../ground/elf.js'
import { TraplineError } from '../ground/errors.js'
import { isLossy } from '../ground/raw-words.js'
import { findProgram } from './check-program.js'
import { judgeElf, type Unfit } from './unfit.js'

export interface Command {
  path: string
  args: string[]
}

/** Why the program at `path` runs under an emulator; undefined if it does not. It has been checked. */
export function whyEmulated(path: string): (Unfit & { emulator: string }) | undefined {
  // The kernel runs such a one or does not; names that are no text are the keeper's.
  const elf = isLossy(path) ? undefined : readElf(path)
  const unfit = elf && judgeElf(elf, path)
  return unfit?.emulator === undefined ? undefined : { ...unfit, emulator: unfit.emulator }
}

/**
 * What is said of the program `name` at `path` if it runs under an emulator. Without the net it is refused: an emulator
 * asks libc by name for nothing that its program wants.
 */
export function sayEmulated(name: string, path: string, hasNet: boolean): string | undefined {
  const why = whyEmulated(path)
  if (why === undefined) return undefined
  const { problem, emulator } = why
  if (hasNet) return `${name} ${problem}; it runs under ${emulator}`
  throw new TraplineError(
    'usage',
    `${name} ${problem}; ${emulator}, which would run it, reaches devices by the net only: leave out --no-net`,
  )
}

/** The program, or its emulator, which tells it the name that it was called by. */
export function toCommand(
  path: string,
  name: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Command {
  const emulator = whyEmulated(path)?.emulator
  if (emulator === undefined) return { path, args: [...args] }
  // The agent is for the emulator: its program could not even load it.
  const { LD_PRELOAD: own } = environment
  const preload = own ? ['-E', `LD_PRELOAD=${own}`] : ['-U', 'LD_PRELOAD']
  return { path: findProgram(emulator, environment), args: ['-0', name, ...preload, path, ...args] }
}
