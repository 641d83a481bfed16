// Avalon and the native buses of small cores: what is found by name, what is asked, and that they stand back where
// there is another bus.
import { describe, expect, test } from 'vitest'
import type { ModelInput } from '../verilate/to-model.js'
import { apb, find, wishbone } from './port-lists.js'

const clocked = ['input clk', 'input reset_n']
const p = (prefix: string, inputs: string[], outputs: string[]) => [
  ...inputs.map((name) => `input ${prefix}${name}`),
  ...outputs.map((name) => `output ${prefix}${name}`),
]

const secworks = p('', ['cs', 'we', 'address[7:0]', 'write_data[31:0]'], ['read_data[31:0]', 'error'])
const pico = p('iomem_', ['valid', 'addr[31:0]', 'wdata[31:0]', 'wstrb[3:0]'], ['ready', 'rdata[31:0]'])
const registers = p('reg_', ['we', 're', 'addr[7:0]', 'wdata[31:0]', 'be[3:0]'], ['rdata[31:0]', 'error'])
const agent = p(
  'avs_s0_',
  ['address[3:0]', 'read', 'write', 'writedata[31:0]', 'byteenable[3:0]'],
  ['readdata[31:0]', 'waitrequest', 'readdatavalid'],
)
const parallelPort = p('', ['address[1:0]', 'chipselect', 'write_n', 'writedata[31:0]'], ['readdata[31:0]'])

const all = { wordAddress: false, readLatency: 0 }
const fixed = { wordAddress: true, readLatency: 0, readWaitTime: 1 }
const bytesIf = (name: string, bus: Partial<typeof fixed> = all): ModelInput => ({ ports: { [name]: bus } })

describe('found', () => {
  const rows: [string, string[], ModelInput, string, string[]][] = [
    ['as secworks writes it', secworks, bytesIf('native'), 'cs, we', ['addr', 'cs', 'error', 'rdata', 'wdata', 'we']],
    ['PicoRV32’s', pico, {}, 'valid, wstrb', ['addr', 'cs', 'rdata', 'ready', 'wdata', 'wstrb']],
    ['lowRISC’s registers', registers, bytesIf('reg'), 're, we', ['addr', 'be', 'error', 'rdata', 're', 'wdata', 'we']],
    [
      'a block RAM’s',
      p('RAM_', ['EN', 'WE[3:0]', 'ADDR[7:0]', 'DIN[31:0]'], ['DOUT[31:0]']),
      bytesIf('RAM', { wordAddress: true, readLatency: 1 }),
      'cs, we',
      ['addr', 'cs', 'rdata', 'wdata', 'we'],
    ],
    [
      'directions at the end',
      p('', ['ce_i', 'wr_i', 'rd_i', 'addr_i[9:2]', 'data_i[31:0]'], ['data_o[31:0]', 'ack_o']),
      {},
      'cs, we',
      ['addr', 'cs', 'rdata', 're', 'ready', 'wdata', 'we'],
    ],
    [
      'whole words',
      p('x_', ['enable', 'write_enable', 'address[5:0]', 'data_in[7:0]'], ['data_out[7:0]']),
      { ports: { x: { readLatency: 1 } } },
      'cs, we',
      ['addr', 'cs', 'rdata', 'wdata', 'we'],
    ],
  ]
  test.each(rows)('a native bus, %s', (_name, ports, model, kind, signals) => {
    const [bus] = find([...clocked, ...ports], model).ports
    expect(Object.keys(bus?.signals ?? {}).sort()).toEqual(signals)
    expect(find([...clocked, ...ports], model).notes.join()).toContain(`native (${kind}), `)
  })

  test.each([
    ['pipelined', agent, 'avs_s0', { wordAddress: true }, ['readdatavalid', 'waitrequest']],
    ['of old, without a prefix', parallelPort, 'avalon', fixed, ['chipselect', 'write_n']],
    [
      'active low, as SpinalHDL writes it',
      p('io_', ['address[3:0]', 'read', 'write', 'writeData[7:0]'], ['readData[7:0]', 'waitRequestn', 'readDataValid']),
      'io',
      {},
      ['readdatavalid', 'waitrequest_n'],
    ],
    ['write only', p('csr_', ['address[5:2]', 'write', 'writedata[31:0]'], []), 'csr', {}, ['write', 'writedata']],
  ] as const)('an Avalon agent, %s', (_name, ports, name, answers, signals) => {
    const [bus] = find([...clocked, ...ports], { ports: { [name]: answers } }).ports
    expect(bus).toMatchObject({ protocol: 'avalon', name })
    expect(Object.keys(bus?.signals ?? {})).toEqual(expect.arrayContaining([...signals]))
  })
})

describe('asked, all in one sentence', () => {
  const count = (port: string) => `has addresses (${port}) that can count bytes or words of 4 bytes`
  const rows: [string, string[], ModelInput, string][] = [
    [
      'addresses and latency',
      secworks,
      {},
      `bus native of core ${count('address')}, and has no signal that says when its read data are there; say ` +
        `--addresses bytes ` +
        'or words, and --bus readLatency=N (0: in the cycle of the request), or the keys wordAddress, ' +
        'readLatency of ports.native',
    ],
    [
      'latency alone',
      secworks,
      { ports: { '*': { wordAddress: true } } },
      'bus native of core has no signal that says when its read data are there; say --bus readLatency=N (0: in ' +
        'the cycle of the request), or the key readLatency of ports.native',
    ],
    [
      'addresses alone',
      agent,
      {},
      `bus avs_s0 of core ${count('avs_s0_address')}; say --addresses bytes or words, or the key wordAddress`,
    ],
    [
      'what is in the file beside an agent',
      parallelPort,
      { ports: { '*': { wordAddress: true, readLatency: 0 } } },
      'say --bus readWaitTime=N as in its _hw.tcl, 0 and 1 where that says nothing, or the key readWaitTime of ' +
        'ports.avalon',
    ],
    [
      'fewer bits than PicoRV32 has',
      pico.map((port) => port.replace('addr[31:0]', 'addr[7:0]')),
      {},
      `bus iomem of core ${count('iomem_addr')}; say`,
    ],
    [
      'what READY means',
      [...secworks, 'output ready'],
      { ports: { '*': { wordAddress: true } } },
      'bus native of core has no signal that says when its read data are there; say --bus readLatency=N (0: in ' +
        'the cycle',
    ],
    ['two selects', [...secworks, 'input en'], bytesIf('native'), 'cs and en of core can each be the CS of bus native'],
  ]
  test.each(rows)('%s', (_name, ports, model, sentence) => {
    expect(() => find([...clocked, ...ports], model)).toThrow(sentence)
  })
})

describe('refused', () => {
  const rows: [string, string[], ModelInput, string][] = [
    [
      'what a signal tells already',
      agent,
      { ports: { '*': { wordAddress: true, readLatency: 1 } } },
      'bus avs_s0 of core (Avalon-MM) tells by its signals what readLatency would say; leave it out',
    ],
    [
      'a standard that has no such question',
      apb((signal) => `p_${signal}`),
      { ports: { p: { readWaitTime: 1 } } },
      'bus p of core (APB4) tells by its signals what readWaitTime would say; leave it out',
    ],
    [
      'half an agent',
      p('avs_', ['address[3:0]', 'read', 'writedata[31:0]'], ['waitrequest']),
      {},
      'avs lacks readdata, write of Avalon-MM',
    ],
    [
      'an active-low select',
      secworks.map((port) => port.replace(/ (cs|we)$/, ' $1_n')),
      {},
      'has no bus that Trapline can drive',
    ],
    [
      'an incomplete set',
      secworks.filter((port) => !port.includes('write_data')),
      {},
      'has no bus that Trapline can drive',
    ],
    [
      'a memory outside',
      secworks.map((port) => (port.startsWith('in') ? port.replace('in', 'out') : port.replace('out', 'in'))),
      {},
      'native is driven by the RTL itself',
    ],
  ]
  test.each(rows)('%s', (_name, ports, model, sentence) => {
    expect(() => find([...clocked, ...ports], model)).toThrow(sentence)
  })
})

test.each([
  ['APB', apb((signal) => `p_${signal}`), 'apb4'],
  ['Wishbone, in a native bus’s words', wishbone((signal) => `wb_${signal}`), 'wishbone'],
  ['an agent', agent, 'avalon'],
])('a native bus stands back for %s', (_name, ports, protocol) => {
  const model = protocol === 'avalon' ? { ports: { '*': { wordAddress: true } } } : {}
  const { ports: found, leftOut } = find([...clocked, ...secworks, ...ports], model)
  expect(found.map((bus) => bus.protocol)).toEqual([protocol])
  expect(leftOut).toContain('bus native is not driven: it is not among "ports"')
})
