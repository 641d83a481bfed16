// The regression as vitest runs it: `npx vitest run`. Each test has models of its own.
import { beforeAll, describe, expect, test } from 'trapline/vitest'
import { execFileSync } from 'node:child_process'

beforeAll(() => {
  execFileSync('gcc', ['-g', '-o', 'fifo_test', 'fifo_test.c'])
})

describe.each([
  ['the good one', 'fifo', 16],
  ['a small one', 'fifo_small', 4],
  ['the bad one', 'fifo_bad', 16],
])('%s', (_name, model, depth) => {
  test.override('setup', { models: { fifo: model } })

  test('passes its self-test', async ({ bench }) => {
    const run = await bench.run('./fifo_test')
    expect(run.stderr).toBe('')
    expect(run.exitCode).toBe(0)
    expect(run).toHaveAccessed([
      { operation: 'read', device: 'fifo0', offset: 8, value: depth },
      { operation: 'write', offset: 0, value: 0xf1f0_0000 },
      { operation: 'read', offset: 4, value: depth },
      { operation: 'read', offset: 0, value: 0xf1f0_0000 },
    ])
    expect(await bench.read('fifo0', 4)).toBe(0n)
  })
})
