// Every format in which a Verilator describes RTL says the same to us. The recorded ones need no Verilator.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromJson } from '../../../bridge/rtl/netlist-json.js'
import { fromXml } from '../../../bridge/rtl/netlist-xml.js'
import type { RtlNetlist } from '../../../bridge/rtl/rtl-netlist.js'

const recorded = (name: string) => readFileSync(join(import.meta.dirname, 'netlists', name), 'utf8')

const netlists: { version: string; read: () => RtlNetlist }[] = [
  {
    version: '5.006',
    read: () => fromXml(recorded('v5.006.xml'), 'trapline_top', () => recorded('every-shape.sv').split('\n')),
  },
  { version: '5.032', read: () => fromJson(recorded('v5.032.tree'), recorded('v5.032.meta'), 'trapline_top') },
  { version: '5.048', read: () => fromJson(recorded('v5.048.tree'), recorded('v5.048.meta'), 'trapline_top') },
]

describe.each(netlists)('Verilator $version', ({ read }) => {
  test('ports with their shapes and widths', () => {
    expect(read().ports.map((port) => [port.name, port.direction, port.shape, port.width, port.dimensions])).toEqual([
      ['clk', 'input', 'vector', 1, []],
      ['address', 'input', 'vector', 12, []],
      ['strobes', 'input', 'vector', 8, []],
      ['offset', 'input', 'vector', 5, []],
      ['lanes', 'input', 'vector', 16, []],
      ['backwards', 'input', 'vector', 8, []],
      ['count', 'input', 'vector', 32, []],
      ['item', 'input', 'vector', 8, []],
      ['state', 'input', 'vector', 3, []],
      ['record', 'input', 'struct', 0, []],
      ['table_of', 'input', 'array', 4, [2, 3]],
      ['voltage', 'input', 'other', 0, []],
      ['answer', 'output', 'vector', 2, []],
      ['odd$name', 'output', 'vector', 1, []],
      ['pads', 'inout', 'vector', 4, []],
    ])
  })

  test('bounds as declared, of what has one dimension', () => {
    const bounds = read().ports.map((port) => [port.name, port.bounds])
    expect(Object.fromEntries(bounds)).toMatchObject({ address: [11, 0], backwards: [0, 7], lanes: undefined })
  })

  test('files, the included ones too', () => {
    expect(read().files).toEqual(expect.arrayContaining(['every-shape.sv', 'nothing.svh', 'wrapper.sv']))
  })
})

test('names beyond ASCII, which Verilator 5.032 escapes as C does', () => {
  const meta = String.raw`{"files": {"a": {"filename": "gr\303\266\303\237e/\\303.sv"}}}`
  expect(fromJson('{"type": "NETLIST"}', meta, 'trapline_top').files).toEqual(['größe/\\303.sv'])
})

const variable = { type: 'pkg::in_t', members: [['level', 'next'], ['hwset']] }

test.each([
  ['leaves out what is false', 'pkg::in_t', {}, variable],
  ['says what is false', 'pkg::in_t', { packed: false }, variable],
  ['says what is true', 'pkg::in_t', { packed: true }, undefined],
  ['leaves out what is false, of a type that the RTL keeps to itself', 'core.in_t', {}, 'pattern'],
])('an unpacked struct is known by a Verilator that %s', (_name, type, attribute, zero) => {
  const bit = { type: 'BASICDTYPE', name: 'logic', addr: '(B)', dtypep: '(B)' }
  const struct = (addr: string, name: string, members: [string, string][]) => ({
    ...{ type: 'STRUCTDTYPE', name, addr, dtypep: addr, ...attribute },
    membersp: members.map(([member, dtypep]) => ({ type: 'MEMBERDTYPE', name: member, dtypep, refDTypep: dtypep })),
  })
  const inner = struct('(C)', 'pkg::level_t', [['next', '(B)']])
  const outer = struct('(A)', type, [
    ['level', '(C)'],
    ['hwset', '(B)'],
  ])
  const port = { type: 'VAR', name: 'hwif_in', direction: 'INPUT', dtypep: '(A)' }
  const modulesp = [
    { type: 'MODULE', name: 'wrapper', stmtsp: [{ type: 'CELL', name: 'dut', modp: '(M)' }] },
    { type: 'MODULE', name: 'core', addr: '(M)', stmtsp: [port] },
  ]
  const tree = { type: 'NETLIST', modulesp, miscsp: [{ type: 'TYPETABLE', typesp: [bit, inner, outer] }] }
  const [read] = fromJson(JSON.stringify(tree), '{"files": {}}', 'wrapper').ports
  expect(read).toMatchObject({ name: 'hwif_in', shape: 'struct' })
  expect(read?.zero).toEqual(zero)
})

const memberNetlists = [
  {
    version: '5.006',
    read: () => fromXml(recorded('members-v5.006.xml'), 'trapline_top', () => recorded('members.sv').split('\n')),
  },
  {
    version: '5.048',
    read: () => fromJson(recorded('members-v5.048.tree'), recorded('members-v5.048.meta'), 'trapline_top'),
  },
]

test.each(memberNetlists)('members of interfaces and packed structs, Verilator $version', ({ read }) => {
  const place = { of: 'bus', interface: 'member_bus' }
  const request = [
    { path: ['addr'], width: 8, low: 3 },
    { path: ['prot'], width: 3, low: 0 },
  ]
  const [clk, addr, valid, request_, ready, req, both] = read().ports
  expect(clk).toMatchObject({ name: 'clk', direction: 'input' })
  expect(addr).toMatchObject({ name: 'bus_addr', direction: 'input', width: 12, member: { ...place, name: 'addr' } })
  expect(valid).toMatchObject({ name: 'bus_valid', direction: 'input', width: 1, member: { ...place, name: 'valid' } })
  expect(request_).toMatchObject({ name: 'bus_request', shape: 'struct', packed: { width: 11, fields: request } })
  expect(ready).toMatchObject({ name: 'bus_ready', direction: 'output', member: { ...place, name: 'ready' } })
  expect(req).toMatchObject({
    name: 'req_i',
    packed: {
      width: 20,
      fields: [
        { path: ['aw', 'addr'], width: 8, low: 12 },
        { path: ['aw', 'prot'], width: 3, low: 9 },
        { path: ['aw_valid'], width: 1, low: 8 },
        { path: ['lanes'], width: 8, low: 0 },
      ],
    },
  })
  expect(both).toMatchObject({ name: 'both_i', shape: 'struct', packed: undefined })
})
