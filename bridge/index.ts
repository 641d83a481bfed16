/** What `import … from 'trapline'` offers. */
export * from './authoring.js'
export type { Config, DeviceConfig, ModelConfig, TraplineConfig } from './config/schema.js'
export { startBridge } from './assembly/bridge.js'
export type { Bridge, BridgeSettings } from './assembly/bridge.js'
export { TraplineError } from './ground/errors.js'
export type { ErrorCode } from './ground/errors.js'
export type { GoldenAccess, GoldenModel, GoldenParameters } from './model/golden-model.js'
