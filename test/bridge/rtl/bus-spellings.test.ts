// Names of ports in the field's spellings, and the buses that they are.
import { describe, expect, test } from 'vitest'
import { toBusGroups } from '../../../bridge/rtl/bus-groups.js'
import { toBusPort, whyNotDriven } from '../../../bridge/rtl/bus-ports.js'
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
    const [group, ...others] = find('ahb-lite', rows)
    expect(others).toEqual([])
    if (!group) throw new Error('no bus was found')
    expect(whyNotDriven(group)).toBeUndefined()
    const found = toBusPort(group)
    expect(found).toMatchObject({ name: bus, protocol: 'ahb-lite', addressWidth: 12, dataWidth: 32 })
    const names = Object.entries(found.signals).map(([signal, rtl]) => [signal, rtl?.name])
    expect(Object.fromEntries(names)).toEqual(Object.fromEntries(rows.map(([signal, name]) => [signal, name])))
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
