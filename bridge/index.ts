/** What `import … from 'trapline'` offers. */
export * from './authoring.js'
export type { Config, DeviceConfig, ModelConfig, TraplineConfig } from './config/schema.js'
export { startBridge } from './bridge.js'
export type { Bridge, BridgeSettings } from './bridge.js'
export { TraplineError } from './errors.js'
export type { ErrorCode } from './errors.js'
export type { GoldenAccess, GoldenModel, GoldenParameters } from './model/golden-model.js'
