/**
 * What package.json depends on directly, and why some of it stays behind the newest: the reasons have one author, the
 * table in CONTRIBUTING.md.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run-command.mjs'
import { toVersion } from './version-ranges.mjs'

/**
 * `published` differs from `name` where package.json has another package under that name. `node` is the oldest one of
 * `engines`, on which it must run.
 * @typedef {{ name: string, published: string, pinned: string, node: import('./version-ranges.mjs').Version }}
 * Dependency
 */

/** @returns {Promise<Dependency[]>} */
export async function directDependencies() {
  const { engines, dependencies, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const [oldest] = engines.node.match(/\d+(?:\.\d+)*/)
  return Object.entries({ ...dependencies, ...devDependencies }).map(([name, wanted]) => {
    const [, published = name, pinned = wanted] = /^npm:(.+)@([^@]+)$/.exec(wanted) ?? []
    return { name, published, pinned, node: toVersion(oldest) }
  })
}

/**
 * The rows of that table.
 * @returns {Promise<{ name: string, major: string, reason: string }[]>}
 */
export async function reasonsToStay() {
  const text = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8')
  const section = text.split(/^## /m).find((part) => part.startsWith('Dependencies')) ?? ''
  const rows = section.matchAll(/^\| `([^`]+)` \| (\d+) \| (.+?) \|$/gm)
  return Array.from(rows, ([, name, major, reason]) => ({ name, major, reason }))
}
