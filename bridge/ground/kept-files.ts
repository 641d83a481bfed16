/**
 * What was made of a file, kept in the build cache so that it need not be made again. Only what we wrote ourselves, and
 * for just that file, is believed. Where nothing can be kept it goes without.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { ownCode } from './own-code.js'
import { cacheDirectory } from './paths.js'

const sealLength = 32
const largestSize = 1 << 26

/** Undefined where there can be no cache. */
export function placeOfKept(...names: string[]): string | undefined {
  const name = createHash('sha256').update(JSON.stringify(names)).digest('hex')
  try {
    return join(cacheDirectory(), 'compiled', name)
  } catch {
    return undefined
  }
}

/** @param origin what it was made of, or the digest of that */
export function readKept(place: string | undefined, origin: Buffer): Buffer | undefined {
  if (place === undefined) return undefined
  try {
    const contents = readOwn(place)
    const data = contents.subarray(sealLength)
    return contents.subarray(0, sealLength).equals(sealOf(origin, data)) ? data : undefined
  } catch {
    return undefined
  }
}

/** What we wrote is a file of moderate size: of anything else there, a pipe, say, the end might never come. */
function readOwn(place: string): Buffer {
  const file = openSync(place, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { size } = fstatSync(file)
    return size > 0 && size <= largestSize ? readFileSync(file) : Buffer.alloc(0)
  } finally {
    closeSync(file)
  }
}

/**
 * What `make` gives, or what it gave an earlier run of the same code for the same ingredients. It is kept as JSON.
 * @param names say what for; the last of each is kept
 */
export function keptOrMade<Made>(names: string[], ingredients: unknown, make: () => Made): Made {
  const code = ownCode()
  if (code === undefined) return make()
  const place = placeOfKept(...names)
  const whole = (_key: string, value: unknown) => (typeof value === 'bigint' ? [`${value}`] : value)
  const origin = Buffer.from(JSON.stringify([code, ingredients], whole))
  const kept = readKept(place, origin)
  if (kept) return JSON.parse(kept.toString('utf8')) as Made
  const made = make()
  writeKept(place, origin, Buffer.from(JSON.stringify(made)))
  return made
}

/** Others see the old contents or the new, never a part. */
export function writeKept(place: string | undefined, origin: Buffer, data: Buffer): void {
  if (place === undefined) return
  const temporary = `${place}.${process.pid}`
  try {
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(temporary, Buffer.concat([sealOf(origin, data), data]))
    renameSync(temporary, place)
  } catch {
    attempt(() => rmSync(temporary, { force: true }))
  }
}

function attempt(action: () => void): void {
  try {
    action()
  } catch {
    // Then it stays.
  }
}

/** Says where the one ends and the other begins. */
function sealOf(origin: Buffer, data: Buffer): Buffer {
  return createHash('sha256').update(`${origin.length} `).update(origin).update(data).digest()
}
