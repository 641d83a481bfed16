// The regression as vitest runs it: `npx vitest run`. Each test has models of its own.
import { afterAll, beforeAll, describe, expect, test } from 'trapline/vitest'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Not beside its source: in a container the project may be read-only.
const folder = mkdtempSync(join(tmpdir(), 'fifo-'))
const program = join(folder, 'fifo_test')

beforeAll(() => {
  execFileSync('gcc', ['-g', '-o', program, 'fifo_test.c'])
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([
  ['the good one', 'fifo', 16],
  ['a small one', 'fifo_small', 4],
  ['the bad one', 'fifo_bad', 16],
])('%s', (_name, model, depth) => {
  test.override('setup', { models: { fifo: model } })

  test('passes its self-test', async ({ bench }) => {
    const run = await bench.run(program)
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
