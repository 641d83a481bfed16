/**
 * Builds what is ours: the bridge with tsc and rolldown, the agent with make. Nothing changed: nothing runs, or make
 * says so.
 */
import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { root, runOrThrow, runQuietly } from './run-command.mjs'

/**
 * The compiler, below node_modules. There are two TypeScripts: the newest compiles; an older one has the API that the
 * linter reads types by.
 */
export const compiler = 'native-typescript/bin/tsc'

const buildDirectory = join(root, 'build')
const stamp = join(buildDirectory, 'bridge.stamp')
const commandLine = join(buildDirectory, 'bridge', 'main.js')

/** @param {(what: string) => void} busy */
export async function buildBridge(busy) {
  const digest = await digestSources()
  const [last, built] = await Promise.all([readFile(stamp, 'utf8').catch(() => ''), exists(commandLine)])
  if (built && last === digest) return
  busy('tsc')
  await runTool(compiler, '-p', 'tsconfig.json')
  busy('rolldown')
  await runTool('rolldown/bin/cli.mjs', '-c', 'bridge/rolldown.config.mjs')
  await chmod(commandLine, 0o755)
  await mkdir(buildDirectory, { recursive: true })
  await writeFile(stamp, digest)
}

function runTool(path, ...args) {
  return runOrThrow(process.execPath, [join('node_modules', path), ...args], 'see what it says below')
}

/** Over names, times and sizes: enough to see an edit, and quicker than reading. */
async function digestSources() {
  const folder = join(root, 'bridge')
  const sources = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts')).sort()
  const settings = ['tsconfig.json', 'package-lock.json', 'bridge/rolldown.config.mjs'].map((file) => join(root, file))
  const hash = createHash('sha256')
  for (const file of [...sources.map((source) => join(folder, source)), ...settings]) {
    const { mtimeMs, size } = await stat(file)
    hash.update(`${file} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * Only tests are stopped by warnings: a user's compiler may be newer than ours.
 * @param {(what: string) => void} busy
 * @param {string} goal
 */
export async function buildAgent(busy, goal) {
  const { status } = await runQuietly('make', ['-C', 'trap', '--question'])
  if (status === 0) return
  busy('make')
  const strictness = goal === 'test' ? [] : ['WERROR=']
  await runOrThrow(
    'make',
    ['-C', 'trap', `-j${availableParallelism()}`, ...strictness],
    'see what the compiler says below',
  )
}
