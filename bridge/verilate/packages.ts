/**
 * Packages of RTL among a model's sources: cores of FuseSoC and packages of Bender, `FILE` or `FILE#TARGET`. Their own
 * tools say which files and options that is, at every look: only they know what it depends on. What they said is a list
 * as any other from there on, so that its files count for the cache.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { cacheDirectory } from '../ground/paths.js'
import { benderList } from './bender.js'
import { digestOf, withLock, writeAtomically } from './cache-files.js'
import { expandSources } from './expand-sources.js'
import type { ExpandedModel } from './expanded-model.js'
import { fusesocList } from './fusesoc.js'
import { toOtherFormat } from './other-formats.js'
import type { PackageList, PackageRun } from './package-list.js'
import { findInPath, runTool } from './toolchain.js'

export interface PackageOptions {
  /** Relative paths of the configuration start here, and tools run here. */
  configDir: string
  cacheDir?: string
  /** Takes what only lives as long as the tool; that of the machine if absent. */
  temporaryDir?: string | undefined
  signal?: AbortSignal | undefined
}

/** Every file by its name, with those of packages. Throws one sentence where a tool is missing or refuses. */
export async function expandModel(config: ModelConfig, options: PackageOptions): Promise<ExpandedModel> {
  const packages = new Map<string, PackageList>()
  for (const source of config.sources) {
    const list = await toList(source, config, options)
    if (list) packages.set(source, list)
  }
  return expandSources(config, options.configDir, packages)
}

interface PackageTool {
  command: string
  pattern: RegExp
  toList: (run: PackageRun) => Promise<PackageList>
}

const packageTools: PackageTool[] = [
  { command: 'fusesoc', pattern: /^(.*\.core)(?:#(.+))?$/, toList: fusesocList },
  { command: 'bender', pattern: /^((?:.*\/)?Bender\.yml)(?:#(.+))?$/, toList: benderList },
]

async function toList(
  source: string,
  { top }: ModelConfig,
  { configDir, cacheDir = cacheDirectory(), temporaryDir, signal }: PackageOptions,
): Promise<PackageList | undefined> {
  const tool = packageTools.find(({ pattern }) => pattern.test(source))
  const [, name = '', target] = tool?.pattern.exec(source) ?? []
  if (!tool || name === '') return undefined
  const file = resolve(configDir, name)
  if (!existsSync(file)) throw new TraplineError('build', `RTL file ${file} of ${top} does not exist`)
  const path = await findInPath(tool.command)
  if (!path) throw new TraplineError('build', `RTL source ${file} of ${top} ${toOtherFormat(file)}`)
  const key = digestOf([path, resolve(configDir), file, target ?? '']).slice(0, 32)
  const log = join(cacheDir, 'logs', `${tool.command}-${key.slice(0, 16)}.log`)
  const run = async (args: string[]) => {
    const result = await runTool({ path, environment: {} }, args, { cwd: configDir, signal, temporaryDir })
    await writeAtomically(log, result.output)
    return result
  }
  const fault = (what: string) =>
    new TraplineError('build', `${tool.command} ${what} (${source} of ${top}; its whole output: ${log})`)
  const folder = join(cacheDir, tool.command, key)
  // Processes that look at the same package take turns, for its tool writes where others would read.
  return await withLock(join(cacheDir, 'locks', `${tool.command}-${key}`), signal, () =>
    tool.toList({ file, target, folder, run, fault }),
  )
}
