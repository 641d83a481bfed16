/** Our own files that become part of every model. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { placeOfKept, readKept, writeKept } from '../ground/kept-files.js'
import { packageDirectory } from '../ground/paths.js'
import { digestOf } from './cache-files.js'

const houseFile = /\.(sv|cc|h|mk|proto|options)$/

/** Within that time a file may change again and bear the same time. */
const unsureMs = 2_000

/** Digest of what they say. The files are read when one of them was touched since, which the kernel notes. */
export function digestHouse(): string {
  const files = ['hdl/bfm', 'hdl/sim', 'proto'].flatMap((folder) => filesOf(folder))
  const stamps = files.map(({ path }) => statSync(path, { bigint: true }))
  const origin = stamps.map(({ dev, ino, size, mtimeNs, ctimeNs }, i) => [
    files[i]?.path,
    dev,
    ino,
    size,
    mtimeNs,
    ctimeNs,
  ])
  const place = placeOfKept('house', packageDirectory)
  const sign = Buffer.from(origin.flat().join('\0'))
  const kept = readKept(place, sign)
  if (kept) return kept.toString('latin1')
  const digest = digestOf(files.flatMap(({ name, path }) => [name, readFileSync(path, 'utf8')]))
  const newestMs = Math.max(...stamps.map(({ ctimeMs }) => Number(ctimeMs)))
  if (newestMs < Date.now() - unsureMs) writeKept(place, sign, Buffer.from(digest, 'latin1'))
  return digest
}

function filesOf(folder: string): { name: string; path: string }[] {
  const names = readdirSync(join(packageDirectory, folder), { recursive: true, encoding: 'utf8' })
  const own = names.filter((name) => houseFile.test(name)).sort()
  return own.map((name) => ({ name, path: join(packageDirectory, folder, name) }))
}
