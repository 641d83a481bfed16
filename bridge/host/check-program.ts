/**
 * Finds the program that a host is to run and refuses, before it starts, what can't be trapped: the preloaded agent
 * needs a dynamic linker of its own kind, and the kernel ignores LD_PRELOAD where a program gains privileges.
 */
import { accessSync, constants, openSync, closeSync, readSync, statSync, type PathLike, type Stats } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { hasFileCapability } from '../ground/outlet.js'
import { isLossy, joinRaw, splitPath, toAbsolutePath, toRawArgument, toRawVariable } from '../ground/raw-words.js'
import { readElf } from '../ground/elf.js'
import { whyNoEntering } from './entering.js'
import { judgeElf, type Unfit } from './unfit.js'

const deepestScript = 5

/** The path that `execvp` would start. Throws NOT-FOUND or NOT-EXECUTABLE with the reason and the way out. */
export async function checkProgram(name: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (isLossy(name) || isLossy(environment.PATH ?? '')) return checkRawProgram(name, environment)
  const path = findProgram(name, environment)
  if (basename(path) === 'valgrind')
    throw refusal(
      path,
      'hides the vector registers from signal handlers, so accesses would go wrong under it',
      'build the program with -fsanitize=address instead',
    )
  checkFile(path, { program: path, environment, depth: 0 })
  return path
}

/** The same for names that are no text: a file is looked at by its descriptor, which stays open. */
function checkRawProgram(name: string, environment: NodeJS.ProcessEnv): string {
  const raw = toRawArgument(name)
  const places = toRawVariable('PATH', environment.PATH ?? '/bin:/usr/bin')
  const candidates = name.includes('/') ? [raw] : splitPath(places).map((place) => joinRaw(place, raw))
  const found = candidates.find((candidate) => isFile(candidate) && isExecutable(candidate))
  if (!found) return findProgram(name, environment)
  checkFile(`/proc/${process.pid}/fd/${openSync(found, 'r')}`, { program: name, environment, depth: 0 })
  return found.toString('utf8')
}

/** Searches PATH as execvp(3) does: a name with a slash is a path. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv): string {
  const candidates = name.includes('/')
    ? [name]
    : (environment.PATH ?? '/bin:/usr/bin').split(':').map((directory) => join(directory || '.', name))
  const files = candidates.filter(isFile)
  const found = files.find(isExecutable)
  if (found) return isAbsolute(found) ? found : toAbsolutePath(found)
  if (files[0]) throw refusal(files[0], 'is not executable', `\`chmod +x ${files[0]}\` lets it run`)
  if (name.includes('/') && isDirectory(name)) throw refusal(name, 'is a directory', 'name the program in it')
  const place = name.includes('/') ? 'there is no such file' : 'no directory of PATH has it'
  throw new TraplineError('not-found', `${name || "''"} was not found: ${place}; check its spelling or install it`)
}

/** What a file is looked at for. */
interface Search {
  /** The program's name as it was given. */
  program: string
  environment: NodeJS.ProcessEnv
  /** How many scripts lead here. */
  depth: number
}

function checkFile(path: string, search: Search): void {
  const { program, depth } = search
  checkReadable(path)
  const interpreter = readShebang(path)
  if (interpreter !== undefined) {
    if (depth >= deepestScript) throw refusal(program, 'is a script of scripts', 'name its interpreter directly')
    return checkInterpreter(interpreter, path, search)
  }
  const elf = readElf(path)
  const subject = path === program ? path : `${program}: its interpreter ${path}`
  if (!elf) throw refusal(subject, 'is neither an ELF program nor a script with #!', 'start it through its interpreter')
  const unfit = judgeElf(elf, path)
  if (unfit && !(unfit.canBeEntered && whyNoEntering() === undefined)) checkUnfit(unfit, subject, search)
  checkPrivileges(path, subject)
}

/** Such a program runs under an emulator, if that is there, and one in which there can be an agent. */
function checkUnfit({ way, emulator, ...unfit }: Unfit, subject: string, search: Search): void {
  const problem = unfit.canBeEntered ? `${unfit.problem}, nor brought in (${whyNoEntering()})` : unfit.problem
  if (emulator === undefined || search.depth > 0) throw refusal(subject, problem, way)
  if (!hasProgram(emulator, search.environment))
    throw refusal(subject, problem, `${way}, or install ${emulator} (Debian: qemu-user), which runs it`)
  checkFile(findProgram(emulator, search.environment), { ...search, depth: search.depth + 1 })
}

export function hasProgram(name: string, environment: NodeJS.ProcessEnv): boolean {
  return (environment.PATH ?? '/bin:/usr/bin').split(':').some((directory) => {
    const path = join(directory || '.', name)
    return isFile(path) && isExecutable(path)
  })
}

function checkInterpreter(interpreter: string, script: string, search: Search): void {
  const [command = '', ...rest] = interpreter.split(/\s+/)
  const viaEnv =
    basename(command) === 'env' ? rest.find((word) => !word.startsWith('-') && !word.includes('=')) : undefined
  if (!isFile(command)) {
    const message = `${script}: its interpreter ${command} was not found; install it or correct the first line`
    throw new TraplineError('not-found', message)
  }
  const file = viaEnv ? findProgram(viaEnv, search.environment) : command
  return checkFile(file, { ...search, depth: search.depth + 1 })
}

function checkReadable(path: string): void {
  try {
    accessSync(path, constants.R_OK)
  } catch {
    throw refusal(path, 'is not readable, so it can not be told whether it can be trapped', `allow reading it`)
  }
}

function checkPrivileges(path: string, subject: string): void {
  const { mode } = statSync(path)
  const way = 'run a copy of it without the privilege'
  if (mode & 0o4000) throw refusal(subject, 'is setuid, so the kernel ignores the preloaded agent', way)
  if (mode & 0o2000 && mode & 0o0010)
    throw refusal(subject, 'is setgid, so the kernel ignores the preloaded agent', way)
  // Where it can't be known the agent's check-in finds out.
  if (hasFileCapability(path))
    throw refusal(subject, 'has file capabilities, so the kernel ignores the preloaded agent', way)
}

/** What the first line of a script names, with its words; undefined for other files. */
export function readShebang(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(256)
    const text = buffer.toString('utf8', 0, readSync(file, buffer, 0, 256, 0))
    return text.startsWith('#!') ? (text.slice(2).split('\n')[0] ?? '').trim() : undefined
  } finally {
    closeSync(file)
  }
}

function refusal(subject: string, problem: string, way: string): TraplineError {
  return new TraplineError('not-executable', `${subject} ${problem}; ${way}`)
}

function isFile(path: PathLike): boolean {
  return lookUp(path)?.isFile() ?? false
}

function isDirectory(path: string): boolean {
  return lookUp(path)?.isDirectory() ?? false
}

function lookUp(path: PathLike): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

function isExecutable(path: PathLike): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
