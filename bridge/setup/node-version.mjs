/**
 * Whether this Node is one of `engines`. npm only warns, and leaves out the native parts of tools that are for another
 * one; the build would fail later, with words that name neither. `trapline doctor` asks here, too.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './run-command.mjs'
import { admits, toVersion } from './version-ranges.mjs'

/** A sentence; undefined if this Node will do. @returns {Promise<string | undefined>} */
export async function nodeProblem() {
  const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const { node } = process.versions
  if (admits(engines.node, toVersion(node))) return undefined
  return `Node ${node} is none of those that this works with, ${engines.node}; install one of them (nodejs.org)`
}

export async function checkNode() {
  const problem = await nodeProblem()
  if (problem !== undefined) throw new Error(problem)
}
