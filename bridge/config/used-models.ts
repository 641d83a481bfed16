/** Which models of a configuration a run needs: those that devices lie on. Others wait to take their place. */
import type { Config, DeviceConfig, ModelConfig } from './schema.js'

/** The models that devices lie on, in the order of the configuration; all of them if no device lies on any. */
export function usedModels({ models, goldens, devices }: Pick<Config, 'models' | 'goldens' | 'devices'>): string[] {
  const used = new Set(Object.values(devices).flatMap(modelOf))
  const names = modelNames({ models, goldens })
  // What runs beside a model is needed with it.
  for (const name of [...used]) {
    const { lockstep } = models[name] ?? {}
    if (lockstep !== undefined && models[lockstep]) used.add(lockstep)
  }
  return used.size > 0 ? names.filter((name) => used.has(name)) : Object.keys(models)
}

/** That it lies on, or, of a real device, that runs beside it. */
function modelOf(device: DeviceConfig): string[] {
  if ('model' in device) return [device.model]
  return device.kind === 'hardware' && device.lockstep !== undefined ? [device.lockstep] : []
}

/** RTL and golden models. */
export function modelNames({ models, goldens }: Pick<Config, 'models' | 'goldens'>): string[] {
  return [...Object.keys(models), ...Object.keys(goldens)]
}

/** Those that Verilator translates, for whoever knows no others. */
export function verilatorModels(models: Config['models']): Record<string, ModelConfig> {
  return Object.fromEntries(
    Object.entries(models).filter((entry): entry is [string, ModelConfig] => entry[1].kind === 'verilator'),
  )
}
