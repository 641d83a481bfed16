import type { TraplineConfig } from './schema.js'

/** Types a `trapline.config.ts`; returns its argument as it is. */
export function defineConfig(config: TraplineConfig): TraplineConfig {
  return config
}
