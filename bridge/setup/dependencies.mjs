/**
 * What package.json depends on directly, and why some of it stays behind the newest: the reasons have one author, the
 * table in CONTRIBUTING.md.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run-command.mjs'
import { toVersion } from './version-ranges.mjs'

/**
 * `published` differs from `name` where package.json has another package under that name. `node` is what the dependency
 * must run on: what users get, on the very oldest Node; tools of our own, on the newest of its major.
 * @typedef {{ name: string, published: string, pinned: string, node: import('./version-ranges.mjs').Version }} Dependency
 */

/** @returns {Promise<Dependency[]>} */
export async function directDependencies() {
  const { engines, dependencies, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const oldest = toVersion(engines.node.replace(/^\D+/, ''))
  const list = (entries, node) =>
    Object.entries(entries).map(([name, wanted]) => {
      const [, published = name, pinned = wanted] = /^npm:(.+)@([^@]+)$/.exec(wanted) ?? []
      return { name, published, pinned, node }
    })
  return [...list(dependencies, oldest), ...list(devDependencies, [oldest[0], 999, 0])]
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
