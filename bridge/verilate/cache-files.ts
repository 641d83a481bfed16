/** Files of the build cache: digests, atomic writes, the lock. Knows nothing of models. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { loadKeptStarter } from './kept-tool.js'

/** SHA-256 of a list of texts; `['a', 'b']` and `['ab']` differ. */
export function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** SHA-256 of a file's contents; undefined if there is none that can be read. */
export async function digestOfFile(path: string): Promise<string | undefined> {
  const contents = await readFile(path).catch(() => undefined)
  return contents && createHash('sha256').update(contents).digest('hex')
}

/** Others see the old contents or the new, never a part; so they do after a power cut. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  await guardWrites(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    try {
      await writeFile(temporary, text, { flush: true })
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(dirname(path))
  })
}

/** The names in it are on the disk. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path)
  await folder.sync()
}

/** Turns what a disk can do to us into one sentence. */
export function guardWrites<T>(path: string, write: () => Promise<T>): Promise<T> {
  const remedy = 'set TRAPLINE_CACHE to a directory that can'
  return guard(write, (code) =>
    isFull.has(code)
      ? fullDisk(path)
      : new TraplineError('build', `the build cache can't be written at ${path} (${code}); ${remedy}`),
  )
}

/** Guards files that only live as long as a build. */
export function guardTemporary<T>(path: string, write: () => Promise<T>): Promise<T> {
  const remedy = 'make room there, or set TMPDIR to a directory elsewhere'
  return guard(write, (code) => new TraplineError('build', `${path} can't be written (${code}); ${remedy}`))
}

async function guard<T>(write: () => Promise<T>, toError: (code: string) => TraplineError): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (!code || !writeFailures.has(code)) throw error
    throw toError(code)
  }
}

const isFull = new Set(['ENOSPC', 'EDQUOT'])

export function fullDisk(place: string): TraplineError {
  return new TraplineError(
    'build',
    `the disk of the build cache is full at ${place}, or that of TMPDIR is; make room, or set TRAPLINE_CACHE or ` +
      `TMPDIR to a ` +
      'directory elsewhere',
  )
}

/** Not every tool says why it fails where a disk is full. */
export async function checkRoom(places: (string | undefined)[]): Promise<void> {
  for (const place of places) {
    const found = place === undefined ? undefined : await statfs(place).catch(() => undefined)
    const isFull = found && (found.bavail * found.bsize < leastRoom || (found.files > 0 && found.ffree === 0))
    if (place !== undefined && isFull) throw fullDisk(place)
  }
}

const leastRoom = 1 << 16

const writeFailures = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EIO'])

/**
 * Runs `work` while no other process runs work under the same lock file. The lock is flock(2), held by a child that
 * ends when its stdin closes, so it never outlives us, however we end.
 */
export async function withLock<T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  await writable(path)
  signal?.throwIfAborted()
  // Once it is held, it is until the work has come to its end, which may be that of compilers which are given up.
  const waiting = new AbortController()
  const giveUp = () => waiting.abort()
  signal?.addEventListener('abort', giveUp)
  const command = ['sh', '-c', 'echo held; exec cat']
  const startKept = await loadKeptStarter()
  const holder = startKept('flock', [path, ...command], { signal: waiting.signal, stdin: 'pipe' })
  const held = await Promise.race([new Promise((resolve) => holder.stdout.once('data', resolve)), holder])
  signal?.removeEventListener('abort', giveUp)
  if (signal?.aborted) giveUp()
  signal?.throwIfAborted()
  if (!Buffer.isBuffer(held)) {
    throw new TraplineError('build', `the build cache can't be locked at ${path}: flock failed`, { cause: held })
  }
  try {
    return await work()
  } finally {
    // Not only the end of its stdin: one of them may have been stopped.
    giveUp()
    await holder
  }
}

async function writable(path: string): Promise<void> {
  await guardWrites(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '', { flag: 'a' })
  })
}
