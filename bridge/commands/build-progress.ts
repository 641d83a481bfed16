/** Building as people see it where stdout is not ours: one line when a compiler starts, one when it is done. */
import type { ModelPool } from '../model/model-pool.js'
import { log } from '../ground/log.js'

export interface BuildWatch {
  onProgress(model: string, line: string): void
}

/** Says once per model that it is being built; the compiler's own lines are for debugging. */
export function watchBuilds(): BuildWatch {
  const seen = new Set<string>()
  return {
    onProgress: (model, line) => {
      if (!seen.has(model)) log.info(`building model ${model} (once; later runs take it from the cache)`)
      seen.add(model)
      log.debug(`${model}: ${line}`)
    },
  }
}

/** Starts all models that devices lie on, one build after the other. */
export async function startModels(models: ModelPool, saysNotes: boolean): Promise<void> {
  for (const name of models.used) {
    await models.start(name)
    const built = models.built(name)
    if (saysNotes && built?.notes.length) log.info(`${name}: ${built.notes.join(', ')}`)
  }
}
