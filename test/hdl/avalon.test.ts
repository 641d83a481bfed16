// Avalon agents: every width at every alignment, with every way to say when data are there; bursts, responses, stalls
// of ours, and budgets.
import { beforeAll, describe, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'
import { sweep } from './sweep.js'

const [count, slverr, decerr, mute, refused] = [0x80, 0x88, 0x90, 0x98, 0xa0]

const answers = {
  avs_s0: { wordAddress: true },
  pio: { wordAddress: true, readLatency: 0, readWaitTime: 0 },
  fix: { wordAddress: true, readLatency: 2, readWaitTime: 1, writeWaitTime: 2 },
  io_bus: { wordAddress: false },
  id: { wordAddress: true, readLatency: 1, readWaitTime: 0 },
}
const names = Object.keys(answers)
const portOf = (name: string) => ({ port: names.indexOf(name) })

let built: BuiltModel
beforeAll(async () => {
  built = await buildCore('avalon_agents', {}, { ports: answers })
}, buildTimeoutMs)

test('each is found for what it is, and a host is said to be unserved', () => {
  expect(built.notes.filter((note) => note.startsWith('port'))).toEqual([
    'port avs_s0: Avalon-MM, 32-bit data, 8-bit address, addresses count words of 4 bytes',
    'port pio: Avalon-MM, 32-bit data, 8-bit address, addresses count words of 4 bytes',
    'port fix: Avalon-MM, 64-bit data, 8-bit address, addresses count words of 8 bytes',
    'port io_bus: Avalon-MM, 16-bit data, 8-bit address, addresses count bytes',
    'port id: Avalon-MM, reads only, 32-bit data, 3-bit address, addresses count words of 4 bytes',
  ])
  expect(built.leftOut).toEqual([
    'read data of bus io_bus are taken where WAITREQUEST is low (if N cycles later: --bus readLatency=N or the ' +
      'key "readLatency")',
    'manager avm is not served: it is Avalon-MM and driven by the RTL itself; of such buses AXI4 and AXI4-Lite ' +
      'are supported',
    'inputs held at 0: avm_waitrequest, avm_readdata',
  ])
})

describe.each([{}, { stall: 40, seed: 7 }])('%j', (settings) => {
  test.each([
    ['fix', 8],
    ['io_bus', 2],
  ] as const)('%s: one command a word', async (name, bytes) => {
    const core = await runCore(built, { ...portOf(name), ...settings })
    const commands = await sweep(core, bytes)
    expect(await core.value(count, 1)).toBe(BigInt(commands % 256))
  })

  test('avs_s0: bursts of 8 words at most', async () => {
    const core = await runCore(built, { ...portOf('avs_s0'), ...settings, records: true })
    await sweep(core, 4)
    const data = Buffer.from(Array.from({ length: 120 }, (_, i) => (i * 7 + 3) & 0xff))
    const before = await core.value(count)
    await core.answered({ operation: 'write', offset: 4n, widthBytes: 120, data })
    expect((await core.read(4, 120)).data.equals(data)).toBe(true)
    // 30 words are 4 bursts; the read of the count is one more.
    expect(await core.value(count)).toBe((before + 9n) % 256n)
    await core.stop()
    expect(core.logLines().slice(-3, -1)).toMatchObject([
      { beats: 30, bursts: 4 },
      { beats: 30, bursts: 4 },
    ])
  })

  test('pio: whole words, and no write of less', async () => {
    const core = await runCore(built, { ...portOf('pio'), ...settings })
    for (let at = 0; at < 64; at += 4) await core.write(at, at * 0x01010101)
    for (let at = 0; at < 64; at += 4) expect(await core.value(at)).toBe(BigInt(at * 0x01010101))
    expect(await core.write(5, 0, 1)).toMatchObject({
      status: 'DECERR',
      detail: expect.stringContaining('has no BYTEENABLE,'),
    })
    expect(await core.value(4)).toBe(0x04040404n)
    expect(await core.value(count)).toBe(33n)
  })

  test('id: reads, and no writes', async () => {
    const core = await runCore(built, { ...portOf('id'), ...settings })
    expect(await core.read(0, 8)).toMatchObject({ status: 'OKAY', data: Buffer.from('1ac000001bc00000', 'hex') })
    expect(await core.write(0, 1)).toMatchObject({ status: 'DECERR' })
    expect(await core.value(4)).toBe(0xc01bn)
  })
})

test.each([
  [slverr, 'SLVERR'],
  [decerr, 'DECERR'],
])('RESPONSE at %i is %s', async (offset, status) => {
  const core = await runCore(built, portOf('avs_s0'))
  expect(await core.read(offset)).toMatchObject({ status })
  expect(await core.write(offset, 1)).toMatchObject({ status })
  expect(await core.read(offset, 8)).toMatchObject({ status })
  expect(await core.read(0)).toMatchObject({ status: 'OKAY' })
})

test.each([
  ['read', mute, 'READDATAVALID stayed low for 50 cycles (Avalon; READ=0 WRITE=0 WAITREQUEST=1 '],
  ['write', mute, 'WRITERESPONSEVALID stayed low for 50 cycles (Avalon; READ=0 WRITE=0 WAITREQUEST=1 '],
  ['read', refused, 'WAITREQUEST stayed high for 50 cycles (Avalon; READ=1 WRITE=0 WAITREQUEST=1 '],
  ['write', refused, 'WAITREQUEST stayed high for 50 cycles (Avalon; READ=0 WRITE=1 WAITREQUEST=1 '],
] as const)(
  'a %s at %i that never ends is TIMEOUT, and after a reset all is well',
  async (operation, offset, words) => {
    const core = await runCore(built, { ...portOf('avs_s0'), maxCycles: 50 })
    const { status, detail } = await (operation === 'read' ? core.read(offset) : core.write(offset, 1))
    expect(status).toBe('TIMEOUT')
    expect(detail).toContain(words)
    expect(await core.read(0)).toMatchObject({ status: 'TIMEOUT' })
    await core.reset()
    await core.write(0, 0x1234)
    expect(await core.value(0)).toBe(0x1234n)
  },
)
