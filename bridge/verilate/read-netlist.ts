/**
 * Asks Verilator for the ports of a model's top module, so that parameters, packages, macros and generate blocks count.
 * Owns that run, the arguments that it shares with the build, and the sentences for what Verilator refuses.
 */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { plainPackageDirectory } from '../ground/paths.js'
import { foldersOfIncludes } from './beside-sources.js'
import { checkRoom, guardTemporary, writeAtomically } from './cache-files.js'
import { harnessTop, toProbe } from './harness.js'
import { fromJson } from '../rtl/netlist-json.js'
import type { InterfacePort } from './harness-members.js'
import type { ReadLines } from '../rtl/netlist-xml.js'
import type { RtlNetlist } from '../rtl/rtl-netlist.js'
import { checkInterfaces, interfacePortsIn } from './interface-ports.js'
import { runTool, type RunOptions, type Tool } from './toolchain.js'
import { argumentsForWhole } from './hierarchical.js'
import { toVerilatorError } from './verilator-error.js'

/**
 * Warnings are the author's business; but an `$error` or `$fatal` with which RTL refuses its own parameters is not one,
 * though Verilator counts it as such.
 */
const warnings = ['-Wno-fatal', '-Werror-USERERROR', '-Werror-USERFATAL']

/** What the user's RTL needs on every Verilator command line, in Verilator's working directory `configDir`. */
export function rtlArguments(config: ModelConfig): string[] {
  const defines = Object.entries(config.defines).filter(([, value]) => value !== false)
  return [
    '--no-timing',
    ...warnings,
    // After a plus sign, Verilator takes another one for the start of the next folder.
    ...config.includeDirs.map((directory) => `-I${directory}`),
    // The last place where an included file is looked for is the folder of the file that includes it.
    '--relative-includes',
    ...defines.map(([name, value]) => (value === true ? `-D${name}` : `-D${name}=${value}`)),
    ...argumentsForWhole(config),
  ]
}

/** RTL may use the checkers of `hdl/bfm` on buses of its own; when the model is built, they are there anyway. */
export function bfmLibrary(): string[] {
  const directory = bfmDirectory()
  return [join(directory, 'trapline_dpi_pkg.sv'), '-y', directory, '+libext+.sv']
}

export function bfmDirectory(): string {
  return join(plainPackageDirectory(), 'hdl', 'bfm')
}

export interface ProbeOptions extends RunOptions {
  /** Verilator's output is written here if it refuses the RTL. */
  log: string
  /** Verilator's files lie in a folder of it for as long as it runs. */
  temporaryDir: string
}

export interface ReadNetlist extends RtlNetlist {
  /** The folders of the configuration, and those of sources in which an included file had to be looked for. */
  includeDirs: string[]
  /** File and line of the first delay that was ignored, though it drives something. */
  delay: string | undefined
}

export async function readNetlist(config: ModelConfig, verilator: Tool, run: ProbeOptions): Promise<ReadNetlist> {
  const directory = await guardTemporary(run.temporaryDir, () => mkdtemp(join(run.temporaryDir, 'trapline-probe-')))
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
): Promise<ReadNetlist> {
  const json = verilator.speaksJson
  const probe = join(directory, `${harnessTop}.sv`)
  const tree = join(directory, 'tree')
  const meta = join(directory, 'meta')
  const args = [
    ...(json ? ['--json-only', '--json-only-output', tree] : ['--xml-only', '--xml-output', tree]),
    ...(json ? ['--json-only-meta-output', meta] : []),
    ...['--top-module', harnessTop, '-Mdir', directory, '-Wno-PINMISSING'],
    ...rtlArguments(config),
    ...bfmLibrary(),
    ...config.sources,
    probe,
  ]
  const ask = async (interfaces: InterfacePort[]) => {
    await guardTemporary(directory, () => writeFile(probe, toProbe(config, interfaces)))
    return runTool(verilator, args, run)
  }
  let result = await ask([])
  // That it has interfaces shows when nothing is connected to them.
  const interfaces = result.ok ? [] : (interfacePortsIn(result.output, lineReader(run.cwd)) ?? [])
  if (interfaces.length > 0) result = await ask(interfaces)
  if (!result.ok) {
    const more = foldersOfIncludes(config, result.output, run.cwd)
    const wider = { ...config, includeDirs: [...config.includeDirs, ...more] }
    if (more.length > 0) return await readNetlistIn(directory, wider, verilator, run)
    await checkRoom([directory])
    await writeAtomically(run.log, result.output)
    throw await toVerilatorError(config, result.output, { ...run, verilator })
  }
  const text = await readFile(tree, 'utf8')
  if (json && membersLackTypes(text) && (await runTool(verilator, ['--xml-only', '--version'], run)).ok)
    return await readNetlistIn(directory, config, { ...verilator, speaksJson: false }, run)
  const netlist = json ? fromJson(text, await readFile(meta, 'utf8'), harnessTop) : await readXml(text, run.cwd)
  checkInterfaces(config, interfaces, netlist)
  return {
    ...netlist,
    includeDirs: config.includeDirs,
    delay: firstDelay(result.output),
    files: netlist.files.filter((file) => file !== probe && !file.startsWith('<') && !file.startsWith(bfmDirectory())),
  }
}

/**
 * So does the JSON of the first releases that write it, 5.032 among them; their XML has the types of a struct's
 * members.
 */
function membersLackTypes(json: string): boolean {
  return /"type":"MEMBERDTYPE"(?![^{}]*"refDTypep")/.test(json)
}

/** Verilator warns of delays that stand by themselves, and says nothing of those within an assignment (`q <= #1 d`). */
function firstDelay(output: string): string | undefined {
  return /^%Warning-STMTDLY: (.+?:\d+):/m.exec(output)?.[1]
}

/** Who has a newer Verilator, or a model in the cache, shall not wait for a parser of XML. */
async function readXml(text: string, cwd: string): Promise<RtlNetlist> {
  const { fromXml } = await import('../rtl/netlist-xml.js')
  return fromXml(text, harnessTop, lineReader(cwd))
}

function lineReader(cwd: string): ReadLines {
  const known = new Map<string, string[]>()
  return (file) => {
    const lines = known.get(file) ?? linesOf(resolve(cwd, file))
    known.set(file, lines)
    return lines
  }
}

/** The lines of a file; none of what is no file, as `<built-in>` is. */
function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
}
