/**
 * The place of one built model in the cache, addressed by the digest of everything that went into it. A place is
 * built in while its lock is held, and counts only once it is sealed (manifest.ts), which is done last.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { log } from '../ground/log.js'
import { guardWrites, withLock } from './cache-files.js'
import { findDamage, isWhole, seal } from './manifest.js'

export interface ModelPlace {
  directory: string
  executable: string
  lock: string
}

export function placeOf(cacheDir: string, hash: string): ModelPlace {
  const directory = join(cacheDir, 'models', hash)
  return { directory, executable: join(directory, 'model'), lock: join(cacheDir, 'locks', hash) }
}

/** True if a whole model stands there; a damaged one does not count, and is told of. */
export async function isBuilt({ directory }: ModelPlace): Promise<boolean> {
  const damage = await findDamage(directory)
  const [file] = [...damage.changed, ...damage.added]
  if (!damage.isUnsealed && file !== undefined)
    log.warn(
      `the build cache is damaged at ${join(directory, file)}: it is not what was built; the model is built anew`,
    )
  return isWhole(damage)
}

/** Runs `build` in the emptied place, unless a model stands there by the time it's our turn. True if it was built. */
export async function buildOnce(
  place: ModelPlace,
  signal: AbortSignal | undefined,
  build: () => Promise<void>,
): Promise<boolean> {
  return await withLock(place.lock, signal, async () => {
    if (isWhole(await findDamage(place.directory))) return false
    await guardWrites(place.directory, async () => {
      await rm(place.directory, { recursive: true, force: true })
      await mkdir(place.directory, { recursive: true })
    })
    await build()
    await seal(place.directory)
    return true
  })
}
