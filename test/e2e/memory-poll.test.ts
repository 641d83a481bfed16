/**
 * A program that waits for the RTL by looking at memory alone goes on when the RTL has written there, in the cycle in
 * which it did; one that computes, or works in its memory, lets no time pass.
 */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { openBench } from '../../bridge/vitest/bench.js'
import { joined } from '../support/patterns.js'
import { cache, host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const delay = 5000
/** Where its next access begins if it goes on at once: the doorbell is answered in cycle 29. */
const goesOnAt = delay + 34

function configOf(time: 'real' | 'virtual', change: Partial<TraplineConfig> = {}): TraplineConfig {
  return {
    models: { ring: { top: 'descriptor_ring', sources: [join(import.meta.dirname, 'cores/descriptor_ring.sv')] } },
    devices: {
      ctl: { kind: 'mem', base: 0x43c0_0000, size: 0x1000, model: 'ring' },
      pool: { kind: 'reserved', base: 0x1000_0000, size: 0x2000 },
    },
    time,
    ...change,
  }
}

/** The cycle in which it read a register again, which is the first that passes after its wait. */
async function wait(kind: string, time: 'real' | 'virtual'): Promise<bigint | undefined> {
  await using bench = await openBench({ config: configOf(time), seed: 1 })
  const { stdout, accesses } = await bench.run(host('memory_poll'), [kind, String(delay)])
  expect(stdout).toBe('0x80001000 1')
  return accesses.at(-1)?.cycles?.start
}

beforeAll(() => void (process.env.TRAPLINE_CACHE = cache))

const atOnce = [
  ...['spin_8', 'spin_16', 'spin_32', 'spin_64', 'vector', 'exchange', 'compare', 'add', 'with_notes', 'block'],
  ...['bounded', 'thread', 'child', 'kernel', 'mutex'],
]

describe.each(['real', 'virtual'] as const)('time is %s', (time) => {
  it.each(atOnce)('%s: goes on in the cycle of the write', async (kind) => {
    expect(await wait(kind, time)).toBe(BigInt(goesOnAt))
  })

  it.each(['string', 'scan', 'clock', 'yield', 'usleep', 'registers'])('%s: goes on', async (kind) => {
    const cycle = await wait(kind, time)
    expect(cycle).toBeGreaterThanOrEqual(goesOnAt)
    expect(cycle).toBeLessThan(goesOnAt + 200)
  })

  it.each(['spin_32', 'scan', 'clock', 'yield', 'usleep'])('%s: in the same cycle each time', async (kind) => {
    const first = await wait(kind, time)
    for (let run = 1; run < 8; run++) expect(await wait(kind, time)).toBe(first)
  })

  it('a program that computes, or works in its memory, shows the same cycles as one that does not', async () => {
    const idle = await wait('idle', time)
    expect(await wait('busy', time)).toBe(idle)
    expect(await wait('work', time)).toBe(await wait('work', time))
  })
})

it('a poll that the RTL never answers is a deadlock that names the place', async () => {
  const config = configOf('real', { maxIdleCycles: 100_000 })
  const { status, sentences } = await runHost(makeScratch(), config, [host('memory_poll'), 'never', '50'])
  expect(status).toBe(125)
  expect(sentences.join('\n')).toMatch(
    joined(
      /deadlock: memory_poll \(pid \d+, tid \d+\) polls pool\+0x4 in its memory; the models ran \d+ cycles /,
      /without writing/,
    ),
  )
})
