/**
 * The compilers: where they lie, which version they are, and running them. A version is asked for once and then
 * remembered by the program's path, time and size, so that a model which stands in the cache costs no process.
 */
import { constants } from 'node:fs'
import { access, readFile, realpath, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execa } from 'execa'
import { TraplineError } from '../errors.js'
import { digestOf, writeAtomically } from './cache-files.js'
import { endTree } from './end-tree.js'

export type ToolName = 'verilator' | 'g++' | 'make'

export interface Tool {
  name: ToolName
  path: string
  /** The first line that `--version` prints. */
  version: string
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
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}

async function toTool(name: ToolName, path: string, cacheDir: string): Promise<Tool> {
  const { mtimeMs, size } = await stat(await realpath(path))
  const memo = join(cacheDir, 'tools', digestOf([path, String(mtimeMs), String(size)]))
  const known = await readFile(memo, 'utf8').catch(() => undefined)
  if (known) return { name, path, version: known }
  const { stdout } = await execa(path, ['--version'])
  const version = stdout.split('\n')[0] ?? ''
  await writeAtomically(memo, version)
  return { name, path, version }
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
