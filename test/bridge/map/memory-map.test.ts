import { expect, it } from 'vitest'
import { mapDevices } from '../../../bridge/map/address-map.js'
import { mapMemories } from '../../../bridge/map/memory-map.js'
import { parseConfig } from '../../../bridge/config/load-config.js'

const models = { dma: { top: 'dma', sources: ['dma.sv'] } }
const register = { kind: 'mem', base: 0x4000, size: 0x1000, model: 'dma' }
const buffer = { kind: 'u-dma-buf', size: 0x2000 }
const reserved = (base: number, size = 0x1000) => ({ kind: 'reserved', base, size })

function map(devices: object) {
  const config = parseConfig('f.json', { models, devices })
  return mapMemories(config, mapDevices(config))
}

it('buffers without an address follow each other, and handles go on from those of the devices', () => {
  const memories = map({ first: buffer, register, second: { ...buffer, name: 'udmabuf1' } })
  expect(memories).toMatchObject([
    { name: 'first', handle: 2, path: '/dev/first', base: 0n, address: 0x1000_0000n, size: 0x2000n },
    { name: 'second', handle: 3, path: '/dev/udmabuf1', base: 0n, address: 0x1000_2000n },
  ])
})

it('a reserved range lies on the bus where it lies in its file', () => {
  expect(map({ range: reserved(0x8000) })).toMatchObject([{ path: '/dev/mem', base: 0x8000n, address: 0x8000n }])
})

it.each([
  [{ a: { ...buffer, address: 0x1000 }, b: reserved(0x2000) }, 'memory a and b overlap at bus address 0x2000'],
  [
    { a: { ...reserved(0x3000), path: '/dev/port' } },
    "device a: /dev/port holds I/O ports; a device of kind 'port' is there, or 'hardware'",
  ],
  [{ register, a: reserved(0x3000, 0x2000) }, 'memory a and device register overlap in /dev/mem at 0x3000'],
  [{ a: { ...buffer, models: ['dna'] } }, 'device a: model dna does not exist; models are dma'],
])('%j is refused', (devices, sentence) => {
  expect(() => map(devices)).toThrow(sentence)
})
