// The native buses of small cores: a request is made once, its data are taken at the right edge; every width at every
// alignment, errors, stalls of ours, and budgets.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'
import { sweep } from './sweep.js'

const [count, err, mute] = [0x80, 0x88, 0x98]

const answers = {
  core: { wordAddress: true, readLatency: 0 },
  ram: { wordAddress: false, readLatency: 1 },
  iomem: {},
  reg: { wordAddress: false, readLatency: 0 },
  WIDE: {},
}
const names = Object.keys(answers)
const portOf = (name: string) => ({ port: names.indexOf(name) })

let built: BuiltModel
beforeAll(async () => {
  built = await buildCore('native_buses', {}, { ports: answers })
}, buildTimeoutMs)

test('each is found for what it is', () => {
  expect(built.notes.filter((note) => note.startsWith('port'))).toEqual([
    'port core: native (cs, we), 32-bit data, 8-bit address, addresses count words of 4 bytes',
    'port ram: native (cs, we), 64-bit data, 8-bit address, addresses count bytes',
    'port iomem: native (valid, wstrb), 32-bit data, 32-bit address, addresses count bytes',
    'port reg: native (re, we), 16-bit data, 8-bit address, addresses count bytes',
    'port WIDE: native (cs, we), 128-bit data, 8-bit address, addresses count words of 16 bytes',
  ])
  expect(built.leftOut).toEqual([])
})

describe.each([{}, { stall: 40, seed: 7 }])('%j', (settings) => {
  test.each([
    ['ram', 8],
    ['iomem', 4],
    ['reg', 2],
    ['WIDE', 16],
  ] as const)('%s: one request a transfer', async (name, bytes) => {
    const core = await runCore(built, { ...portOf(name), ...settings })
    const requests = await sweep(core, bytes)
    expect(await core.value(count, 1)).toBe(BigInt(requests % 256))
  })

  test('core: whole words, and no write of less', async () => {
    const core = await runCore(built, { ...portOf('core'), ...settings })
    for (let at = 0; at < 64; at += 4) await core.write(at, at * 0x01010101)
    for (let at = 0; at < 64; at += 4) expect(await core.value(at)).toBe(BigInt(at * 0x01010101))
    expect(await core.write(5, 0, 1)).toMatchObject({ status: 'DECERR', detail: expect.stringContaining('has no BE,') })
    expect(await core.value(4)).toBe(0x04040404n)
    expect(await core.value(count)).toBe(33n)
  })
})

test.each(['core', 'reg'])('%s: an error is SLVERR', async (name) => {
  const core = await runCore(built, portOf(name))
  expect(await core.read(err)).toMatchObject({ status: 'SLVERR' })
  expect(await core.write(err, 1)).toMatchObject({ status: 'SLVERR' })
  expect(await core.read(0)).toMatchObject({ status: 'OKAY' })
})

test('no answer is TIMEOUT, and after a reset all is well', async () => {
  const core = await runCore(built, { ...portOf('iomem'), maxCycles: 50 })
  expect(await core.read(mute)).toMatchObject({
    status: 'TIMEOUT',
    detail: 'read of 4 bytes at dut+0x98: READY stayed low for 50 cycles (native; CS=1 WE=0 READY=0)',
  })
  expect(await core.read(0)).toMatchObject({ status: 'TIMEOUT' })
  await core.reset()
  await core.write(0, 0x1234)
  expect(await core.value(0)).toBe(0x1234n)
})

test('an access beyond the address bits is DECERR', async () => {
  const core = await runCore(built, portOf('core'))
  expect(await core.read(0x100)).toMatchObject({
    status: 'DECERR',
    detail: expect.stringContaining('lies beyond port core, whose 8 address bits end at 0xff'),
  })
})
