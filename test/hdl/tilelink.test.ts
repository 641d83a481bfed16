// TileLink-UL: every width at every alignment, which requests that makes, errors, stalls and budgets.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore, type RunningCore } from './run-model.js'
import { sweep } from './sweep.js'

const [counts, denied, corrupt, mute, stalled, otherSource] = [0x80, 0x88, 0x90, 0x98, 0xa0, 0xa8]
const kinds = { full: [0, 1, 0], partial: [0, 0, 1] }

describe.each([
  { DataWidth: 8, Latency: 0, SizeWidth: 1 },
  { DataWidth: 32, Latency: 1, SizeWidth: 2 },
  { DataWidth: 64, Latency: 3, SizeWidth: 4 },
])('%j', (parameters) => {
  test.each([{}, { stall: 40, seed: 7 }])(
    'each request is made once, %j',
    { timeout: buildTimeoutMs },
    async (settings) => {
      const built = await buildCore('tlul_ram', parameters)
      expect(built.ports).toMatchObject([{ name: 'auto_in', protocol: 'tilelink-ul', dataWidth: parameters.DataWidth }])
      const core = await runCore(built, settings)
      const requests = await sweep(core, parameters.DataWidth / 8)
      const told = [await core.value(counts, 1), await core.value(counts + 1, 1), await core.value(counts + 2, 1)]
      // The counters are bytes; the reads that fetch them are Gets, which the first one has not seen.
      expect((Number(told[0]) + Number(told[1]) + Number(told[2])) % 256).toBe(requests % 256)
    },
  )
})

describe('32 bits', () => {
  let built: BuiltModel
  beforeAll(async () => {
    built = await buildCore('tlul_ram', { DataWidth: 32, Latency: 1, SizeWidth: 2 })
  }, buildTimeoutMs)

  async function requestsOf(core: RunningCore, access: () => Promise<unknown>): Promise<number[]> {
    await core.write(counts, 0)
    await access()
    return [...(await core.read(counts, 2)).data, ...(await core.read(counts + 2, 1)).data]
  }

  test('writes are PutFullData, or PutPartialData where bytes in their midst are left out', async () => {
    const core = await runCore(built)
    const data = Buffer.alloc(4, 0xff)
    for (const [byteEnables, expected] of [
      [0xfn, kinds.full],
      [0x8n, kinds.full],
      [0x3n, kinds.full],
      [0xcn, kinds.full],
      [0x6n, kinds.partial],
      [0x7n, kinds.partial],
      [0x9n, kinds.partial],
    ] as const) {
      const write = () => core.answered({ operation: 'write', offset: 0n, widthBytes: 4, byteEnables, data })
      expect(await requestsOf(core, write), `byte enables ${byteEnables}`).toEqual(expected)
    }
  })

  test('a Get asks for nothing that is not wanted', async () => {
    const core = await runCore(built)
    await core.write(0, 0x44332211)
    expect(await requestsOf(core, () => core.read(1, 3))).toEqual([2, 0, 0])
    expect((await core.read(1, 3)).data.toString('hex')).toBe('223344')
  })

  test('d_denied and d_corrupt are SLVERR', async () => {
    const core = await runCore(built)
    expect(await core.read(denied)).toMatchObject({
      status: 'SLVERR',
      detail: 'SLVERR on read of 4 bytes at dut+0x88 (bus address 0x88)',
    })
    expect(await core.write(denied, 1)).toMatchObject({ status: 'SLVERR' })
    expect(await core.read(corrupt)).toMatchObject({ status: 'SLVERR' })
    expect(await core.write(corrupt, 1)).toMatchObject({ status: 'OKAY' })
    expect(await core.read(0)).toMatchObject({ status: 'OKAY' })
  })

  test('an answer of another source ends the run', async () => {
    const core = await runCore(built)
    void core.access({ operation: 'read', offset: BigInt(otherSource), widthBytes: 4 })
    expect((await core.ended).fault?.message).toMatch(
      /^port auto_in: d_source=\d+ answers a request of source \d+ \(TileLink 1.8, 6.4\)$/,
    )
  })

  test.each([
    [mute, 'd_valid stayed low for 50 cycles (a_valid=0 a_ready=0 d_valid=0 d_ready=1)'],
    [stalled, 'a_ready stayed low for 50 cycles (a_valid=1 a_ready=0 d_valid=0 d_ready=1)'],
  ])('what never ends at %i is TIMEOUT, and after a reset all is well', async (offset, words) => {
    const core = await runCore(built, { maxCycles: 50 })
    const { status, detail } = await core.read(offset)
    expect(status).toBe('TIMEOUT')
    expect(detail).toContain(words)
    expect(await core.read(0)).toMatchObject({ status: 'TIMEOUT' })
    await core.reset()
    await core.write(0, 0x1234)
    expect(await core.value(0)).toBe(0x1234n)
  })
})
