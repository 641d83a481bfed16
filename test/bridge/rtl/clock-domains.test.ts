/**
 * Which clock each reset and each bus belongs to: by name where that is plain, as said where it is said, else a
 * question.
 */
import { describe, expect, test } from 'vitest'
import { clocksOfBus, clockStem, resetStem } from '../../../bridge/rtl/clock-names.js'
import { findPorts } from '../../../bridge/rtl/find-ports.js'
import type { RtlPort } from '../../../bridge/rtl/rtl-netlist.js'
import { type ModelInput, toModel } from '../verilate/to-model.js'

function port(name: string, direction: RtlPort['direction'], width = 1): RtlPort {
  return { name, direction, shape: 'vector', width, dimensions: [] }
}

/** AXI4-Lite that Trapline drives, or `m_…` that reads only and is driven by the RTL. */
function bus(prefix: string): RtlPort[] {
  const [mine, other] = /^m_/.test(prefix) ? (['input', 'output'] as const) : (['output', 'input'] as const)
  const name = (signal: string) => (prefix ? `${prefix}_${signal}` : signal)
  return [
    ...[port(name('araddr'), other, 12), port(name('arvalid'), other), port(name('rready'), other)],
    ...[port(name('arready'), mine), port(name('rdata'), mine, 32), port(name('rvalid'), mine)],
  ]
}

const apb: RtlPort[] = [
  ...[port('paddr', 'input', 8), port('psel', 'input'), port('penable', 'input'), port('pwrite', 'input')],
  ...[port('pwdata', 'input', 32), port('prdata', 'output', 32), port('pready', 'output')],
]

interface Core {
  inputs: string
  buses?: string[]
  more?: RtlPort[]
}

function find({ inputs, buses = ['s_axi'], more = [] }: Core, keys: ModelInput = {}) {
  const ports = [...inputs.split(' ').map((name) => port(name, 'input')), ...buses.flatMap(bus), ...more]
  const found = findPorts(toModel(keys), ports)
  return {
    domains: found.domains.map(({ clocks, resets }) =>
      [...clocks, ...resets.map((reset) => `${reset.port}:${reset.active}`)].join(' '),
    ),
    buses: Object.fromEntries([...found.ports, ...found.managers].map(({ name, domain }) => [name, domain])),
    leftOut: found.leftOut,
  }
}

const own = (...names: string[]) => ({
  clocks: Object.fromEntries(names.map((name, i) => [name, { periodPs: 8000 + i }])),
})

test.each([
  ['aclk', '', 'a'],
  ['s_axis_aclk', 's_axis', 'a'],
  ['M_AXI_MM2S_ACLK', 'm_axi_mm2s', 'a'],
  ['clk_sys_i', 'sys', ''],
  ['i_clk', '', ''],
  ['core_clk_in', 'core', ''],
  ['sysclk', 'sys', ''],
  ['clk100', '100', ''],
  ['pclk', '', 'p'],
  ['gtx_ref', 'gtx_ref', ''],
])('what clock %s is of', (name, text, letter) => {
  expect(clockStem(name)).toEqual({ text, letter })
})

test.each([
  ['aresetn', '', 'a'],
  ['s_axis_aresetn', 's_axis', 'a'],
  ['rst_ni', '', ''],
  ['eth_rst_n', 'eth', ''],
  ['rst_eth_n', 'eth', ''],
  ['core_nrst', 'core', ''],
  ['presetn', '', 'p'],
  ['axi_resetn', 'axi', ''],
  ['sysrst', 'sys', ''],
])('what reset %s is of', (name, text, letter) => {
  expect(resetStem(name)).toEqual({ text, letter })
})

test.each([
  ['s_axi_lite', 'axi4-lite', ['s_axi_lite_aclk', 'm_axi_mm2s_aclk'], ['s_axi_lite_aclk']],
  ['m_axi_mm2s', 'axi4', ['m_axi_aclk', 'm_axi_mm2s_aclk'], ['m_axi_mm2s_aclk']],
  ['m_axi_mm2s', 'axi4', ['m_axi_aclk', 's_axi_aclk'], ['m_axi_aclk']],
  ['s_axi', 'axi4-lite', ['stream_clk', 'aclk'], ['aclk']],
  ['s_axi', 'axi4-lite', ['axi_clk', 'eth_clk'], ['axi_clk']],
  ['S_AXI', 'axi4', ['S_AXI_ACLK', 'M_AXI_ACLK'], ['S_AXI_ACLK']],
  ['', 'apb4', ['core_clk', 'pclk'], ['pclk']],
  ['', 'apb4', ['aclk', 'pclk'], ['pclk']],
  ['', 'axi4', ['clk', 'eth_clk'], ['clk']],
  ['m_axi', 'axi4', ['m_axi_mm2s_aclk', 'm_axi_s2mm_aclk'], ['m_axi_mm2s_aclk', 'm_axi_s2mm_aclk']],
  ['regs', 'axi4-lite', ['clk', 'eth_clk'], []],
  ['axi_eth', 'axi4-lite', ['clk', 'eth_clk'], []],
] as const)('the clock of bus "%s", %s, of %j', (prefix, protocol, clocks, expected) => {
  expect(clocksOfBus(prefix, protocol, [...clocks])).toEqual(expected)
})

describe('domains', () => {
  const dma: Core = {
    inputs: 's_axi_lite_aclk m_axi_mm2s_aclk m_axis_mm2s_aclk axi_resetn',
    buses: ['s_axi_lite', 'm_axi_mm2s'],
  }
  const eth: Core = { inputs: 's_axi_aclk s_axi_aresetn eth_clk eth_rst', buses: ['s_axi'] }
  const rows: { name: string; core: Core; keys: ModelInput; domains: string[]; buses?: Record<string, number> }[] = [
    {
      name: 'one reset for all of them',
      core: dma,
      keys: own('m_axi_mm2s_aclk', 'm_axis_mm2s_aclk'),
      domains: ['s_axi_lite_aclk axi_resetn:low', 'm_axi_mm2s_aclk', 'm_axis_mm2s_aclk'],
      buses: { s_axi_lite: 0, m_axi_mm2s: 1 },
    },
    {
      name: 'a reset beside each',
      core: eth,
      keys: own('eth_clk'),
      domains: ['s_axi_aclk s_axi_aresetn:low', 'eth_clk eth_rst:high'],
      buses: { s_axi: 0 },
    },
    {
      name: 'a reset with but a likely name, beside its clock',
      core: { inputs: 'clk rst_n clk_eth rst_eth_n' },
      keys: { clock: 'clk', ...own('clk_eth') },
      domains: ['clk rst_n:low', 'clk_eth rst_eth_n:low'],
    },
    {
      name: 'the bus on the second one',
      core: { inputs: 'clk rst_n s_axi_aclk s_axi_aresetn' },
      keys: { clock: 'clk', ...own('s_axi_aclk') },
      domains: ['clk rst_n:low', 's_axi_aclk s_axi_aresetn:low'],
      buses: { s_axi: 1 },
    },
    {
      name: 'a bus without prefix',
      core: { inputs: 'core_clk presetn pclk core_rst_n', buses: [], more: apb },
      keys: { clock: 'core_clk', ...own('pclk') },
      domains: ['core_clk core_rst_n:low', 'pclk presetn:low'],
      buses: { apb: 1 },
    },
    {
      name: 'several clocks of one source, a reset beside each',
      core: { inputs: 's_axi_aclk m_axi_aclk s_axi_aresetn m_axi_aresetn' },
      keys: { clock: ['s_axi_aclk', 'm_axi_aclk'] },
      domains: ['s_axi_aclk m_axi_aclk s_axi_aresetn:low m_axi_aresetn:low'],
    },
    {
      name: 'resets that are listed are placed by name',
      core: { inputs: 'clk eth_clk eth_rst_n init rst_n' },
      keys: {
        ...own('eth_clk'),
        reset: {
          ...{ port: 'eth_rst_n', active: 'low' },
          others: [
            { port: 'rst_n', active: 'low' },
            { port: 'init', active: 'high' },
          ],
        },
      },
      domains: ['clk rst_n:low init:high', 'eth_clk eth_rst_n:low'],
    },
    {
      name: 'a reset that is said of its clock',
      core: { inputs: 'clk rst_n eth_clk init' },
      keys: {
        clocks: { eth_clk: { periodPs: 8000, reset: { port: 'init', active: 'high' } } },
      },
      domains: ['clk rst_n:low', 'eth_clk init:high'],
    },
    {
      name: 'none of its own, though its name stands there',
      core: eth,
      keys: { clocks: { eth_clk: { periodPs: 8000, reset: false } }, inputs: { eth_rst: 1 } },
      domains: ['s_axi_aclk s_axi_aresetn:low', 'eth_clk'],
    },
    {
      name: 'no resets',
      core: eth,
      keys: { ...own('eth_clk'), reset: false },
      domains: ['s_axi_aclk', 'eth_clk'],
    },
    {
      name: 'more inputs on a source of its own, and the clock of a bus said',
      core: { inputs: 'clk rx_clk tx_clk rst_n' },
      keys: { clocks: { rx_clk: { periodPs: 8000, others: ['tx_clk'] } }, ports: { s_axi: { clock: 'tx_clk' } } },
      domains: ['clk rst_n:low', 'rx_clk tx_clk'],
      buses: { s_axi: 1 },
    },
  ]
  test.each(rows)('$name', ({ core, keys, domains, buses }) => {
    const found = find(core, keys)
    expect(found.domains).toEqual(domains)
    if (buses) expect(found.buses).toEqual(buses)
  })
})

test('a bus whose name tells no clock runs on the first, and that is said', () => {
  const core = { inputs: 'clk eth_clk rst_n', buses: ['regs'] }
  expect(find(core, own('eth_clk')).leftOut).toEqual([
    'bus regs is taken to run on clk (if on another clock: the key "ports.regs.clock")',
  ])
  expect(find(core, { ...own('eth_clk'), ports: { regs: { clock: 'clk' } } }).leftOut).toEqual([])
  expect(find(core, { clock: ['clk', 'eth_clk'] }).leftOut).toEqual([])
})

test('streams run on clocks as buses do', () => {
  const stream = (name: string) => [
    ...[port(`${name}_tvalid`, 'output'), port(`${name}_tready`, 'input'), port(`${name}_tdata`, 'output', 32)],
  ]
  const ports = ['clk', 'm_axis_rx_aclk'].map((name) => port(name, 'input'))
  const more = [...bus('s_axi'), ...stream('m_axis_rx'), ...stream('tap')]
  const keys = { clock: 'clk', ...own('m_axis_rx_aclk'), ports: { s_axi: { clock: 'clk' } } }
  const found = findPorts(toModel(keys), [...ports, ...more])
  expect(found.streams.map(({ name, domain }) => [name, domain])).toEqual([
    ['m_axis_rx', 1],
    ['tap', 0],
  ])
  expect(found.leftOut).toContain(
    'stream tap is taken to run on clk (if on another clock: the key "streams.tap.clock")',
  )
  const said = findPorts(toModel({ ...keys, streams: { tap: { clock: 'm_axis_rx_aclk' } } }), [...ports, ...more])
  expect(said.streams.map(({ domain }) => domain)).toEqual([1, 1])
})

test('what is left without edges is said', () => {
  expect(find({ inputs: 'pclk core_clk presetn' }, { clock: 'pclk' }).leftOut).toEqual([
    'inputs held at 0: core_clk',
    'clocks among them, so that what they drive stands still (--clock A,B drives both from one source, --clock ' +
      'A,B:PS gives B its own period in picoseconds; keys "clock" and "clocks"): core_clk',
  ])
})

describe('questions', () => {
  const rows: { name: string; core: Core; keys?: ModelInput; sentence: string }[] = [
    {
      name: 'two clocks: whether they share a source, and which periods they have, is never guessed',
      core: { inputs: 'aclk stream_clk aresetn' },
      sentence:
        'aclk and stream_clk of core can each be the clock; say which with --clock or the key "clock" (--clock ' +
        'aclk,stream_clk drives all from one source, --clock aclk,stream_clk:PS gives each its own period in ' +
        'picoseconds)',
    },
    {
      name: 'a third clock beside two that are said',
      core: { inputs: 'aclk b_clk c_clk' },
      keys: own('b_clk'),
      sentence:
        'aclk and c_clk of core can each be the clock; say which with --clock or the key "clock" (--clock aclk,c_clk ' +
        'drives all from one source, --clock aclk,c_clk:PS gives each its own period in picoseconds)',
    },
    {
      name: 'a reset beside a clock whose level its name does not tell',
      core: { inputs: 'clk rst_n eth_clk rst_eth' },
      keys: own('eth_clk'),
      sentence:
        'rst_eth of core may be the reset of its clock eth_clk, and nothing tells its level; say ' +
        "clocks.eth_clk.reset: { port: 'rst_eth', active: 'low' }, 'high', or false if it is none",
    },
    {
      name: 'two resets beside one clock',
      core: { inputs: 'clk rst_n rst eth_clk' },
      keys: own('eth_clk'),
      sentence: 'rst_n and rst of core can each be the reset; say which with --reset or the key "reset"',
    },
    {
      name: 'a bus on a clock that is not driven',
      core: { inputs: 'clk eth_clk' },
      keys: { clock: 'clk', ports: { s_axi: { clock: 'eth_clk' } } },
      sentence: 'clock eth_clk of bus s_axi of core is not driven (driven clocks: clk)',
    },
    {
      name: 'a clock with two sources',
      core: { inputs: 'clk eth_clk' },
      keys: { clock: ['clk', 'eth_clk'], ...own('eth_clk') },
      sentence: 'clock eth_clk of core has two sources; name it once in "clock" and "clocks"',
    },
    {
      name: 'a clock that is none of the inputs',
      core: { inputs: 'clk' },
      keys: own('eht_clk'),
      sentence: 'clock eht_clk of core is not among its ports (1-bit inputs: clk, s_axi_arvalid, s_axi_rready)',
    },
  ]
  test.each(rows)('$name', ({ core, keys, sentence }) => {
    expect(() => find(core, keys)).toThrow(sentence)
  })
})
