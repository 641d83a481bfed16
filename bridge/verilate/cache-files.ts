/** Files of the build cache: digests, atomic writes, the lock. Knows nothing of models. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TraplineError } from '../errors.js'
import { startKept } from './kept-tool.js'

/** SHA-256 of a list of texts; `['a', 'b']` and `['ab']` differ. */
export function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** SHA-256 of a file's contents; undefined if there is none that can be read. */
export async function digestOfFile(path: string): Promise<string | undefined> {
  const contents = await readFile(path).catch(() => undefined)
  return contents && createHash('sha256').update(contents).digest('hex')
}

/** Others see the old contents or the new, never a part. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  await guardWrites(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    const temporary = `${path}.${randomUUID()}`
    await writeFile(temporary, text)
    await rename(temporary, path)
  })
}

/** Turns what a disk can do to us into one sentence. */
export function guardWrites<T>(path: string, write: () => Promise<T>): Promise<T> {
  return guard(
    write,
    (code) => `the build cache can't be written at ${path} (${code}); set TRAPLINE_CACHE to a directory that can`,
  )
}

/** The same for files that only live as long as a build. */
export function guardTemporary<T>(path: string, write: () => Promise<T>): Promise<T> {
  return guard(
    write,
    (code) => `${path} can't be written (${code}); make room there, or set TMPDIR to a directory elsewhere`,
  )
}

async function guard<T>(write: () => Promise<T>, toSentence: (code: string) => string): Promise<T> {
  try {
    return await write()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (!code || !writeFailures.has(code)) throw error
    throw new TraplineError('build', toSentence(code), { cause: error })
  }
}

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
  const holder = startKept('flock', [path, ...command], { signal: waiting.signal, stdin: 'pipe' })
  const held = await Promise.race([new Promise((resolve) => holder.stdout.once('data', resolve)), holder])
  signal?.removeEventListener('abort', giveUp)
  if (signal?.aborted) holder.stdin?.end()
  signal?.throwIfAborted()
  if (!Buffer.isBuffer(held)) {
    throw new TraplineError('build', `the build cache can't be locked at ${path}: flock failed`, { cause: held })
  }
  try {
    return await work()
  } finally {
    holder.stdin?.end()
    await holder
  }
}

async function writable(path: string): Promise<void> {
  await guardWrites(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, '', { flag: 'a' })
  })
}
