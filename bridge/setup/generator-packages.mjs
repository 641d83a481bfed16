/** Register generators from PyPI, in a virtual environment of the build folder. */
import { existsSync } from 'node:fs'
import { copyFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, runOrThrow } from './run-command.mjs'
import { install } from './system-packages.mjs'

const requirements = join(root, 'test', 'generators', 'requirements.txt')
const environment = join(root, 'build', 'generators')
/** What was installed last. */
const stamp = join(environment, 'requirements.txt')

/** @param {(what: string) => void} busy */
export async function installGenerators(busy) {
  const wanted = await readFile(requirements, 'utf8')
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return
  const hint = 'see what it says below, then start again'
  busy('installing the register generators')
  await runOrThrow('python3', ['-m', 'venv', environment], hint).catch(async () => {
    await install(['python3-venv'], busy)
    await runOrThrow('python3', ['-m', 'venv', '--clear', environment], hint)
  })
  await runOrThrow(join(environment, 'bin', 'pip'), ['install', '--quiet', '--requirement', requirements], hint)
  await copyFile(requirements, stamp)
}
