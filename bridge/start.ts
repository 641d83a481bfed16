#!/usr/bin/env node
/**
 * Looks whether this process can work at all before the rest is loaded (main.ts), which takes tens of open files at
 * once: what goes wrong there nobody could put into a sentence. So this file imports next to nothing.
 */
import { join } from 'node:path'
import { findInherited } from './ground/inherited.js'
import { loadKept } from './ground/kept-code.js'
import { openFilesLimit, wayToMoreFiles } from './ground/open-files-limit.js'

/** Files that a run with one model has open; more models take more, and say so if there are none. */
const leastOpenFiles = 64
const ownFailure = 125

function findObstacle(): string | undefined {
  try {
    process.cwd()
  } catch {
    return 'the working directory does not exist any more; change to one that does'
  }
  const limit = openFilesLimit()
  if (limit >= leastOpenFiles) return undefined
  return `only ${limit} files may be open at once, and ${leastOpenFiles} are needed at least; ${wayToMoreFiles}`
}

async function start(): Promise<void> {
  const inherited = findInherited()
  const [, , command = ''] = process.argv
  // A mistyped command is not kept, for it does not end well.
  const file = join(import.meta.dirname, 'command-line', 'main.cjs')
  const { exports, digest, keep } = loadKept<typeof import('./main.js')>(file, command)
  const { exitStatus, isWhole } = await exports.main(digest, inherited)
  if (isWhole) keep()
  // Connections of hosts that look at nothing would keep us here: they close with the process.
  process.exit(exitStatus)
}

const obstacle = findObstacle()
if (obstacle === undefined) await start()
else {
  process.stderr.write(`trapline: ${obstacle}\n`)
  process.exitCode = ownFailure
}
