/** Which models of a configuration a run needs: those that devices lie on. Others wait to take their place. */
import type { Config } from './schema.js'

/** The models that devices lie on, in the order of the configuration; all of them if no device lies on any. */
export function usedModels({ models, goldens, devices }: Pick<Config, 'models' | 'goldens' | 'devices'>): string[] {
  const used = new Set(Object.values(devices).flatMap((device) => ('model' in device ? [device.model] : [])))
  const names = modelNames({ models, goldens })
  return used.size > 0 ? names.filter((name) => used.has(name)) : Object.keys(models)
}

/** RTL and golden models. */
export function modelNames({ models, goldens }: Pick<Config, 'models' | 'goldens'>): string[] {
  return [...Object.keys(models), ...Object.keys(goldens)]
}
