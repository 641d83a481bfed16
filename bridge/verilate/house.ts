/** Our own files that become part of every model. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageDirectory } from '../ground/paths.js'

const houseFile = /\.(sv|cc|h|mk|proto|options)$/

/**
 * Digest of what they say. They are read each time: looking at their stamps instead takes as long, and on file systems
 * that keep no time of change of their own (squashfs, sshfs) a file that was replaced may bear the same ones.
 */
export function digestHouse(): string {
  const digest = createHash('sha256')
  for (const folder of ['hdl/bfm', 'hdl/sim', 'proto'].map((name) => join(packageDirectory, name)))
    for (const name of filesOf(folder)) {
      // As text: that is one call of Node's own, and bytes are many.
      const contents = readFileSync(join(folder, name), 'utf8')
      // Where one ends and the next begins is part of it.
      digest.update(`${name}\n${contents.length}\n`).update(contents)
    }
  return digest.digest('hex')
}

function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => houseFile.test(name)).sort()
}
