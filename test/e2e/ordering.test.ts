/**
 * Nothing leaves a model in the middle of an edge: what a program stores after an access is seen by the RTL from the
 * next edge on, and what the RTL has done up to the edge that completes an access is seen by the program behind it.
 * Whatever the machine does meanwhile, the answer is the same.
 */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { openBench } from '../../bridge/vitest/bench.js'
import { cache, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const config: TraplineConfig = {
  models: { ring: { top: 'descriptor_ring', sources: [join(import.meta.dirname, 'cores/descriptor_ring.sv')] } },
  devices: {
    ctl: { kind: 'mem', base: 0x43c0_0000, size: 0x1000, model: 'ring' },
    uio: { kind: 'uio', index: 0, maps: [{ size: 0x1000 }], model: 'ring', interrupt: 'irq_o' },
    pool: { kind: 'reserved', base: 0x1000_0000, size: 0x1000 },
  },
}
const posts = 14
const runs = 25

/** Every message that agent, bridge or model sends is followed by a pause of its sender. */
const calls = 'sendto,sendmsg,write,writev'
const slowSenders = ['strace', '-o', '/dev/null', '-f', '-e', `trace=${calls}`, '-e', `inject=${calls}:delay_exit=2000`]

async function answerOf(driver: string, wrapper: string[] = []) {
  const program = [host('ring'), driver, String(posts)]
  const { status, stdout, stderr, log } = await runHost(makeScratch(), config, program, { wrapper })
  expect(status, stderr).toBe(0)
  return { stdout, log }
}

beforeAll(() => void (process.env.TRAPLINE_CACHE = cache))

describe.each([
  ['late', 'o'.repeat(posts)],
  ['early', 'n'.repeat(posts)],
  ['barrier', 'n'.repeat(posts)],
  ['watch', '2 2 2 3 3 3 4 '.repeat(2)],
  ['poll', '2 3 3 3 4 4 4 '.repeat(2)],
])('a driver that posts descriptors: %s', (driver, answer) => {
  it.each([
    ['alone', []],
    ['on one core', ['taskset', '-c', '0']],
    ['where every send is slow', slowSenders],
  ])('%s', async (_name, wrapper) => {
    expect((await answerOf(driver, wrapper)).stdout).toBe(`${answer}\n`)
  })

  it(`${runs} times`, async () => {
    for (let run = 0; run < runs; run++) {
      await using bench = await openBench({ config, seed: run + 1 })
      const { stdout } = await bench.run(host('ring'), [driver, String(posts)])
      expect(stdout.trim()).toBe(answer.trim())
    }
  })
})

it('the log shows what the RTL fetched and wrote, and when', async () => {
  const { log } = await answerOf('late')
  const [fetch, completion] = log.filter(({ op }) => op.startsWith('dma-'))
  expect(fetch).toMatchObject({ op: 'dma-read', device: 'pool', offset: 0, data: '0x00000000', status: 'OKAY' })
  expect(completion).toMatchObject({ op: 'dma-write', device: 'pool', offset: 0x800, data: '0x80000000' })
  const doorbell = log.find(({ op, offset }) => op === 'write' && offset === 4)
  expect(fetch?.cycleStart).toBe(doorbell?.cycleEnd)
})
