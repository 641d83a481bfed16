/** The command that runs a program. */
import { readElf } from '../ground/elf.js'
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
  const elf = readElf(path)
  const emulator = elf && emulatorFor(elf)
  return emulator === undefined
    ? { path, args: [...args] }
    : { path: findProgram(emulator, environment), args: ['-0', name, path, ...args] }
}
