// Registers by their names in tests: `npx trapline registers --types registers.d.ts`, then `npx vitest run`.
import { beforeAll, expect, test } from 'trapline/vitest'
import { execFileSync } from 'node:child_process'

beforeAll(() => {
  execFileSync('gcc', ['-g', '-o', 'read_meter', 'read_meter.c'])
})

test('counts to its limit once it has been opened', async ({ bench }) => {
  const { CTRL, KEY, STATUS, CH } = bench.reg('meter0')
  await CH[1].LIMIT.write(20)
  await CTRL.write({ EN: 1, MODE: 'FAST' })
  expect(await CTRL.readFields()).toEqual({ EN: 0n, MODE: 'SLOW' })
  await KEY.write(0x10c4)
  await CTRL.modify({ EN: 1 })
  expect(await STATUS.readFields()).toMatchObject({ BUSY: 1n })
  await bench.advance(200)
  expect(await CH[1].COUNT.read()).toBe(20n)
})

test('the driver opens it before it lets it run', async ({ bench }) => {
  const run = await bench.run('./read_meter')
  expect(run.exitCode).toBe(0)
  expect(run).toHaveAccessed([
    { operation: 'write', register: 'KEY', fields: { VALUE: 0x10c4 } },
    { operation: 'write', register: 'CTRL', fields: { EN: 1, MODE: 'FAST' } },
    { operation: 'read', register: 'STATUS', fields: { BUSY: 1 } },
  ])
})
