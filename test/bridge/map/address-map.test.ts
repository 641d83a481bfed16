import { describe, expect, it } from 'vitest'
import { mapDevices, toHostPlace } from '../../../bridge/map/address-map.js'
import { parseConfig } from '../../../bridge/config/load-config.js'

const models = { gpio: { top: 'gpio', sources: ['gpio.sv'], ports: { s_axil: { protocol: 'axi4-lite' } } } }
const mem = (base: string, size: string, more = {}) => ({ kind: 'mem', base, size, model: 'gpio', ...more })
const ports = (more: object) => ({ kind: 'hardware', path: '/dev/port', size: 4, ...more })
const map = (devices: object) => mapDevices(parseConfig('f.json', { models, devices }))

it('gives handles in the order of the configuration', () => {
  const devices = map({
    a: mem('0x1000', '0x1000'),
    b: mem('0x2000', '0x1000'),
    c: mem('0x1000', '0x1000', { path: '/dev/x' }),
  })
  expect(devices.map(({ handle, name }) => [handle, name])).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ])
})

it('names the place in the file that the host opened', () => {
  const [device] = map({ a: mem('0x43c00000', '0x1000') })
  expect(device && toHostPlace(device, 0x20n)).toBe('/dev/mem 0x43c00020')
})

it('takes a device that ends where the address space ends', () => {
  expect(map({ a: mem('0xffff_ffff_ffff_f000', '0x1000') })).toHaveLength(1)
})

it('a real I/O port lies at its number, and in no memory', () => {
  const [device, ...others] = map({ a: ports({ base: 0x70 }), b: mem('0x70', '4') })
  expect(device?.config).toMatchObject({ base: 0x70n, size: 4n, model: '', hardware: { offset: 0x70n } })
  expect(device?.config.hardware?.physical).toBeUndefined()
  expect(others).toHaveLength(1)
})

describe('one sentence for', () => {
  it.each([
    [
      { a: mem('0x1000', '0x1000'), b: mem('0x1fff', '1') },
      'devices a (0x1000+0x1000) and b (0x1fff+0x1) overlap in /dev/mem; move or shrink one of them',
    ],
    [
      { a: mem('0xffff_ffff_ffff_f000', '0x1001') },
      'device a: base 0xfffffffffffff000 + size 0x1001 goes beyond the 64-bit address space',
    ],
    [{ a: mem('0', '1', { model: 'uart' }) }, 'device a: model uart does not exist; models are gpio'],
    [{ a: mem('0', '1', { port: 'm_axi' }) }, 'device a: model gpio has no port m_axi; its ports are s_axil'],
    [
      { a: mem('0', '1', { path: `/${'x'.repeat(300)}` }) },
      `has 301 bytes, and 255 is the limit; give it a shorter one`,
    ],
    [{ a: ports({ base: 0xfffc, size: 8 }) }, 'device a: base 0xfffc + size 0x8 goes beyond the last I/O port, 0xffff'],
    [{ a: ports({}) }, 'device a: a device of /dev/port lies there at its base; give it a base'],
    [{ a: ports({ base: 0, lockstep: 'gpio' }) }, 'device a: no model runs in lockstep with real I/O ports'],
    [
      { a: ports({ base: 0x70 }), b: { kind: 'port', base: 0x73, size: 2, model: 'gpio' } },
      'devices a (0x70+0x4) and b (0x73+0x2) overlap in /dev/port; move or shrink one of them',
    ],
    [{ a: mem('0', '1', { path: '/dev/port' }) }, "a device of kind 'port' is there, or 'hardware'"],
    [
      Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`d${i}`, mem(String(i), '1')])),
      'the configuration has 65 devices, memories and each map of a UIO device counted, and 64 is the limit',
    ],
  ])('%j', (devices, message) => {
    expect(() => map(devices)).toThrow(message)
  })
})
