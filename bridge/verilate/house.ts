/** Our own files that become part of every model. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageDirectory } from '../ground/paths.js'
import { digestOf } from './cache-files.js'

const houseFile = /\.(sv|cc|h|mk|proto|options)$/

/**
 * Digest of what they say. They are read each time: looking at their stamps instead takes as long, and on file systems
 * that keep no time of change of their own (squashfs, sshfs) a file that was replaced may bear the same ones.
 */
export function digestHouse(): string {
  return digestOf(['hdl/bfm', 'hdl/sim', 'proto'].flatMap((folder) => contentsOf(folder)))
}

/** Names and contents in turn. */
function contentsOf(folder: string): string[] {
  const names = readdirSync(join(packageDirectory, folder), { recursive: true, encoding: 'utf8' })
  const own = names.filter((name) => houseFile.test(name)).sort()
  return own.flatMap((name) => [name, readFileSync(join(packageDirectory, folder, name), 'utf8')])
}
