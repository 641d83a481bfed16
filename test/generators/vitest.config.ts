// Register banks as public generators write them: `npm run test:generators`. They come from PyPI, so they are not among
// the other tests.
import { defineConfig } from 'vitest/config'
import { root } from '../support/places.js'

const minuteMs = 60_000

export default defineConfig({
  test: {
    root,
    include: ['test/generators/*.test.ts'],
    testTimeout: 5 * minuteMs,
    hookTimeout: 5 * minuteMs,
  },
})
