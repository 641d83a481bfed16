/**
 * Whether this Node is one of `engines`. npm only warns, and leaves out the native parts of tools that are for another
 * one; the build would fail later, with words that name neither.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run-command.mjs'
import { admits, toVersion } from './version-ranges.mjs'

export async function checkNode() {
  const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const { node } = process.versions
  if (admits(engines.node, toVersion(node))) return
  throw new Error(
    `Node ${node} is none of those that this works with, ${engines.node}; install one of them (nodejs.org)`,
  )
}
