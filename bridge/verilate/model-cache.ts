/**
 * The place of one built model in the cache, addressed by the digest of everything that went into it. A place is
 * built in while its lock is held, and counts only once its record stands, which is written last.
 */
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOfFile, guardWrites, withLock, writeAtomically } from './cache-files.js'

export interface ModelPlace {
  directory: string
  executable: string
  record: string
  lock: string
}

export function placeOf(cacheDir: string, hash: string): ModelPlace {
  const directory = join(cacheDir, 'models', hash)
  return {
    directory,
    executable: join(directory, 'model'),
    record: join(directory, 'model.json'),
    lock: join(cacheDir, 'locks', hash),
  }
}

/** True if a whole model stands there; a damaged one does not count. */
export async function isBuilt({ record, executable }: ModelPlace): Promise<boolean> {
  const text = await readFile(record, 'utf8').catch(() => undefined)
  return text !== undefined && text === recordOf(await digestOfFile(executable))
}

function recordOf(executableDigest: string | undefined): string {
  return `${JSON.stringify({ executable: executableDigest })}\n`
}

/** Runs `build` in the emptied place, unless a model stands there by the time it's our turn. True if it was built. */
export async function buildOnce(
  place: ModelPlace,
  signal: AbortSignal | undefined,
  build: () => Promise<void>,
): Promise<boolean> {
  return await withLock(place.lock, signal, async () => {
    if (await isBuilt(place)) return false
    await guardWrites(place.directory, async () => {
      await rm(place.directory, { recursive: true, force: true })
      await mkdir(place.directory, { recursive: true })
    })
    await build()
    await writeAtomically(place.record, recordOf(await digestOfFile(place.executable)))
    return true
  })
}
