// Results, evidence and JUnit come from Trapline's reporter.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { reporters: ['default', 'trapline/vitest/reporter'], testTimeout: 120_000, hookTimeout: 120_000 },
})
