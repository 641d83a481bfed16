import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { finishAccessLog } from '../../../bridge/logs/access-log.js'
import { mapDevices } from '../../../bridge/map/address-map.js'
import { mapMemories } from '../../../bridge/map/memory-map.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { RegisterMaps } from '../../../bridge/registers/register-maps.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const noRegisters = new RegisterMaps(new Map())

const scratch = openScratch()
afterAll(() => removeScratch(scratch))
const folder = scratch.path
const config = parseConfig('f.json', {
  models: { m: { top: 'm', sources: ['m.sv'] } },
  devices: {
    gpio0: { kind: 'mem', base: '0x43c00000', size: '0x1000', model: 'm' },
    'odd"name': { kind: 'mem', base: '0x5000_0000', size: '0x1000', model: 'm' },
    ring: { kind: 'reserved', base: '0x1000_0000', size: '0x1000' },
  },
})
const devices = mapDevices(config)
const memories = mapMemories(config, devices)

interface Line {
  wallNs: string
  op?: string
  offset?: string
  width?: number
  data?: string
  status?: string
  device?: string
  timePs?: string
}

let files = 0

function rawLog(lines: Line[], tail = ''): string {
  const file = join(folder, `raw${files++}.jsonl`)
  const text = lines.map(
    (
      {
        wallNs,
        op = 'read',
        offset = '0',
        width = 4,
        data = '0x0000002a',
        status = 'OKAY',
        device = 'gpio0',
        timePs = '230000',
      },
      i,
    ) =>
      `{"seq":${i + 1},"cycleStart":21,"cycleEnd":23,"timePs":${timePs},"op":"${op}",` +
      `"device":${JSON.stringify(device)},` +
      `"offset":${offset},"widthBytes":${width},"data":"${data}","status":"${status}","pid":7,"tid":8,"pc":"0x55d0",` +
      `"stack":0,"session":1,"wallNs":${wallNs}}\n`,
  )
  writeFileSync(file, text.join('') + tail)
  return file
}

const nobody = () => ({ symbol: '', frames: [] })

async function finish(rawLogs: string[], ending = 'jsonl'): Promise<string> {
  const output = join(folder, `out${files++}.${ending}`)
  await finishAccessLog({
    rawLogs,
    output,
    devices,
    memories,
    registers: noRegisters,
    blameOf: (session, { pc }) => ({ symbol: `main+0x${pc.toString(16)} of ${session}`, frames: [] }),
  })
  return readFileSync(output, 'utf8')
}

it('merges by wall-clock time and numbers through', async () => {
  const one = rawLog([
    { wallNs: '9', offset: '1' },
    { wallNs: '100', offset: '3' },
  ])
  const other = rawLog([
    { wallNs: '10', offset: '2' },
    { wallNs: '101', offset: '4' },
  ])
  const lines = (await finish([one, other]))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ seq, offset }) => [seq, offset])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ])
})

it('writes exactly the promised keys in their order', async () => {
  expect(await finish([rawLog([{ wallNs: '1' }])])).toBe(
    '{"seq":1,"cycleStart":21,"cycleEnd":23,"timePs":230000,"op":"read","device":"gpio0","offset":0,"widthBytes":4,' +
      '"data":"0x0000002a","status":"OKAY","pid":7,"tid":8,"pc":"0x55d0","symbol":"main+0x55d0 of 1"}\n',
  )
})

it('names the memory that a burst of the RTL reaches, and keeps bursts out of mmiotrace', async () => {
  const burst = (address: number) =>
    `{"cycleStart":30,"cycleEnd":31,"timePs":310000,"op":"dma-read","port":"m_axi","address":${address},` +
    '"widthBytes":4,"data":"0x00001000","status":"OKAY","beats":1,"wallNs":2}\n'
  const log = rawLog([{ wallNs: '1' }], burst(0x1000_0010) + burst(0x2000_0000))
  const [, inside, outside] = (await finish([log])).split('\n')
  expect(inside).toBe(
    '{"seq":2,"cycleStart":30,"cycleEnd":31,"timePs":310000,"op":"dma-read","device":"ring","offset":16,' +
      '"widthBytes":4,"data":"0x00001000","status":"OKAY","beats":1,"port":"m_axi"}',
  )
  expect(outside).toContain('"device":"","offset":536870912,')
  expect((await finish([log], 'mmiotrace')).match(/^[RW] /gm)).toHaveLength(1)
})

it('keeps 64-bit numbers exactly', async () => {
  const text = await finish([
    rawLog([{ wallNs: '18446744073709551615', offset: '9007199254740993', timePs: '18446744073709551615' }]),
  ])
  expect(text).toContain('"timePs":18446744073709551615,')
  expect(text).toContain('"offset":9007199254740993,')
})

it('gives an empty log for runs without accesses or models', async () => {
  expect(await finish([])).toBe('')
  expect(await finish([rawLog([]), join(folder, 'never-written')])).toBe('')
})

it('drops the torn last line of a killed model, but no line before', async () => {
  expect((await finish([rawLog([{ wallNs: '1' }], '{"seq":2,"cyc')])).split('\n')).toHaveLength(2)
  await expect(finish([rawLog([{ wallNs: '1' }], 'nonsense\n{"seq":3')])).rejects.toThrow(/:2 is not a line of a raw/)
})

it('is cut behind a whole line when an end can wait no longer, and never if it is short', async () => {
  const log = (count: number) => rawLog(Array.from({ length: count }, (_, i) => ({ wallNs: String(i + 1) })))
  const output = join(folder, 'hurried.jsonl')
  const settings = { output, devices, memories, registers: noRegisters, blameOf: nobody, hurry: AbortSignal.abort() }
  expect(await finishAccessLog({ ...settings, rawLogs: [log(7_000)] })).toEqual({ count: 5_000, isCut: true })
  const lines = readFileSync(output, 'utf8').split('\n')
  expect([JSON.parse(lines.at(-2) ?? '').seq, lines.at(-1)]).toEqual([5_000, ''])
  expect(await finishAccessLog({ ...settings, rawLogs: [log(5_000)] })).toEqual({ count: 5_000, isCut: false })
})

it('names an output that can not be written', async () => {
  const settings = {
    rawLogs: [],
    output: '/nowhere/out.jsonl',
    devices,
    memories,
    registers: noRegisters,
    blameOf: nobody,
  }
  await expect(finishAccessLog(settings)).rejects.toThrow(/the access log \/nowhere\/out.jsonl can't be written/)
})

it('writes mmiotrace', async () => {
  const log = rawLog([
    { wallNs: '1', offset: '32', timePs: '1234567890123' },
    { wallNs: '2', op: 'write', width: 1, data: '0xff', device: 'odd"name' },
    { wallNs: '3', data: '', status: 'SLVERR', offset: '224' },
  ])
  expect(await finish([log], 'mmiotrace')).toBe(
    [
      'VERSION 20070824',
      'MAP 0.000000 1 0x43c00000 0x0 0x1000 0x0 0',
      'MAP 0.000000 2 0x50000000 0x0 0x1000 0x0 0',
      'R 4 1.234567 1 0x43c00020 0x2a 0x55d0 7',
      'W 1 0.000000 2 0x50000000 0xff 0x55d0 7',
      'MARK 0.000000 SLVERR on read of 4 bytes at gpio0+0xe0',
      '',
    ].join('\n'),
  )
})

it('splits what mmiotrace has no record for', async () => {
  const wide = { wallNs: '1', width: 16, data: '0x0f0e0d0c0b0a09080706050403020100' }
  const ten = { wallNs: '2', width: 10, data: '0xa9a8a7a6a5a4a3a2a1a0' }
  const records = (await finish([rawLog([wide, ten])], 'mmiotrace')).split('\n').slice(3, -1)
  expect(records).toEqual([
    'R 8 0.000000 1 0x43c00000 0x706050403020100 0x55d0 7',
    'R 8 0.000000 1 0x43c00008 0xf0e0d0c0b0a0908 0x55d0 7',
    'R 8 0.000000 1 0x43c00000 0xa7a6a5a4a3a2a1a0 0x55d0 7',
    'R 2 0.000000 1 0x43c00008 0xa9a8 0x55d0 7',
  ])
})
