// How the tests are found and run. Slow suites (RTL builds) set their own timeouts.
import { defineConfig } from 'vitest/config'

/** `npm run test:kill`: what takes minutes, and looks at the clock. */
const isKilling = process.env.KILL_ROUNDS !== undefined

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Those have configurations of their own: `npm run test:docker`, `test:generators`, `test:suites`.
    exclude: [
      'test/docker/**',
      'test/generators/**',
      'test/suites/**',
      ...(isKilling ? [] : ['test/e2e/sudden-pairs.test.ts']),
    ],
    globalSetup: ['test/support/build-hosts.ts'],
    // The smallest machine that the tests are for has two cores, and models are compiled beside them.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What comes at once comes later on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
})
