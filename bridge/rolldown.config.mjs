/**
 * Puts the command line into few files, over the one that tsc wrote: reading hundreds of small ones would take longer
 * than all that a run does before its host starts. What is imported as a library, and its types, stay as tsc made them.
 */
import { defineConfig } from 'rolldown'

export default defineConfig({
  input: { main: 'bridge/start.ts' },
  platform: 'node',
  // They look for files of their own beside them.
  external: ['jiti', /^@grpc\//, 'grpc-health-check'],
  transform: { target: 'node20' },
  output: { dir: 'build/bridge', chunkFileNames: 'command-line/[name].js', format: 'esm', sourcemap: true },
})
