import { describe, expect, it } from 'vitest'
import {
  decodeAccess,
  decodeCompletion,
  encodeAccess,
  encodeCompletion,
  frameAccess,
  frameRequest,
} from '../../../bridge/wire/wire.js'
import { scanAccess, scanCompletion } from '../../../bridge/wire/scan.js'
import { fromValue, toHex, toValue } from '../../../bridge/wire/access.js'

const exact = [0n, 1n, 0x7fn, 0x80n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]

describe('64-bit fields', () => {
  it.each(exact)('%d survives in every field of an access', (value) => {
    const access = { seq: 7n, device: 1, operation: 'read' as const, widthBytes: 8, offset: value, pc: value }
    const decoded = decodeAccess(encodeAccess({ ...access, byteEnables: value }))
    expect(decoded).toMatchObject({ offset: value, pc: value, byteEnables: value })
  })

  it.each(exact)('%d survives in every field of a completion', (value) => {
    const times = { cycleStart: value, cycleEnd: value, timePs: value }
    expect(decodeCompletion(encodeCompletion({ seq: 1n, status: 'OKAY', ...times }))).toMatchObject(times)
  })

  it.each(exact)('%d survives as data', (value) => {
    expect(toValue(fromValue(value, 8))).toBe(value)
    expect(BigInt(toHex(fromValue(value, 8)))).toBe(value)
  })
})

describe('scanAccess', () => {
  const site = { module: '/bin/busybox', moduleOffset: 2n ** 53n + 1n, instruction: 'mov eax, [rbx]' }
  const write = { seq: 300n, device: 2, offset: 2n ** 64n - 1n, operation: 'write' as const, widthBytes: 4, tid: 9 }

  it('finds what routing needs', () => {
    const bytes = encodeAccess({ ...write, data: Buffer.from([1, 2, 3, 4]), pc: 2n ** 64n - 1n, hold: true, site })
    expect(scanAccess(bytes)).toEqual({
      seq: 300,
      device: 2,
      isWrite: true,
      widthBytes: 4,
      elements: 1,
      hasSite: true,
      frames: 0,
      isStream: false,
      isHolding: true,
      isPosted: false,
      isFlush: false,
      fault: undefined,
    })
    expect(decodeAccess(bytes)).toMatchObject({ site, hold: true })
  })

  it('takes a path that is no UTF-8, as a file may have one', () => {
    const module = '/opt/a long name of a program/bin'
    const odd = Buffer.from(encodeAccess({ ...write, data: Buffer.alloc(4), site: { ...site, module } }))
    odd[odd.indexOf('program/bin') + 'program/'.length] = 0xff
    expect(scanAccess(odd)).toMatchObject({ hasSite: true, fault: undefined })
    expect(decodeAccess(odd).site?.module).toBe('/opt/a long name of a program/\ufffdin')
  })

  it('tells a piece of a packet, which may be written without a byte', () => {
    const piece = { ...write, widthBytes: 0, data: Buffer.alloc(0) }
    expect(scanAccess(encodeAccess({ ...piece, patienceCycles: 64, packetEnd: true }))).toMatchObject({
      ...{ isStream: true, widthBytes: 0, fault: undefined },
    })
    expect(scanAccess(encodeAccess(piece)).fault).toBe('width_bytes 0 is not 1 to 4096')
  })

  it('tells a write that nobody waits for, which is neither a read nor half of anything', () => {
    const posted = { ...write, data: Buffer.alloc(4), hold: false, posted: true }
    expect(scanAccess(encodeAccess(posted))).toMatchObject({ isPosted: true, fault: undefined })
    for (const other of [{ hold: true }, { operation: 'read' as const, data: Buffer.alloc(0) }, { patienceCycles: 9 }])
      expect(scanAccess(encodeAccess({ ...posted, ...other })).fault).toBe('only a plain write can be posted')
  })

  it('tells a string, whose elements have one width and come to no more than a message holds', () => {
    const string = { ...write, elements: 512, data: Buffer.alloc(2048), descending: true }
    expect(scanAccess(encodeAccess(string))).toMatchObject({ elements: 512, widthBytes: 4, fault: undefined })
    expect(decodeAccess(encodeAccess(string))).toMatchObject({ elements: 512, descending: true })
    const fault = (other: object) => scanAccess(encodeAccess({ ...string, ...other })).fault
    for (const other of [{ hold: true }, { patienceCycles: 9 }, { byteEnables: 1n }])
      expect(fault(other)).toBe('a string is neither masked, locked nor posted, nor of a stream')
    expect(fault({ data: Buffer.alloc(2044) })).toBe('data has 2044 bytes instead of 2048')
    expect(fault({ elements: 2048 })).toBe('2048 elements of 4 bytes are more than 4096 bytes')
    expect(fault({ elements: 0xffff_ffff })).toMatch(/are more than 4096 bytes$/)
  })

  it('tells what only waits for those', () => {
    const flush = Buffer.from([0x08, 1, 0x10, 1, 0x20, 3])
    expect(scanAccess(flush)).toMatchObject({ isFlush: true, isWrite: false, fault: undefined })
    expect(scanAccess(Buffer.concat([flush, Buffer.from([0x28, 4])])).fault).toBe('a flush moves nothing')
  })

  it('sees that there is no site', () => {
    const bytes = encodeAccess({ seq: 1n, device: 1, operation: 'read', widthBytes: 64 })
    expect(scanAccess(bytes)).toMatchObject({ hasSite: false, isWrite: false, fault: undefined })
  })

  it.each([
    ['no operation', encodeAccess({ seq: 1n, widthBytes: 4 }), 'operation 0 is neither a read nor a write'],
    ['no width', encodeAccess({ seq: 1n, operation: 'read' }), 'width_bytes 0 is not 1 to 4096'],
    ['too wide', encodeAccess({ seq: 1n, operation: 'read', widthBytes: 4097 }), 'width_bytes 4097 is not 1 to 4096'],
    ['short data', encodeAccess({ ...write, data: Buffer.from([1]) }), 'data has 1 bytes instead of 4'],
    [
      'data on a read',
      encodeAccess({ ...write, operation: 'read', data: Buffer.from([1]) }),
      'data has 1 bytes instead of 0',
    ],
    [
      'torn',
      encodeAccess({ ...write, data: Buffer.alloc(4), pc: 1n << 40n }).subarray(0, -2),
      'message ends in the middle of a field',
    ],
    ['torn bytes', Buffer.from([0x20, 2, 0x28, 4, 0x32, 4, 1]), 'message ends in the middle of a field'],
    ['nonsense', Buffer.from([0xff, 0xff, 0xff]), 'message ends in the middle of a field'],
    ['groups', Buffer.from([0x0b]), 'there is no field 1 of wire type 3'],
    ['another wire type', Buffer.from([0x52, 0]), 'there is no field 10 of wire type 2'],
    ['a field of nobody', Buffer.from([0xf8, 1, 0]), 'there is no field 31 of wire type 0'],
    ['a long number', Buffer.from([0x18, ...new Array(10).fill(0xff), 1]), 'a number has more than 64 bits'],
    ['a wide thread id', Buffer.from([0x48, 0xff, 0xff, 0xff, 0xff, 0x7f]), /has more than 32 bits$/],
    [
      'a long name',
      encodeAccess({ ...write, site: { ...site, module: 'm'.repeat(256) } }),
      'a text of its site has 256 bytes; 255 is the limit',
    ],
    ['a torn site', Buffer.from([0x5a, 2, 0x0a, 1, 0x20, 1]), 'message ends in the middle of a field'],
  ])('refuses %s', (_name, bytes, fault) => {
    expect(scanAccess(bytes).fault).toEqual(typeof fault === 'string' ? fault : expect.stringMatching(fault))
  })

  it('agrees with the full decoder whatever the fields are', () => {
    for (const [i, offset] of exact.entries()) {
      const access = encodeAccess({
        seq: BigInt(i + 1),
        device: i,
        offset,
        operation: 'read',
        widthBytes: i + 1,
        pc: offset,
      })
      const full = decodeAccess(access)
      expect(scanAccess(access)).toMatchObject({
        seq: Number(full.seq),
        device: full.device,
        widthBytes: full.widthBytes,
      })
    }
  })
})

it('scanCompletion finds sequence number and status behind any data', () => {
  const bytes = encodeCompletion({
    seq: 70_000n,
    status: 'SLVERR',
    data: Buffer.alloc(64, 0xff),
    detail: 'x'.repeat(300),
  })
  expect(scanCompletion(bytes)).toEqual({ seq: 70_000, status: 2, done: 0 })
})

describe('frameAccess', () => {
  const access = encodeAccess({ seq: 1n, device: 1, operation: 'read', widthBytes: 4, offset: 2n ** 64n - 1n })
  const ids = [1, 127, 128, 16_384, 2 ** 31, 2 ** 32, 2 ** 40]

  it.each(ids)('writes what protobufjs writes, id %d', (id) => {
    const { offset, operation } = { offset: 2n ** 64n - 1n, operation: 1 }
    const request = { session: 200, access: { seq: 1, device: 1, offset, operation, widthBytes: 4 } }
    expect(frameAccess(id, 200, access)).toEqual(frameRequest({ id, access: request }))
  })
})
