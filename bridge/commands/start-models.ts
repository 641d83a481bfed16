/** The models of a run as it begins: built if need be, started, and what was found by name told. */
import { log } from '../ground/log.js'
import type { ModelPool } from '../model/model-pool.js'

/** Starts all models that devices lie on, one build after the other. */
export async function startModels(models: ModelPool, saysNotes: boolean): Promise<void> {
  for (const name of models.used) {
    await models.start(name)
    const built = models.built(name)
    if (saysNotes && built?.notes.length) log.info(`${name}: ${built.notes.join(', ')}`)
  }
}
