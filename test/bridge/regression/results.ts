/** One result of each kind, with everything in it that a format could trip over. */
import { resultSchema, type Result, type ResultInput } from '../../../bridge/regression/result.js'

const plain: ResultInput = {
  format: 'trapline-result-1',
  suite: 'driver',
  test: 'counts',
  status: 'passed',
  startedAt: '2026-01-02T03:04:05.678Z',
  durationMs: 120,
}

export function toResult(fields: Partial<ResultInput>): Result {
  return resultSchema.parse({ ...plain, ...fields })
}

export const oneOfEach: Result[] = [
  toResult({ seed: 7, properties: { 'model counter': 'Width=8 <&"> \u0007' } }),
  toResult({
    test: 'reads back',
    status: 'failed',
    message: 'expected 1 < 2 & "3"\nsecond: line, 100%',
    location: { file: 'test/driver,1.test.ts', line: 12 },
    output: 'half a pair: \ud800, an escape: \u001b[31m, ]]>',
    seed: 8,
    repeat: 'npx vitest run driver -t "reads back"',
  }),
  toResult({ test: 'crashes', status: 'error', message: 'model counter: $fatal at counter.sv:12' }),
  toResult({ suite: 'other', test: 'later', status: 'not-run', durationMs: 0 }),
  toResult({ suite: 'other', test: 'never', status: 'skipped', message: 'no AVX-512 here' }),
]
