/** The command that runs a program. */
import { readElf } from '../ground/elf.js'
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
