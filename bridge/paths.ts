/**
 * Where Trapline's own files lie: the contract, the agent, the build cache. Works from `bridge/` and from `build/bridge/`.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds Trapline's `package.json`. */
export const packageDirectory = findPackageDirectory(dirname(fileURLToPath(import.meta.url)))

/** What `import … from 'trapline'` gives to the files that users write for us. */
export const authoringModule = join(packageDirectory, 'build', 'bridge', 'authoring.js')
export const protoDirectory = join(packageDirectory, 'proto')
export const agentLibrary = join(packageDirectory, 'build', 'trap', 'libtrapline.so')
/** Parent of hosts. */
export const keeperProgram = join(packageDirectory, 'build', 'trap', 'trapline-keeper')
/** Parent of compilers and other tools. */
export const toolKeeperProgram = join(packageDirectory, 'build', 'trap', 'trapline-tool-keeper')
/** Survives us. */
export const reaperProgram = join(packageDirectory, 'build', 'trap', 'trapline-reaper')

/** Built models are kept here, shared by all runs. */
export function cacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.TRAPLINE_CACHE) return resolve(environment.TRAPLINE_CACHE)
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'trapline')
}

function findPackageDirectory(from: string): string {
  return existsSync(join(from, 'package.json')) ? from : findPackageDirectory(dirname(from))
}
