/** Which registers an access moves, and what its value says: whole ones, parts, several, and two in one place. */
import { expect, it } from 'vitest'
import type { Place } from '../../../bridge/registers/register-map.js'
import { toRegisterWords } from '../../../bridge/registers/words.js'
import { mapOf } from './descriptions.js'

const values = { IDLE: 0, FAST: 2 }
const map = mapOf({
  registers: [
    {
      ...{ name: 'CTRL', offset: 0 },
      fields: [
        { name: 'EN', bits: 0 },
        { name: 'MODE', bits: '2:1', values },
        { name: 'DIVIDER', bits: '23:12' },
      ],
    },
    { name: 'STATUS', offset: 4, access: 'r', fields: [{ name: 'BUSY', bits: 0 }] },
    { name: 'RXD', offset: 8, access: 'r', fields: [{ name: 'DATA', bits: '7:0' }] },
    { name: 'TXD', offset: 8, access: 'w', fields: [{ name: 'DATA', bits: '7:0', writtenValues: { STOP: 0x13 } }] },
    { name: 'LOW', offset: 12, fields: [{ name: 'A', bits: '7:0' }] },
    { name: 'HIGH', offset: 12, fields: [{ name: 'B', bits: '7:0' }] },
    { name: 'STAMP', offset: 16, width: 64 },
    { name: 'BYTE', offset: 24, width: 8, count: [2, 3] },
  ],
  groups: [
    {
      name: 'CH',
      offset: 0x40,
      count: 2,
      registers: [
        { name: 'LIMIT', offset: 4 },
        { name: 'COUNT', offset: 0 },
      ],
    },
  ],
  memories: [{ name: 'RAM', offset: 0x100, size: 0x100 }],
})

type Words = (offset: number, widthBytes: number, value?: bigint, byteEnables?: bigint) => string | undefined

const [read, write] = (['read', 'write'] as const).map(
  (operation): Words =>
    (offset, widthBytes, value, byteEnables) => {
      const place: Place = { operation, offset: BigInt(offset), widthBytes, byteEnables }
      const named = map.name(place, value)
      return named && toRegisterWords(named)
    },
) as [Words, Words]

it.each([
  ['all of a register', read(0, 4, 0xabc005n), 'CTRL.EN=1 CTRL.MODE=FAST CTRL.DIVIDER=0xabc'],
  ['a value without a name', read(0, 4, 2n), 'CTRL.EN=0 CTRL.MODE=1 CTRL.DIVIDER=0'],
  ['no value', read(0, 4), 'CTRL'],
  ['a byte, which has a part of a field', read(1, 1, 0xc0n), 'CTRL.DIVIDER[3:0]=0xc'],
  ['the byte behind it', read(2, 1, 0xabn), 'CTRL.DIVIDER[11:4]=0xab'],
  ['a byte without a field', read(3, 1, 0xabn), 'CTRL[31:24]'],
  ['two registers', read(0, 8, 0x1_0000_0001n), 'CTRL.EN=1 CTRL.MODE=IDLE CTRL.DIVIDER=0 STATUS.BUSY=1'],
  ['two by their names', read(0, 8), 'CTRL,STATUS'],
  ['some bytes of an access', write(0, 8, 0x5n, 0x1n), 'CTRL.EN=1 CTRL.MODE=FAST'],
  ['what is read, of two', read(8, 4, 0x41n), 'RXD.DATA=0x41'],
  ['what is written, of two', write(8, 4, 0x13n), 'TXD.DATA=STOP'],
  ['a write to what is read only', write(4, 4, 1n), 'STATUS'],
  ['one of two that are alike', read(12, 4, 1n), 'LOW|HIGH'],
  ['half of a wide register', read(20, 4, 1n), 'STAMP[63:32]'],
  ['an array of two dimensions', read(29, 1, 1n), 'BYTE[1][2]'],
  ['one of the elements of a group', write(0x4c, 4, 1n), 'CH[1].LIMIT'],
  ['a memory', read(0x110, 4, 1n), 'RAM+0x10'],
  ['nothing', read(0x80, 4, 1n), undefined],
  ['nothing, just before a register', read(0x3e, 2, 1n), undefined],
])('%s', (_what, got, words) => {
  expect(got).toBe(words)
})

it('all bits of the widest access, at the end of the address space', () => {
  const last = mapOf({ registers: [{ name: 'LAST', offset: '0xfffffffffffffff8', width: 64 }] })
  const place: Place = { operation: 'read', offset: 2n ** 64n - 8n, widthBytes: 8 }
  expect(last.name(place, 2n ** 64n - 1n)).toEqual({ register: 'LAST' })
})
