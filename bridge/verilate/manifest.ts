/**
 * What keeps a folder of the build cache from being trusted when it should not: a file of it that lists all others with
 * their SHA-256, in the format of sha256sum(1). It is written last, when everything else is on the disk; so a power
 * cut, a full disk or a bad block shows, whatever is left of the files' names, sizes and times.
 */
import { createHash } from 'node:crypto'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOfFile, guardWrites, syncFolder, writeAtomically } from './cache-files.js'

const manifestName = 'SHA256SUMS'

/** From now on the folder counts as it stands. */
export async function seal(directory: string): Promise<void> {
  const lines: string[] = []
  await guardWrites(directory, async () => {
    for (const file of await filesOf(directory)) lines.push(`${await syncAndDigest(join(directory, file))}  ${file}\n`)
    for (const folder of await foldersOf(directory)) await syncFolder(join(directory, folder))
  })
  await writeAtomically(join(directory, manifestName), lines.join(''))
}

export interface Damage {
  /** Never sealed, or not known to be: nothing of it counts. */
  isUnsealed: boolean
  /** Paths, relative, of files that are not what they were, or are gone. */
  changed: string[]
  /** Files that came later. */
  added: string[]
}

export async function findDamage(directory: string): Promise<Damage> {
  const text = await readFile(join(directory, manifestName), 'utf8').catch(() => undefined)
  const sealed = new Map((text ?? '').split('\n').flatMap(toEntry))
  const files = await filesOf(directory).catch(() => [])
  const changed: string[] = []
  for (const [file, digest] of sealed) if ((await digestOfFile(join(directory, file))) !== digest) changed.push(file)
  return { isUnsealed: text === undefined, changed, added: files.filter((file) => !sealed.has(file)) }
}

export function isWhole({ isUnsealed, changed, added }: Damage): boolean {
  return !isUnsealed && changed.length + added.length === 0
}

function toEntry(line: string): [string, string][] {
  const [, digest, file] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? []
  return digest !== undefined && file !== undefined ? [[file, digest]] : []
}

/** All files but the manifest itself, in a fixed order. */
async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => toPath(directory, entry))
  return files.filter((file) => file !== manifestName).sort()
}

async function foldersOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return ['.', ...entries.filter((entry) => entry.isDirectory()).map((entry) => toPath(directory, entry))]
}

function toPath(directory: string, { parentPath, name }: { parentPath: string; name: string }): string {
  return join(parentPath, name).slice(directory.length + 1)
}

async function syncAndDigest(path: string): Promise<string> {
  await using file = await open(path)
  await file.sync()
  return createHash('sha256')
    .update(await file.readFile())
    .digest('hex')
}
