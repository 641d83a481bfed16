/** A model's configuration as the bridge uses it, from as much of it as a test cares about. */
import { configSchema, type ModelConfig, type VerilatorInput } from '../../../bridge/config/schema.js'

export type ModelInput = Partial<VerilatorInput>

/** Without more said: the module `core` of `core.sv`. */
export function toModel(model: ModelInput): ModelConfig {
  const models = { core: { top: 'core', sources: ['core.sv'], ...model } }
  return configSchema.parse({ models, devices: {} }).models['core'] as ModelConfig
}
