// Channels that are held back find what a manager that is always ready never sees: a skid buffer that loses a beat.
import { describe, expect, test } from 'vitest'
import { buildCore, buildTimeoutMs, runCore, type RunSettings } from './run-model.js'

const bytes = 512
const data = Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 7 + 3) & 0xff))

/** `same`, `different`, or what the model died of or waited for. */
async function readBack(broken: boolean, settings: RunSettings): Promise<string> {
  const core = await runCore(await buildCore('skid_ram', { Broken: broken ? 1 : 0 }), settings)
  await core.answered({ operation: 'write', offset: 0n, widthBytes: bytes, data })
  const completion = await core.access({ operation: 'read', offset: 0n, widthBytes: bytes })
  if (completion?.status === 'TIMEOUT') return completion.detail
  if (!completion || completion.status !== 'OKAY') return (await core.ended).fault?.message ?? 'no answer'
  return completion.data.equals(data) ? 'same' : 'different'
}

describe('a skid buffer', () => {
  test(
    'that is sound passes whatever is held back',
    async () => {
      for (const seed of [1, 2, 3]) expect(await readBack(false, { seed, stall: 50 })).toBe('same')
    },
    buildTimeoutMs,
  )

  test(
    'that loses a beat passes as long as nothing is held back',
    async () => {
      for (const seed of [1, 2, 3]) expect(await readBack(true, { seed })).toBe('same')
    },
    buildTimeoutMs,
  )

  test.each([1, 2, 3, 4, 5])('that loses a beat is found by stalls, seed %i', async (seed) => {
    expect(await readBack(true, { seed, stall: { r: 30 } })).toMatch(
      // The second where the last beat is the one that is lost.
      /^port s_axi: RLAST=1 with \d+ beats of the burst to come|: RVALID stayed low for 1000 cycles/,
    )
  })
})
