// Wishbone B4 pipelined: a request is made once, whatever STALL and ACK do; every width at every alignment, errors,
// retries, stalls of ours, and budgets.
import { describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'
import { sweep } from './sweep.js'

const [count, err, rty, mute, stalled, busy] = [0x80, 0x88, 0x90, 0x98, 0xa0, 0xa8]
const maxCycles = 50
const ports = { wb: { wordAddress: false } }

describe.each([
  { DataWidth: 8, Latency: 0, StallCycles: 0 },
  { DataWidth: 32, Latency: 1, StallCycles: 0 },
  { DataWidth: 64, Latency: 3, StallCycles: 2 },
])('%j', (parameters) => {
  test.each([{}, { stall: 40, seed: 7 }])('one request a beat, %j', { timeout: buildTimeoutMs }, async (settings) => {
    const built = await buildCore('pipelined_ram', parameters, { ports })
    expect(built.ports).toMatchObject([{ name: 'wb', protocol: 'wishbone-pipelined' }])
    const core = await runCore(built, settings)
    const requests = await sweep(core, parameters.DataWidth / 8)
    expect(await core.value(count, 1)).toBe(BigInt(requests % 256))
  })
})

describe('odd cases', { timeout: buildTimeoutMs }, () => {
  const build = (): Promise<BuiltModel> =>
    buildCore('pipelined_ram', { DataWidth: 64, Latency: 3, StallCycles: 2 }, { ports })

  test('ERR is SLVERR, RTY is tried again', async () => {
    const core = await runCore(await build())
    expect(await core.read(err)).toMatchObject({ status: 'SLVERR' })
    expect(await core.write(err, 1)).toMatchObject({ status: 'SLVERR' })
    expect(await core.write(rty, 1)).toMatchObject({ status: 'OKAY', beats: 1 })
    expect(await core.value(count)).toBe(4n)
  })

  test.each([
    [mute, 'ACK stayed low for 50 cycles (pipelined; CYC=1 STB=0 STALL=1 WE=0 ACK=0 ERR=0 RTY=0)'],
    [stalled, 'STALL stayed high for 50 cycles (pipelined; CYC=1 STB=1 STALL=1 WE=0 ACK=0 ERR=0 RTY=0)'],
    [busy, /(ACK stayed low|STALL stayed high) for 50 cycles \(pipelined; CYC=/],
  ])('what never ends at %i is TIMEOUT, and after a reset all is well', async (offset, words) => {
    const core = await runCore(await build(), { maxCycles })
    const { status, detail } = await core.read(offset)
    expect(status).toBe('TIMEOUT')
    if (typeof words === 'string') expect(detail).toContain(words)
    else expect(detail).toMatch(words)
    expect(await core.read(0)).toMatchObject({ status: 'TIMEOUT' })
    await core.reset()
    await core.write(0, 0x1234)
    expect(await core.value(0)).toBe(0x1234n)
  })
})
