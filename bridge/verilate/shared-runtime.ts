/**
 * The objects that all models of the same tools share (hdl/sim/model.mk). A build takes them as they are, so before
 * that every one is held against the manifest, and what doesn't match is made anew.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { log } from '../ground/log.js'
import { guardWrites, withLock } from './cache-files.js'
import { findDamage, seal, type Damage } from './manifest.js'

export interface RuntimePlace {
  directory: string
  lock: string
}

export function runtimePlaceOf(cacheDir: string, digest: string): RuntimePlace {
  const name = digest.slice(0, 32)
  return { directory: join(cacheDir, 'runtime', name), lock: join(cacheDir, 'runtime', `${name}.lock`) }
}

/** @param build makes what is missing; a model may need objects that no other did */
export async function withRuntime(
  { directory, lock }: RuntimePlace,
  signal: AbortSignal | undefined,
  build: () => Promise<void>,
): Promise<void> {
  await withLock(lock, signal, async () => {
    await removeDamaged(directory, await findDamage(directory))
    await build()
    await seal(directory)
  })
}

/** An object alone is compiled anew. What is generated takes with it all that was made of it. */
async function removeDamaged(directory: string, { isUnsealed, changed, added }: Damage): Promise<void> {
  const [file] = changed
  if (file !== undefined)
    log.warn(`the build cache is damaged at ${join(directory, file)}: it is not what was built; it is built anew`)
  const isAll = isUnsealed || changed.some((one) => !one.endsWith('.o'))
  await guardWrites(directory, async () => {
    for (const one of isAll ? ['.'] : [...changed, ...added])
      await rm(join(directory, one), { recursive: true, force: true })
    await mkdir(directory, { recursive: true })
  })
}
