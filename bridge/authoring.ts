/** What the files that users write for us, configurations and golden models, get from `import … from 'trapline'`. */
export { defineConfig } from './config/define-config.js'
export { BusError, merge } from './model/golden-model.js'
