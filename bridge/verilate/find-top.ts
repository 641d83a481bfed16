/** The top module, where nobody names it: that of a package, or the one that no other instantiates. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { inTemporaryFolder } from '../run/temporary-folder.js'
import { cacheDirectory } from '../ground/paths.js'
import { foldersOfIncludes } from './beside-sources.js'
import { digestOf, guardTemporary, writeAtomically } from './cache-files.js'
import { checkFiles, rtlKey } from './describe-model.js'
import type { ExpandedModel } from './expanded-model.js'
import { harnessTop } from './harness.js'
import { bfmLibrary, rtlArguments } from './read-netlist.js'
import { expandModel } from './packages.js'
import { findTools, runTool, type Tool } from './toolchain.js'
import { toVerilatorError } from './verilator-error.js'

/**
 * Asks Verilator, so that macros, packages and generate blocks count.
 *
 * @param config whose `top` is only what messages call the RTL
 * @throws TraplineError that asks, if several modules could be meant, or that says what Verilator refuses
 */
export function findTop(config: ModelConfig, configDir: string): Promise<string> {
  return inTemporaryFolder((folder) => findTopIn(folder, config, configDir))
}

async function findTopIn(directory: string, config: ModelConfig, configDir: string): Promise<string> {
  const expanded = await expandModel(config, { configDir, temporaryDir: directory })
  await checkFiles(expanded, configDir)
  if (expanded.packageTop !== undefined) return expanded.packageTop
  const [verilator] = await findTools(['verilator'], cacheDirectory())
  // An empty module of ours stands beside it, so that Verilator has more than one top in any case, and lists them.
  const empty = join(directory, `${harnessTop}.sv`)
  await guardTemporary(directory, () => writeFile(empty, `module ${harnessTop};\nendmodule\n`))
  const output = await lint(expanded, verilator as Tool, { configDir, directory, empty })
  return onlyOf([...new Set(topsIn(output))].filter((name) => name !== harnessTop))
}

function topsIn(output: string): string[] {
  return [...output.matchAll(/Top module '(.+?)'$/gm)].map(([, name = '']) => name)
}

async function lint(
  config: ExpandedModel,
  verilator: Tool,
  place: { configDir: string; directory: string; empty: string },
): Promise<string> {
  const { configDir, directory, empty } = place
  const quiet = ['-Wno-fatal', '-Wno-lint', '-Wwarn-MULTITOP']
  const args = [
    '--lint-only',
    '-Mdir',
    directory,
    ...rtlArguments(config),
    ...quiet,
    ...bfmLibrary(),
    ...config.sources,
    empty,
  ]
  const { ok, output } = await runTool(verilator, args, { cwd: configDir, temporaryDir: directory })
  // What it refuses once it has found the tops may be due to the question alone: a port of its module's name, say.
  if (ok || topsIn(output).length > 0) return output
  const more = foldersOfIncludes(config, output, configDir)
  if (more.length > 0) return await lint({ ...config, includeDirs: [...config.includeDirs, ...more] }, verilator, place)
  const log = join(cacheDirectory(), 'logs', `top-${digestOf([configDir, rtlKey(config)]).slice(0, 16)}.log`)
  await writeAtomically(log, output)
  throw await toVerilatorError(config, output, { cwd: configDir, log, verilator })
}

function onlyOf(tops: string[]): string {
  const [top, ...others] = tops
  if (top === undefined)
    throw new TraplineError('usage', '--top is missing, and the RTL has no module that no other instantiates; name one')
  if (others.length > 0)
    throw new TraplineError('usage', `${tops.join(', ')} can each be the top module; name one by --top`)
  return top
}
