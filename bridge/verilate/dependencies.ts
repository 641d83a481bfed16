/**
 * The files that Verilator read for a model, with their contents' digests: has any of them changed since?
 * A file that was not there, but would be found first if it were, counts too.
 */
import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
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
  const searchDirs = toSearchDirs(config)
  for (const candidate of new Set(included.flatMap((file) => rivals(file, searchDirs, configDir)))) {
    if (!existsSync(resolve(configDir, candidate))) absent.push(candidate)
  }
  return { present, absent }
}

/** Where Verilator looks before it looks beside the file that includes. */
function toSearchDirs({ includeDirs, verilatorArgs }: ModelConfig): string[] {
  const libraries = verilatorArgs.filter((_arg, i) => verilatorArgs[i - 1] === '-y')
  return [...new Set(['.', ...includeDirs, ...libraries])]
}

/** Where else an included file, or a library's, could have been found. */
function rivals(file: string, searchDirs: string[], configDir: string): string[] {
  const folders = [...new Set([...searchDirs, ...ancestors(resolve(configDir, file))])]
  const paths = folders.map((directory) => relative(resolve(configDir, directory), resolve(configDir, file)))
  const inside = paths.filter((path) => !path.startsWith('..'))
  const names = [...new Set(inside)].flatMap((path) => [
    path,
    path.replace(/\.s?v$/, '.v'),
    path.replace(/\.v$/, '.sv'),
  ])
  return names.flatMap((path) => searchDirs.map((directory) => join(directory, path)))
}

/** Two of them: an included name seldom has more folders in it than one. */
function ancestors(file: string): string[] {
  return [dirname(file), dirname(dirname(file))]
}

export async function isUnchanged({ present, absent }: Dependencies, configDir: string): Promise<boolean> {
  for (const [file, digest] of Object.entries(present)) {
    if ((await digestOfFile(resolve(configDir, file))) !== digest) return false
  }
  for (const file of absent) {
    if (existsSync(resolve(configDir, file))) return false
  }
  return true
}
