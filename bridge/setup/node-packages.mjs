/** Brings node_modules in line with package-lock.json. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, runOrThrow } from './run-command.mjs'

/** @param {(what: string) => void} busy */
export async function installNodePackages(busy) {
  if (await isInstalled()) return
  busy('npm ci')
  const [program, ...args] = npm('ci', '--no-audit', '--no-fund')
  await runOrThrow(program, args, 'it must reach its registry once; see what npm says below')
}

/** The npm that started us, or the one on the PATH: program and arguments. */
export function npm(...args) {
  const script = process.env.npm_execpath
  return script ? [process.execPath, script, ...args] : ['npm', ...args]
}

/** npm writes node_modules/.package-lock.json as the last thing of an installation: what it really installed. */
async function isInstalled() {
  const [wanted, installed] = await Promise.all(
    ['package-lock.json', 'node_modules/.package-lock.json'].map(readPackages),
  )
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || installed[path]?.version === version || (optional && !installed[path]),
  )
}

async function readPackages(file) {
  const text = await readFile(join(root, file), 'utf8').catch(() => '{}')
  return JSON.parse(text).packages ?? {}
}
