/** The command that runs a program: itself, or what comes before one that no agent can be preloaded into. */
import { readElf } from '../ground/elf.js'
import { TraplineError } from '../ground/errors.js'
import { isLossy } from '../ground/raw-words.js'
import { enterProgram } from '../ground/paths.js'
import { findProgram, hasProgram, readShebang } from './check-program.js'
import { whyNoEntering } from './entering.js'
import { foreignEmulators, judgeElf } from './unfit.js'

export interface Command {
  path: string
  args: string[]
}

export interface Detour {
  /** Continues the program's name to a sentence. */
  problem: string
  /** What runs it; undefined if the agent is brought into it. */
  emulator: string | undefined
}

/** As the kernel has it (fs/exec.c). */
const deepestScript = 5

/** What comes before the program at `path`, which has been checked; undefined if nothing does. */
export function toDetour(path: string): Detour | undefined {
  // The kernel runs such a one or does not; names that are no text are the keeper's.
  const file = isLossy(path) ? undefined : behindScripts(path)
  const elf = file === undefined ? undefined : readElf(file)
  const unfit = elf && judgeElf(elf, file ?? path)
  if (unfit?.canBeEntered && whyNoEntering() === undefined) return { ...unfit, emulator: undefined }
  return unfit?.emulator === undefined || file !== path ? undefined : { ...unfit, emulator: unfit.emulator }
}

/** The program that the kernel starts for a script. */
function behindScripts(path: string): string {
  let file = path
  for (let depth = 0; depth < deepestScript; depth++) {
    const interpreter = readShebang(file)?.split(/\s+/)[0]
    if (interpreter === undefined) return file
    file = interpreter
  }
  return file
}

/**
 * What is said of the program `name` at `path` if it runs under an emulator. Without the net it is refused, as is one
 * that the agent is brought into: they ask no libc that we know by name for anything.
 */
export function sayDetour(name: string, path: string, hasNet: boolean): string | undefined {
  const detour = toDetour(path)
  if (detour === undefined) return undefined
  const { problem, emulator } = detour
  const who = emulator === undefined ? 'it' : `${emulator}, which would run it,`
  if (!hasNet)
    throw new TraplineError('usage', `${name} ${problem}; ${who} reaches devices by the net only: leave out --no-net`)
  return emulator === undefined ? undefined : `${name} ${problem}; it runs under ${emulator}`
}

/** The program, or its emulator, which tells it the name that it was called by. */
export function toCommand(
  path: string,
  name: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Command {
  const detour = toDetour(path)
  if (!detour) return { path, args: [...args] }
  const { emulator } = detour
  if (emulator === undefined) return toEntered(path, name, args)
  // The agent is for the emulator: its program could not even load it.
  const { LD_PRELOAD: own } = environment
  const preload = own ? ['-E', `LD_PRELOAD=${own}`] : ['-U', 'LD_PRELOAD']
  const words = ['-0', name, ...preload, path, ...args]
  const found = findProgram(emulator, environment)
  // Some are linked statically (Debian 13's).
  return toDetour(found) ? toEntered(found, emulator, words) : { path: found, args: words }
}

function toEntered(path: string, name: string, args: readonly string[]): Command {
  return { path: enterProgram, args: [path, name, ...args] }
}

/**
 * The emulators that are there for what the program starts, as its agent reads them (trap/interpose/entering.c):
 * `MACHINE.BITS=PATH`, with a colon between two.
 */
export function toEmulatorVariables(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const found = foreignEmulators.filter(({ name }) => hasProgram(name, environment))
  const entries = found.map(({ machine, bits, name }) => `${machine}.${bits}=${findProgram(name, environment)}`)
  return entries.length > 0 ? { TRAPLINE_EMULATORS: entries.join(':') } : {}
}
