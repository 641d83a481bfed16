/**
 * The files that Verilator read for a model, with their contents' digests: has any of them changed since?
 * A file that was not there, but would be found first if it were, counts too.
 */
import { access } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { digestOfFile } from './cache-files.js'

export interface Dependencies {
  /** Digest by path; paths are relative to the configuration's directory, or absolute. */
  present: Record<string, string>
  absent: string[]
}

export async function recordDependencies(
  files: string[],
  config: ModelConfig,
  configDir: string,
): Promise<Dependencies> {
  const present: Dependencies['present'] = {}
  for (const file of files) {
    const digest = await digestOfFile(resolve(configDir, file))
    if (digest) present[file] = digest
  }
  const included = files.filter((file) => !config.sources.includes(file))
  const absent: string[] = []
  for (const candidate of new Set(included.flatMap((file) => rivals(file, ['.', ...config.includeDirs], configDir)))) {
    if (!(await exists(resolve(configDir, candidate)))) absent.push(candidate)
  }
  return { present, absent }
}

/** Where else an included file could have been found. */
function rivals(file: string, searchDirs: string[], configDir: string): string[] {
  const paths = searchDirs.map((directory) => relative(resolve(configDir, directory), resolve(configDir, file)))
  const inside = paths.filter((path) => !path.startsWith('..'))
  return inside.flatMap((path) => searchDirs.map((directory) => join(directory, path)))
}

export async function isUnchanged({ present, absent }: Dependencies, configDir: string): Promise<boolean> {
  for (const [file, digest] of Object.entries(present)) {
    if ((await digestOfFile(resolve(configDir, file))) !== digest) return false
  }
  for (const file of absent) {
    if (await exists(resolve(configDir, file))) return false
  }
  return true
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
