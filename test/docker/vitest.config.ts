// The tests in containers: `npm run test:docker`. They need a Docker engine, so they are not among the others.
import { defineConfig } from 'vitest/config'
import { root } from '../support/places.js'

const minuteMs = 60_000

export default defineConfig({
  test: {
    root,
    include: ['test/docker/*.test.ts'],
    testTimeout: 40 * minuteMs,
    // Everything may have to be made: base images, images, models.
    hookTimeout: 40 * minuteMs,
    // An engine of their own keeps its images in one folder.
    fileParallelism: false,
  },
})
