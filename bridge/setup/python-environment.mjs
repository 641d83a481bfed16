/** Virtual environments of the build folder: each is made from a pinned list, and made anew when that list changes. */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow, runQuietly } from './run-command.mjs'
import { install } from './system-packages.mjs'

const hint = 'see what it says below, then start again'

/**
 * `requirements` is a list as pip takes it; `more` is what is done with pip after it, said again with each change of
 * `because`. A folder that was copied from elsewhere, or is of another Python, is made anew, too.
 *
 * @typedef {{ folder: string, requirements: string, more?: string[][], because?: string[] }} Environment
 */

/** @param {Environment} environment @param {() => void} busy */
export async function fillEnvironment({ folder, requirements, more = [], because = [] }, busy) {
  const listed = await describe(folder, requirements)
  const wanted = [listed, ...(await Promise.all(because.map((file) => readFile(file, 'utf8'))))].join('\n')
  const installed = await readFile(stampOf(folder), 'utf8').catch(() => '')
  if (installed === wanted) return
  busy()
  const pip = join(folder, 'bin', 'pip')
  if (!installed.startsWith(listed)) await makeAnew(folder, pip, requirements)
  for (const args of more) await runOrThrow(pip, [...inQuiet, ...args], hint)
  await writeFile(stampOf(folder), wanted)
}

const quietly = ['--quiet', '--disable-pip-version-check']
const inQuiet = ['install', ...quietly, '--retries', '1']

/**
 * Made anew, for pip would leave there what the list names no longer; and only when all of the list has been fetched.
 * So who is offline keeps what is there, and is not made to wait for an empty environment at each start.
 */
async function makeAnew(folder, pip, requirements) {
  const wheels = `${folder}.wheels`
  await rm(wheels, { recursive: true, force: true })
  const wasThere = (await runQuietly(pip, ['--version'])).status === 0
  if (!wasThere) await makeEmpty(folder)
  try {
    const fetched = ['wheel', ...quietly, '--retries', '1', '--wheel-dir', wheels, '--requirement', requirements]
    await runOrThrow(pip, fetched, hint)
    if (wasThere) await makeEmpty(folder)
    await runOrThrow(pip, [...inQuiet, '--no-index', '--find-links', wheels, '--requirement', requirements], hint)
  } finally {
    await rm(wheels, { recursive: true, force: true })
  }
}

/** What was installed last; it is written when all of it is there. */
function stampOf(folder) {
  return join(folder, 'trapline-installed.txt')
}

async function describe(folder, requirements) {
  const { stdout: version } = await runQuietly('python3', ['--version'])
  return `${version.trim()} in ${folder}\n${await readFile(requirements, 'utf8')}\n`
}

/** Debian has the module for it in a package of its own. */
async function makeEmpty(folder) {
  const make = () => runOrThrow('python3', ['-m', 'venv', '--clear', folder], hint)
  if (existsSync(folder)) await rm(folder, { recursive: true, force: true })
  await make().catch(async () => {
    await install(['python3-venv'], () => {})
    await make()
  })
}
