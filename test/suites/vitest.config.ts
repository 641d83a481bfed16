// Other people's test suites, natively and under Trapline: `npm run test:suites`. They take long.
import { defineConfig } from 'vitest/config'
import { root } from '../support/places.js'

export default defineConfig({
  test: {
    root,
    include: ['test/suites/*.test.ts'],
    // Many of their tests look at the clock.
    maxWorkers: 1,
  },
})
