/**
 * What a model's RTL offers: clock, reset, buses. Checks that the RTL is there, asks Verilator, and remembers the
 * answer until a file that Verilator read changes.
 */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { cacheDirectory, temporaryDirectory } from '../ground/paths.js'
import { sourceFolders } from './beside-sources.js'
import { digestOf } from './cache-files.js'
import { type Dependencies, isUnchanged, recordDependencies } from './dependencies.js'
import type { ExpandedModel } from './expanded-model.js'
import { checkNamesForBlocks } from './hierarchical.js'
import { findPorts, type ModelDescription } from '../rtl/find-ports.js'
import { toOtherFormat } from './other-formats.js'
import { expandModel } from './packages.js'
import { readNetlist } from './read-netlist.js'
import type { RtlPort } from '../rtl/rtl-netlist.js'
import { readMemo, writeMemo } from './sealed-memo.js'
import { findTools, type Tool } from './toolchain.js'
import { modulesUnasked } from './unasked-modules.js'

export interface DescribeOptions {
  /** Relative paths of the configuration start here. */
  configDir: string
  cacheDir?: string
  temporaryDir?: string
  signal?: AbortSignal | undefined
}

export async function describeModel(given: ModelConfig, options: DescribeOptions): Promise<ModelDescription> {
  const config = await expandModel(given, options)
  await checkFiles(config, options.configDir)
  const [verilator] = await findTools(['verilator'], options.cacheDir ?? cacheDirectory(), options.signal)
  return describeProbe(config, await probeRtl(config, verilator as Tool, options))
}

/** What the ports mean, and what Verilator took beside what it was given. */
export function describeProbe(config: ModelConfig, { ports, unasked }: RtlProbe): ModelDescription {
  const description = findPorts(config, ports)
  return { ...description, leftOut: [...description.leftOut, ...unasked] }
}

/** Names a missing file before any tool runs. */
export async function checkFiles(config: ExpandedModel, configDir: string): Promise<void> {
  const { top, sources, includeDirs, native } = config
  checkNamesForBlocks(config, configDir)
  for (const source of [...sources, ...native.sources, ...native.objects]) {
    const found = await stat(resolve(configDir, source)).catch(() => undefined)
    if (!found) throw new TraplineError('build', `RTL file ${resolve(configDir, source)} of ${top} does not exist`)
    if (!found.isFile())
      throw new TraplineError('build', `RTL source ${resolve(configDir, source)} of ${top} is not a file`)
    const other = toOtherFormat(resolve(configDir, source))
    if (other) throw new TraplineError('build', `RTL source ${resolve(configDir, source)} of ${top} ${other}`)
  }
  for (const directory of includeDirs) {
    const found = await stat(resolve(configDir, directory)).catch(() => undefined)
    if (!found?.isDirectory())
      throw new TraplineError('build', `include directory ${resolve(configDir, directory)} of ${top} does not exist`)
  }
}

/** Goes up with every change of what a probe remembers. */
const probeFormat = '11'

/** The answer of one Verilator run, good as long as its dependencies are unchanged. */
export interface RtlProbe {
  ports: RtlPort[]
  /** The folders of the configuration, and those of sources in which an included file had to be looked for. */
  includeDirs: string[]
  /** File and line of the first delay that was ignored, though it drives something. */
  delay?: string | undefined
  /** A line for each module that no source names. */
  unasked: string[]
  dependencies: Dependencies
}

export async function probeRtl(
  config: ModelConfig,
  verilator: Tool,
  { configDir, cacheDir = cacheDirectory(), temporaryDir = temporaryDirectory(), signal }: DescribeOptions,
): Promise<RtlProbe> {
  const key = digestOf([probeFormat, configDir, verilator.path, verilator.build, rtlKey(config)])
  const memo = join(cacheDir, 'probes', `${key}.json`)
  const known = await readMemo<RtlProbe>(memo)
  if (known && (await isUnchanged(known.dependencies, configDir))) return known
  const log = join(cacheDir, 'logs', `${config.top}-${key.slice(0, 16)}.log`)
  const run = { cwd: configDir, signal, log, temporaryDir }
  const { ports, files, includeDirs, delay } = await readNetlist(config, verilator, run)
  const hadToSearch = includeDirs.length > config.includeDirs.length
  const searchDirs = [...includeDirs, ...(hadToSearch ? sourceFolders(config) : [])]
  const dependencies = await recordDependencies(files, { ...config, includeDirs: searchDirs }, configDir)
  const unasked = await modulesUnasked(files, config, configDir)
  const probe = { ports, includeDirs, delay, unasked, dependencies }
  await writeMemo(memo, probe)
  return probe
}

/** A text of everything in the configuration that Verilator's view of the RTL depends on. */
export function rtlKey(config: ModelConfig): string {
  const { top, sources, includeDirs, defines, parameters, verilatorArgs } = config
  return JSON.stringify([top, sources, includeDirs, defines, parameters, verilatorArgs])
}
