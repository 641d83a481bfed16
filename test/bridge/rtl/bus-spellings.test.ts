// Names of ports in the field's spellings, and the buses that they are.
import { describe, expect, test } from 'vitest'
import { toBusGroups } from '../../../bridge/rtl/bus-groups.js'
import { type BusGroup, toBusPort, whyNotDriven } from '../../../bridge/rtl/bus-ports.js'
import { protocols } from '../../../bridge/rtl/protocols.js'
import type { PortDirection, RtlPort } from '../../../bridge/rtl/rtl-netlist.js'

/** A signal of a bus, the port that is to be found as it, and its bits. */
type Row = [signal: string, port: string, width: number]

const port = (name: string, direction: PortDirection, width: number): RtlPort => ({
  name,
  direction,
  shape: 'vector',
  width,
  dimensions: [],
  bounds: [width - 1, 0],
})

/** What a subordinate that drives what it should is found to be. */
function find(protocol: keyof typeof protocols, rows: Row[], isManager = false) {
  const ports = rows.map(([signal, name, width]) => {
    const isInput = (protocols[protocol].signals[signal]?.driver === 'manager') !== isManager
    return port(name, isInput ? 'input' : 'output', width)
  })
  return toBusGroups(ports)
}

const ahbWidths = { haddr: 12, htrans: 2, hsize: 3, hwdata: 32, hrdata: 32 }
const ahbSignals = ['haddr', 'htrans', 'hsize', 'hwrite', 'hwdata', 'hrdata', 'hreadyout']
const widthOf = (signal: string) => (ahbWidths as Record<string, number>)[signal] ?? 1

function ahbRows(spell: (signal: string) => string, more: Row[] = [], without: string[] = []): Row[] {
  const signals = ahbSignals.filter((signal) => !without.includes(signal))
  return [...signals.map((signal): Row => [signal, spell(signal), widthOf(signal)]), ...more]
}

/** The only bus, with each signal where it was put. */
function expectFound([group, ...others]: BusGroup[], rows: Row[], bus: object): void {
  expect(others).toEqual([])
  if (!group) throw new Error('no bus was found')
  expect(whyNotDriven(group)).toBeUndefined()
  const found = toBusPort(group)
  expect(found).toMatchObject(bus)
  const names = Object.entries(found.signals).map(([signal, rtl]) => [signal, rtl?.name])
  expect(Object.fromEntries(names)).toEqual(Object.fromEntries(rows.map(([signal, name]) => [signal, name])))
}

const upper = (signal: string) => signal.toUpperCase()

describe('AHB-Lite', () => {
  const spellings: { name: string; rows: Row[]; bus: string }[] = [
    { name: 'no prefix', bus: 'ahb', rows: ahbRows(upper, [['hready', 'HREADY', 1]]) },
    { name: 'Arm’s own', bus: 'ahb', rows: ahbRows((signal) => `${upper(signal)}S`, [['hready', 'HREADYS', 1]]) },
    { name: 'a role at the end', bus: 's', rows: ahbRows((signal) => `${signal}_s`, [['hsel', 'hsel_s', 1]]) },
    { name: 'a prefix', bus: 's_ahb', rows: ahbRows((signal) => `s_ahb_${signal}`) },
    { name: 'a prefix in capitals', bus: 'io_ahb', rows: ahbRows((signal) => `io_ahb_${upper(signal)}`) },
    {
      name: 'directions at the end',
      bus: 'ahb',
      rows: ahbRows(
        (signal) => `${signal}_${signal === 'hrdata' ? 'o' : 'i'}`,
        [
          ['hsel', 'hselx_i', 1],
          ['hready', 'hready_i', 1],
          ['hreadyout', 'hready_o', 1],
        ],
        ['hreadyout'],
      ),
    },
    {
      name: 'one READY in, one out',
      bus: 'ahb_s',
      rows: ahbRows(
        (signal) => `ahb_s_${signal}`,
        [
          ['hready', 'ahb_s_hready_in', 1],
          ['hreadyout', 'ahb_s_hready_out', 1],
        ],
        ['hreadyout'],
      ),
    },
    {
      name: 'HREADYIN',
      bus: 'ahb',
      rows: ahbRows(upper, [
        ['hready', 'HREADYIN', 1],
        ['hresp', 'HRESP', 2],
      ]),
    },
    {
      name: 'a single READY, wide HPROT, narrow HSIZE',
      bus: 'm0',
      rows: ahbRows(
        (signal) => `m0_${signal}`,
        [
          ['hreadyout', 'm0_hready', 1],
          ['hprot', 'm0_hprot', 7],
          ['hsize', 'm0_hsize', 2],
        ],
        ['hreadyout', 'hsize'],
      ),
    },
  ]

  test.each(spellings)('$name', ({ rows, bus }) => {
    expectFound(find('ahb-lite', rows), rows, { name: bus, protocol: 'ahb-lite', addressWidth: 12, dataWidth: 32 })
  })

  const odd: { name: string; rows: Record<string, number>; reason: string }[] = [
    { name: 'two bits of HSIZE on 128 bits', rows: { hsize: 2, hwdata: 128, hrdata: 128 }, reason: 'wants 3' },
    { name: 'one bit of HTRANS', rows: { htrans: 1 }, reason: 'has HTRANS with 1 bits; AHB-Lite wants 2' },
    { name: 'two devices in one', rows: { hsel: 2 }, reason: 'has HSEL with 2 bits; AHB-Lite wants 1' },
  ]

  test.each(odd)('is refused with $name', ({ rows, reason }) => {
    const all = ahbRows(upper, [['hsel', 'HSEL', 1]]).map(([signal, name, width]): Row => {
      return [signal, name, rows[signal] ?? width]
    })
    const [group] = find('ahb-lite', all)
    expect(group && whyNotDriven(group)).toContain(reason)
  })

  test.each([
    ['HSIZE', ['hsize']],
    ['HREADYOUT', ['hreadyout']],
  ])('is refused without %s', (signal, without) => {
    const [group] = find('ahb-lite', ahbRows(upper, [], without))
    expect(group && whyNotDriven(group)).toBe(`lacks ${signal.toLowerCase()} of AHB-Lite`)
  })

  test('of the RTL’s own is not driven', () => {
    const [group] = find('ahb-lite', ahbRows(upper), true)
    expect(group && whyNotDriven(group)).toContain('is driven by the RTL itself')
  })
})

describe('TileLink-UL', () => {
  const widths: Record<string, number> = {
    ...{ a_opcode: 3, a_param: 3, a_size: 2, a_source: 5, a_address: 12, a_mask: 4, a_data: 32 },
    ...{ d_opcode: 3, d_param: 2, d_size: 2, d_source: 5, d_data: 32 },
  }
  const all = [
    ...[
      'a_valid',
      'a_ready',
      'a_opcode',
      'a_param',
      'a_size',
      'a_source',
      'a_address',
      'a_mask',
      'a_data',
      'a_corrupt',
    ],
    ...['d_valid', 'd_ready', 'd_opcode', 'd_param', 'd_size', 'd_source', 'd_sink', 'd_denied', 'd_data', 'd_corrupt'],
    'd_error',
  ]
  const spelled = (spell: (signal: string) => string, without: string[] = []) =>
    all.filter((signal) => !without.includes(signal)).map((signal): Row => [signal, spell(signal), widths[signal] ?? 1])
  const nested = (word: string) => (signal: string) => signal.replace(/_(?!valid|ready)/, `_${word}_`)

  test.each([
    { name: 'no prefix', bus: 'tl', rows: spelled((signal) => signal) },
    { name: 'a prefix', bus: 'tl', rows: spelled((signal) => `tl_${signal}`, ['d_error']) },
    { name: 'a prefix in capitals', bus: 'TL_S', rows: spelled((signal) => `TL_S_${signal.toUpperCase()}`) },
    { name: 'Chisel', bus: 'auto_in', rows: spelled((signal) => `auto_in_${nested('bits')(signal)}`, ['d_error']) },
    { name: 'SpinalHDL', bus: 'io_up', rows: spelled((signal) => `io_up_${nested('payload')(signal)}`, ['d_error']) },
    {
      name: 'directions at the end, no sources',
      bus: 'reg',
      rows: spelled(
        (signal) => `reg_${signal}_${signal.startsWith('a') !== signal.endsWith('ready') ? 'i' : 'o'}`,
        ['a_source', 'd_source', 'd_sink', 'a_param', 'd_param', 'a_corrupt', 'd_corrupt', 'd_error'],
      ),
    },
  ])('$name', ({ rows, bus }) => {
    expectFound(find('tilelink-ul', rows), rows, {
      name: bus,
      protocol: 'tilelink-ul',
      addressWidth: 12,
      dataWidth: 32,
    })
  })

  test.each([
    { rows: { a_size: 1 }, reason: 'has a_size with 1 bits; TileLink-UL wants 2 to 4' },
    { rows: { a_mask: 1 }, reason: 'has a_mask with 1 bits; TileLink-UL wants 4' },
    { rows: { a_data: 64, d_data: 32 }, reason: 'has a_mask with 4 bits; TileLink-UL wants 8' },
  ])('is refused: $reason', ({ rows, reason }) => {
    const odd: Record<string, number | undefined> = rows
    const [group] = find(
      'tilelink-ul',
      spelled((signal) => signal).map(([signal, name, width]): Row => [signal, name, odd[signal] ?? width]),
    )
    expect(group && whyNotDriven(group)).toBe(reason)
  })

  test('of the RTL’s own is not driven', () => {
    const [group] = find(
      'tilelink-ul',
      spelled((signal) => `auto_out_${signal}`),
      true,
    )
    expect(group && whyNotDriven(group)).toContain('is driven by the RTL itself')
  })
})
