/**
 * Where Trapline's own files lie: the contract, the agent, the build cache. Works from `bridge/` and from
 * `build/bridge/`.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { toMessage, TraplineError } from './errors.js'

/** The folder that holds Trapline's `package.json`. */
export const packageDirectory = findPackageDirectory(dirname(fileURLToPath(import.meta.url)))

/** What `import … from 'trapline'` gives to the files that users write for us. */
export const authoringModule = join(packageDirectory, 'build', 'bridge', 'authoring.js')
export const protoDirectory = join(packageDirectory, 'proto')
/** The agent, in its package. */
export const agentFile = join('build', 'trap', 'libtrapline.so')
/** Parent of hosts. */
export const keeperProgram = join(packageDirectory, 'build', 'trap', 'trapline-keeper')
/** Comes before a program that no agent can be preloaded into, and brings it in. */
export const enterProgram = join(packageDirectory, 'build', 'trap', 'trapline-enter')
/** Parent of compilers and other tools. */
export const toolKeeperProgram = join(packageDirectory, 'build', 'trap', 'trapline-tool-keeper')
/** Writes for us without waiting. */
export const outletModule = join(packageDirectory, 'build', 'trap', 'outlet.node')
/** Survives us. */
export const reaperProgram = join(packageDirectory, 'build', 'trap', 'trapline-reaper')

/** Built models are kept here, shared by all runs. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const { TRAPLINE_CACHE, XDG_CACHE_HOME = '', HOME = '' } = environment
  if (TRAPLINE_CACHE) return resolve(TRAPLINE_CACHE)
  if (isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'trapline')
  // An empty HOME is none, and a relative one would be another folder wherever one stands.
  return join(isAbsolute(HOME) ? HOME : homeOfUser(), '.cache', 'trapline')
}

function homeOfUser(): string {
  const home = attempt(() => userInfo().homedir)
  if (home !== undefined && isAbsolute(home)) return home
  throw new TraplineError(
    'build',
    'HOME is no absolute path, and the machine knows no home of this user; set TRAPLINE_CACHE to a folder for ' +
      'built models',
  )
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

/** Where private folders are made. A TMPDIR that is relative is for those who stand where we do; hosts need not. */
export function temporaryDirectory(): string {
  return resolve(tmpdir())
}

let plain: string | undefined

/**
 * The package's folder under a name that make and the loader take: they end a name at a blank, the loader at a colon,
 * too. Where its own is none, a link in the build cache leads there.
 */
export function plainPackageDirectory(): string {
  return (plain ??= oddCharacterOf(packageDirectory) === undefined ? packageDirectory : linkPackage())
}

/** The first character by which a path is no word to make, or to the loader. */
export function oddCharacterOf(path: string): string | undefined {
  return /[\s:#$%"'\\;|&<>()*?]/.exec(path)?.[0]
}

function linkPackage(): string {
  const name = createHash('sha256').update(packageDirectory).digest('hex').slice(0, 16)
  const link = join(cacheDirectory(), 'packages', name)
  try {
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(packageDirectory, link)
  } catch (error) {
    // Another run was first, or an earlier one.
    if (attempt(() => readlinkSync(link)) !== packageDirectory)
      throw new TraplineError(
        'build',
        `${packageDirectory} is no name for make and the loader, and no link to it can be made at ${link} ` +
          `(${toMessage(error)}); move Trapline elsewhere, or set TRAPLINE_CACHE to a writable folder`,
        { cause: error },
      )
  }
  return link
}

/** What the loader brings into hosts. */
export function agentLibrary(): string {
  return join(plainPackageDirectory(), agentFile)
}

function findPackageDirectory(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findPackageDirectory(dirname(from))
}
