/**
 * What the build cache remembers of tools and RTL: JSON behind a line with its SHA-256, so that only what we wrote is
 * believed.
 */
import { readFile } from 'node:fs/promises'
import { log } from '../ground/log.js'
import { digestOf, writeAtomically } from './cache-files.js'

export async function writeMemo(path: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value)
  await writeAtomically(path, `${digestOf([text])}\n${text}`)
}

/** Undefined if there is none. One that was damaged is none, and is told of. */
export async function readMemo<T>(path: string): Promise<T | undefined> {
  const contents = await readFile(path, 'utf8').catch(() => undefined)
  if (contents === undefined) return undefined
  const end = contents.indexOf('\n')
  const text = contents.slice(end + 1)
  if (contents.slice(0, end) === digestOf([text])) return JSON.parse(text) as T
  log.warn(`the build cache is damaged at ${path}: it is not what was written there; it is made anew`)
  return undefined
}
