/**
 * How many files may be open: Node's own spawn leaves half a child where there are too few, so they are counted before.
 */
import { readdirSync } from 'node:fs'
import { TraplineError } from './errors.js'
import { openFilesLimit, wayToMoreFiles } from './open-files-limit.js'

/** Both ends of all streams of a child, and what else spawn takes for a moment. */
const neededForChild = 16

/** Throws if another child can't be had, with what it would have been. */
export function checkOpenFiles(what: string): void {
  const limit = openFilesLimit()
  const open = readdirSync('/proc/self/fd').length
  if (open + neededForChild <= limit) return
  throw new TraplineError(
    'bridge',
    `${open} of at most ${limit} files are open, which leaves too few for ${what}; ${wayToMoreFiles}`,
  )
}
