// OBI, PeakRDL's CPU interface, Corsair's local bus: a request is made once, whatever the device does; every width at
// every alignment, errors, stalls of ours, and budgets.
import { describe, expect, test } from 'vitest'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'
import { sweep } from './sweep.js'

const [count, err, mute, refused] = [0x80, 0x90, 0xa0, 0xb0]

interface Bus {
  top: string
  port: { name: string; protocol: string }
  slow: Record<string, number>
  silence: string
  /** Of a request that is never taken, where there is such a thing. */
  refusal?: string
  hasErrors?: boolean
}

const buses: Bus[] = [
  {
    top: 'obi_ram',
    port: { name: 'cfg', protocol: 'obi' },
    slow: { GrantCycles: 2 },
    silence: 'RVALID stayed low for 50 cycles (OBI; REQ=0 GNT=0 WE=0 RVALID=0)',
    refusal: 'GNT stayed low for 50 cycles (OBI; REQ=1 GNT=0 WE=0 RVALID=0)',
  },
  {
    top: 'cpuif_ram',
    port: { name: 's_cpuif', protocol: 'peakrdl-cpuif' },
    slow: { StallCycles: 2 },
    silence: 'RD_ACK stayed low for 50 cycles (CPU interface; REQ=0 REQ_IS_WR=0 REQ_STALL_WR=',
    refusal: 'REQ_STALL_RD stayed high for 50 cycles (CPU interface; REQ=1 REQ_IS_WR=0 REQ_STALL_WR=0 REQ_STALL_RD=1)',
  },
  {
    top: 'localbus_ram',
    port: { name: 'lb', protocol: 'corsair-local-bus' },
    slow: {},
    silence: 'RVALID stayed low for 50 cycles (local bus; WEN=0 WREADY=0 REN=1 RVALID=0)',
    hasErrors: false,
  },
]

const timeouts = buses.flatMap(({ top, silence, refusal }) => [
  { top, kind: 'no answer', offset: mute, words: silence },
  ...(refusal ? [{ top, kind: 'a request that is never taken', offset: refused, words: refusal }] : []),
])

describe.each(buses)('$top', { timeout: buildTimeoutMs }, ({ top, port, slow }) => {
  const fast = { DataWidth: 8, Latency: 0 }
  const late = { DataWidth: 128, Latency: 3, ...slow }

  test.each([
    [fast, {}],
    [fast, { stall: 40, seed: 7 }],
    [late, {}],
    [late, { stall: 40, seed: 7 }],
  ])('one request a transfer: %j, %j', async (parameters, settings) => {
    const built = await buildCore(top, parameters)
    expect(built.ports).toMatchObject([port])
    const core = await runCore(built, settings)
    const requests = await sweep(core, parameters.DataWidth / 8)
    expect(await core.value(count, 1)).toBe(BigInt(requests % 256))
  })

  test.each(timeouts.filter((timeout) => timeout.top === top))('$kind is TIMEOUT', async ({ offset, words }) => {
    const core = await runCore(await buildCore(top, late), { maxCycles: 50 })
    const { status, detail } = await core.read(offset)
    expect(status).toBe('TIMEOUT')
    expect(detail).toContain(words)
    expect(await core.read(0)).toMatchObject({ status: 'TIMEOUT' })
    await core.reset()
    await core.write(0, 0x1234)
    expect(await core.value(0)).toBe(0x1234n)
  })
})

test.each(buses.filter(({ hasErrors = true }) => hasErrors))('an error of $top is SLVERR', async ({ top, slow }) => {
  const core = await runCore(await buildCore(top, { DataWidth: 128, Latency: 3, ...slow }))
  expect(await core.read(err)).toMatchObject({ status: 'SLVERR' })
  expect(await core.write(err, 1)).toMatchObject({ status: 'SLVERR' })
  expect(await core.value(count)).toBe(2n)
})
