/**
 * Asks Verilator for the ports of a model's top module, so that parameters, packages, macros and generate blocks count.
 * Owns that run, the arguments that it shares with the build, and the sentences for what Verilator refuses.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { writeAtomically } from './cache-files.js'
import { harnessTop, toProbe } from './harness.js'
import { fromJson } from './netlist-json.js'
import { fromXml } from './netlist-xml.js'
import type { RtlNetlist } from './rtl-netlist.js'
import { runTool, type RunOptions, type Tool } from './toolchain.js'
import { toVerilatorError } from './verilator-error.js'

/** What the user's RTL needs on every Verilator command line, in Verilator's working directory `configDir`. */
export function rtlArguments(config: ModelConfig): string[] {
  const defines = Object.entries(config.defines).filter(([, value]) => value !== false)
  return [
    ...config.includeDirs.map((directory) => `+incdir+${directory}`),
    ...defines.map(([name, value]) => (value === true ? `-D${name}` : `-D${name}=${value}`)),
    ...config.verilatorArgs,
  ]
}

export interface ProbeOptions extends RunOptions {
  /** Verilator's output is written here if it refuses the RTL. */
  log: string
}

/** XML went when JSON was complete. */
function speaksJson(version: string): boolean {
  const [, major, minor] = /Verilator (\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 5 || (Number(major) === 5 && Number(minor) >= 22)
}

export async function readNetlist(config: ModelConfig, verilator: Tool, run: ProbeOptions): Promise<RtlNetlist> {
  const directory = await mkdtemp(join(tmpdir(), 'trapline-probe-'))
  try {
    return await readNetlistIn(directory, config, verilator, run)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function readNetlistIn(
  directory: string,
  config: ModelConfig,
  verilator: Tool,
  run: ProbeOptions,
): Promise<RtlNetlist> {
  const json = speaksJson(verilator.version)
  const [probe, tree, meta] = [`${harnessTop}.sv`, 'tree', 'meta'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(probe, toProbe(config))
  const format = json
    ? ['--json-only', '--json-only-output', tree, '--json-only-meta-output', meta]
    : ['--xml-only', '--xml-output', tree]
  const result = await runTool(
    verilator,
    [
      ...format,
      '--top-module',
      harnessTop,
      '-Mdir',
      directory,
      '--no-timing',
      '-Wno-fatal',
      '-Wno-PINMISSING',
      ...rtlArguments(config),
      ...config.sources,
      probe,
    ],
    run,
  )
  if (!result.ok) {
    await writeAtomically(run.log, result.output)
    throw await toVerilatorError(config, result.output, run)
  }
  const text = await readFile(tree, 'utf8')
  const netlist = json ? fromJson(text, await readFile(meta, 'utf8'), harnessTop) : fromXml(text, harnessTop)
  return { ...netlist, files: netlist.files.filter((file) => file !== probe && !file.startsWith('<')) }
}
