// Results, evidence and JUnit come from Trapline's reporter.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  // A node_modules here would hide the one in which npx finds trapline.
  cacheDir: '../../build/vite',
  test: { reporters: ['default', 'trapline/vitest/reporter'], testTimeout: 120_000, hookTimeout: 120_000 },
})
