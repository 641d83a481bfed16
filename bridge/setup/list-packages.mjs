/**
 * The Debian packages of `packages.json`, for whoever installs or asks for them: each with what it is for, one of its
 * commands or C headers by which one knows that it is there, and a use. Uses: `models` (without which none can be
 * built), `waveforms` and `lines` (without which they lack those), `agent` (builds Trapline itself), `programs` (hosts
 * to begin with), `tests`, `containers`; what is `on demand` is asked for where it turns out to be needed.
 *
 * `node list-packages.mjs USE…` prints names, for images.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** @type {Record<string, { use: string, for: string, command?: string, header?: string }>} */
export const packages = JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8'))

/** @param {string[]} uses @returns {string[]} */
export function packagesFor(uses) {
  const unknown = uses.filter((use) => !Object.values(packages).some((entry) => entry.use === use))
  if (unknown.length > 0) throw new Error(`packages.json knows no use ${unknown.join(', ')}`)
  return Object.keys(packages).filter((name) => uses.includes(packages[name].use))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(`${packagesFor(process.argv.slice(2)).join(' ')}\n`)
