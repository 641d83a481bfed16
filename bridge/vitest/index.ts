/**
 * What `import … from 'trapline/vitest'` offers: vitest's `test` with fresh models for every test, and matchers on what
 * host programs accessed. docs/regression.md has examples.
 */
import './matchers.js'

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
export { test } from './fixtures.js'
export type { TraplineFixtures } from './fixtures.js'
export type { Bench } from './bench.js'
export type { BenchSetup } from './setup.js'
export type { HostOptions, HostResult, HostRun } from './host-run.js'
export type { AccessOptions, ExpectedAccess } from './matchers.js'
// All of it: users' `declare module` can only add to what comes so.
export type * from './register-types.js'
export type { LogRecord as ObservedAccess } from '../logs/log-record.js'
