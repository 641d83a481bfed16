/** Building as people see it where stdout is not ours: a line when it starts, and one for each stage. */
import { log } from '../ground/log.js'

export interface BuildWatch {
  onProgress(model: string, line: string): void
}

/** The first stage of a model says, too, that nobody need wait for it again. */
export function watchBuilds(): BuildWatch {
  const seen = new Set<string>()
  return {
    onProgress: (model, line) => {
      if (!seen.has(model)) log.info(`building model ${model} (once; later runs take it from the cache)`)
      seen.add(model)
      log.info(`${model}: ${line}`)
    },
  }
}
