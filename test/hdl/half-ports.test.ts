// Ports that are less, or older, than AXI4: what they have works, and what they lack is an answer, not a wait.
import { beforeAll, expect, test } from 'vitest'
import type { BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildCore, buildTimeoutMs, runCore } from './run-model.js'

const names = ['rom', 'bell', 'show', 'old']

let built: BuiltModel
beforeAll(async () => {
  built = await buildCore('half_ports', {}, { ports: Object.fromEntries(names.map((name) => [name, {}])) })
}, buildTimeoutMs)

const portOf = (name: string) => ({ port: names.indexOf(name), maxCycles: 300 })

test('each is found for what it is', () => {
  expect(built.notes.filter((note) => note.startsWith('port'))).toEqual([
    'port rom: AXI4-Lite, reads only, 32-bit data, 8-bit address, addresses count bytes',
    'port bell: AXI4-Lite, writes only, 32-bit data, 8-bit address, addresses count bytes',
    'port show: AXI4, reads only, 32-bit data, 12-bit address, 4-bit IDs, addresses count bytes',
    'port old: AXI3, 32-bit data, 12-bit address, 4-bit IDs, addresses count bytes',
  ])
})

test('reads only: a write is DECERR at once, and reads go on', async () => {
  const core = await runCore(built, portOf('rom'))
  expect(await core.value(0x24)).toBe(0x24n)
  const { status, cycleStart, cycleEnd, detail } = await core.write(0x24, 1)
  expect({ status, cycles: cycleEnd - cycleStart, detail }).toEqual({
    status: 'DECERR',
    cycles: 0n,
    detail: 'DECERR on write of 4 bytes at dut+0x24 (bus address 0x24)',
  })
  expect(await core.value(0x28)).toBe(0x28n)
})

test('writes only: a read is DECERR, and writes arrive', async () => {
  const core = await runCore(built, portOf('bell'))
  expect(await core.read(0)).toMatchObject({ status: 'DECERR' })
  expect(await core.write(0, 0x12345678)).toMatchObject({ status: 'OKAY' })
  expect(await core.read(4, 16)).toMatchObject({ status: 'DECERR' })
  await core.openSession(2, 0x100, names.indexOf('rom'))
  const { data } = await core.answered({ operation: 'read', offset: 0xfcn, widthBytes: 4 }, 2)
  expect(data.readUInt32LE()).toBe(0x123456f8)
})

test('bursts, reads only: a write is DECERR, and reads go on', async () => {
  const core = await runCore(built, portOf('show'))
  expect(await core.write(0x10, 5n, 64)).toMatchObject({ status: 'DECERR' })
  expect(await core.read(0, 1024)).toMatchObject({ status: 'OKAY', beats: 256 })
})

test.each([{}, { stall: 40, seed: 2 }])('AXI3: bursts have 16 beats at most, %j', async (settings) => {
  const core = await runCore(built, { ...portOf('old'), ...settings, records: true })
  const data = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7 + 3) & 0xff))
  await core.answered({ operation: 'write', offset: 8n, widthBytes: 1000, data })
  expect((await core.read(8, 1000)).data.equals(data)).toBe(true)
  await core.stop()
  expect(core.logLines().map(({ beats, bursts }) => [beats, bursts])).toEqual([
    [250, 16],
    [250, 16],
  ])
})
