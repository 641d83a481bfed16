/** The command that runs a program. */
import { readElf } from '../ground/elf.js'
import { isLossy } from '../ground/raw-words.js'
import { findProgram } from './check-program.js'
import { emulatorFor } from './emulator.js'

export interface Command {
  path: string
  args: string[]
}

/** The program at `path`, or its emulator, which tells it the name that it was called by. It has been checked. */
export function toCommand(
  path: string,
  name: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Command {
  // The kernel runs such a one or does not; names that are no text are the keeper's.
  const elf = isLossy(path) ? undefined : readElf(path)
  const emulator = elf && emulatorFor(elf)
  return emulator === undefined
    ? { path, args: [...args] }
    : { path: findProgram(emulator, environment), args: ['-0', name, path, ...args] }
}
