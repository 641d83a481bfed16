/** Reading and comparing access logs: every line of both formats, exact to 64 bits, and what is said about bad ones. */
import { expect, it } from 'vitest'
import { diffLogs } from '../../../bridge/logs/diff-logs.js'
import { IgnoredBits } from '../../../bridge/logs/ignored-bits.js'
import type { LogRecord } from '../../../bridge/logs/log-record.js'
import { readLog } from '../../../bridge/logs/read-log.js'
import { makeScratch } from '../../support/scratch.js'

const access = {
  ...{ seq: 1, cycleStart: 2, cycleEnd: 4, timePs: 40000, op: 'write', device: 'd', offset: 8, widthBytes: 4 },
  ...{ data: '0x0000002a', status: 'OKAY', pid: 7, tid: 8, pc: '0x1', symbol: 'main (a.c:1)' },
}

function toLine(fields: object = {}): string {
  return JSON.stringify({ ...access, ...fields })
}

async function read(text: string, name = 'log'): Promise<{ records: LogRecord[]; notes: string[] }> {
  const notes: string[] = []
  const records: LogRecord[] = []
  for await (const record of readLog(makeScratch().write(name, text), (note) => notes.push(note))) records.push(record)
  return { records, notes }
}

it('JSON lines are exact beyond 2^53', async () => {
  const line = toLine().replace('"offset":8', '"offset":18446744073709551615').replace('40000', '9007199254740993')
  const { records } = await read(line)
  expect(records[0]).toMatchObject({ offset: 0xffff_ffff_ffff_ffffn, timePs: 9007199254740993n, value: 0x2an })
})

it('a symbol that looks like a field stays as it is', async () => {
  const { records } = await read(toLine({ symbol: 'f("seq":1)', data: '', op: 'read', status: 'SLVERR' }))
  expect(records[0]).toMatchObject({ symbol: 'f("seq":1)', value: undefined, status: 'SLVERR' })
})

it('mmiotrace as a kernel writes it', async () => {
  const { records, notes } = await read(
    [
      '# tracer: mmiotrace',
      'VERSION 20070824',
      'PCIDEV c100 10de2206 7d fa000000 1800000000c 0 1801000000c 0 f001 fb000000 1000000 10000000 0 2000000 0 ' +
        '80 80000 ',
      'MAP 12.000345 1 0xfa000000 0xffffc90000000000 0x1000 0xffffffff81000000 0',
      'W 4 12.000346 1 0xfa000010 0xdeadbeef 0x0 0',
      'R 8 12.000347 1 0xfa000018 0xffffffffffffffff 0x0 0',
      'UNKNOWN 12.000348 1 0xfa000020 f3,0f,6f 0x0 0',
      'MARK 12.000349 I pressed a key',
      'MARK 0.000000 Lost 17 events.',
      'UNMAP 12.000350 1 0x0 0',
      'R 1 12.000351 1 0xfa000001 0x7f 0x0 0',
    ].join('\n'),
  )
  expect(
    records.map(({ seq, operation, offset, widthBytes, value }) => [seq, operation, offset, widthBytes, value]),
  ).toEqual([
    [1n, 'write', 0xfa000010n, 4, 0xdeadbeefn],
    [2n, 'read', 0xfa000018n, 8, 0xffff_ffff_ffff_ffffn],
    [3n, 'read', 0xfa000001n, 1, 0x7fn],
  ])
  expect(records[0]?.timePs).toBe(12_000_346_000_000n)
  expect(notes).toEqual([
    expect.stringMatching(/:7: the kernel could not tell .* 0xfa000020/),
    expect.stringMatching(/:9: .*Lost 17 events/),
  ])
})

it('a MARK of ours is the access that was refused', async () => {
  const { records } = await read('VERSION 20070824\nMARK 0.000001 SLVERR on read of 4 bytes at gpio0+0x1c\n')
  expect(records[0]).toMatchObject({ device: 'gpio0', offset: 0x1cn, status: 'SLVERR', value: undefined })
})

it.each([
  ['torn JSON', `${toLine()}\n{"seq":2,"cyc`, /log:2 is not a line of an access log .*\{"seq":2,"cyc/],
  ['a field that is missing', toLine({ device: undefined }), /log:1 .*device/],
  ['a number that is none', toLine({ offset: -8 }), /log:1 .*offset/],
  ['another kind of file', '#include <stdio.h>\nint main', /log:2 .*expected R, W, MAP/],
  ['too wide a value', 'VERSION 20070824\nW 1 0.000000 1 0x10 0x100 0x0 0', /log:2 .*0x100 does not fit in 1 byte/],
])('%s', async (_what, text, sentence) => {
  await expect(read(text)).rejects.toThrow(sentence)
})

it('no such file', async () => {
  await expect(readLog('/nowhere/log').next()).rejects.toThrow(/the log \/nowhere\/log can't be read \(ENOENT/)
})

async function diff(a: object[], b: object[], comparesTiming = false) {
  const scratch = makeScratch()
  const [left, right] = [a, b].map((lines, i) => readLog(scratch.write(`${i}`, lines.map((l) => toLine(l)).join('\n'))))
  return diffLogs(left as never, right as never, { comparesTiming })
}

const three = [{ seq: 1 }, { seq: 2, offset: 4 }, { seq: 3, offset: 16 }]

it.each([
  ['value', { data: '0x0000002b' }],
  ['status', { status: 'SLVERR' }],
  ['width', { widthBytes: 2, data: '0x002a' }],
  ['place', { offset: 12 }],
  ['operation', { op: 'read' }],
])('a different %s', async (difference, fields) => {
  const { same, divergence } = await diff([...three, access], [...three, { ...access, ...fields }])
  expect([same, divergence?.differences]).toEqual([3, expect.arrayContaining([difference])])
  expect(divergence?.before.map(({ seq }) => seq)).toEqual([1n, 2n, 3n])
})

it('identity and, unless asked for, timing do not count', async () => {
  const other = { pid: 1, tid: 1, pc: '0x2', symbol: '', cycleEnd: 5 }
  expect(await diff([access], [other])).toEqual({ same: 1, divergence: undefined })
  expect((await diff([access], [other], true)).divergence?.differences).toEqual(['timing'])
})

it('order, and one log that ends', async () => {
  expect((await diff(three, [three[1] ?? {}, three[0] ?? {}])).divergence?.differences).toContain('order')
  expect(await diff(three, three.slice(0, 2))).toMatchObject({
    same: 2,
    divergence: { differences: ['end'], b: undefined },
  })
})

it('bits that are ignored', () => {
  const ignored = new IgnoredBits(['a+0x10', 'b+4:0xff00'])
  expect(ignored.areSame('a', 16n, 1n, 2n)).toBe(true)
  expect(ignored.areSame('b', 4n, 0x1234n, 0x5634n)).toBe(true)
  expect(ignored.areSame('b', 4n, 0x1234n, 0x5635n)).toBe(false)
  expect(ignored.areSame('c', 4n, 1n, 2n)).toBe(false)
  expect(() => new IgnoredBits(['c'])).toThrow(/--ignore c: write it as/)
})
