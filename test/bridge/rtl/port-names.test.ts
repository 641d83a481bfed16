// Port names as other people write them: each is found, or leads to one question whose answer is taken.
import { describe, expect, test } from 'vitest'
import { apb, axiLite, find, type Naming, wishbone } from './port-lists.js'

const plain = ['input clk', 'input rst_n']
const data =
  (write: string, read: string, prefix = 'wb_') =>
  (signal: string) =>
    prefix + (signal === 'wdata' ? write : signal === 'rdata' ? read : signal)

const lettered: Naming = (s, d) => `wb_${s.replace(/[rw]data/, 'dat')}${d[0] ?? ''}`
const paired: Naming = (s, d) => `apb_${d === 'in' ? 'req' : 'rsp'}_${s}`
const fuseSoc =
  (name: string): Naming =>
  (s, d) =>
    data('dat', 'dat', `wb_${d === 'in' ? 'm2s' : 's2m'}_${name}`)(s)

describe('a bus whose signals are all found', () => {
  const rows: { style: string; ports: (name: Naming) => string[]; naming: Naming; port: string }[] = [
    { style: 'the role as a suffix', ports: apb, naming: (s) => `${s}_s`, port: 's' },
    { style: 'the role and the direction as suffixes', ports: apb, naming: (s, d) => `${s}_s_${d[0]}`, port: 's' },
    { style: 'two words as suffix', ports: apb, naming: (s) => `${s}_cpu_s`, port: 'cpu_s' },
    { style: 'capitals and a suffix', ports: apb, naming: (s) => `${s.toUpperCase()}_S`, port: 'S' },
    { style: 'PSELx', ports: apb, naming: (s) => (s === 'psel' ? 'PSELx' : s.toUpperCase()), port: 'apb' },
    { style: 'a numbered suffix', ports: axiLite, naming: (s) => `${s}_s0`, port: 's0' },
    { style: 'a number', ports: axiLite, naming: (s) => `${s}1`, port: '1' },
    { style: 'prefix and number', ports: axiLite, naming: (s) => `s_axi_${s}_0`, port: 's_axi_0' },
    { style: 'prefix and number of an APB', ports: apb, naming: (s) => `APB_S_${s}_0`, port: 'APB_S_0' },
    { style: 'the direction first', ports: axiLite, naming: (s, d) => `${d}_axi_${s}`, port: 'axi' },
    { style: 'the long direction first', ports: axiLite, naming: (s, d) => `${d}put_axi_${s}`, port: 'axi' },
    { style: 'the direction as a letter', ports: axiLite, naming: (s, d) => s + (d[0] ?? ''), port: 'axi' },
    { style: 'prefix and the direction as a letter', ports: wishbone, naming: lettered, port: 'wb' },
    { style: 'requests and responses', ports: apb, naming: paired, port: 'apb' },
    { style: 'SpinalHDL', ports: wishbone, naming: (s) => data('DAT_MOSI', 'DAT_MISO', 'io_bus_')(s), port: 'io_bus' },
    { style: 'PeakRDL', ports: wishbone, naming: data('idat', 'odat'), port: 'wb' },
    { style: 'wdata and rdata', ports: wishbone, naming: data('wdata', 'rdata'), port: 'wb' },
    { style: 'din and dout', ports: wishbone, naming: data('din', 'dout'), port: 'wb' },
    { style: 'FuseSoC', ports: wishbone, naming: fuseSoc(''), port: 'wb' },
    { style: 'FuseSoC, a named one', ports: wishbone, naming: fuseSoc('uart_'), port: 'wb_uart' },
    { style: 'SERV', ports: wishbone, naming: (s, d) => `${d[0] ?? ''}_${data('dat', 'rdt')(s)}`, port: 'wb' },
  ] // prettier-ignore

  test.each(rows)('$style', ({ ports, naming, port }) => {
    const declared = ports(naming)
    const found = find([...plain, ...declared])
    expect(found.ports.map(({ name, signals }) => [name, Object.keys(signals).length])).toEqual([
      [port, declared.length],
    ])
    expect(found.leftOut.filter((note) => !note.startsWith('addresses'))).toEqual([])
  })
})

describe('a bus that has been found stays the one', () => {
  const usual = axiLite((s) => `s_axi_${s}`)
  test.each([
    { beside: 'a freer one', ports: apb((s) => `${s}_s`), left: ['bus s is not driven: it is not among "ports"'] },
    { beside: 'half of a freer one', ports: apb((s) => `${s}_s`).slice(0, 4), left: [] },
    { beside: 'words that only look so', ports: ['input stb_cnt', 'output adr_cnt'], left: [] },
  ])('beside $beside', ({ ports, left }) => {
    const found = find([...plain, ...usual, ...ports])
    expect(found.ports.map(({ name }) => name)).toEqual(['s_axi'])
    expect(found.leftOut.filter((note) => note.startsWith('bus'))).toEqual(left)
  })

  test('and the freer one is driven if it is named', () => {
    const ports = [...plain, ...usual, ...apb((s) => `${s}_s`)]
    expect(find(ports, { ports: { s: {}, s_axi: {} } }).ports.map(({ protocol }) => protocol)).toEqual([
      'apb4',
      'axi4-lite',
    ])
  })

  test('of two freer ones none is chosen', () => {
    const ports = [...plain, ...axiLite((s) => `${s}_s0`), ...axiLite((s) => `${s}_s1`)]
    expect(() => find(ports)).toThrow('s0 and s1 of core can each be the port; say which with --port')
  })
})

test('what stands beside a bus with a suffix is asked for, too', () => {
  const ports = [...plain, ...apb((s) => (s === 'pstrb' ? 'pwbe_s' : `${s}_s`))]
  expect(() => find(ports)).toThrow('pwbe_s of core may be the PSTRB that bus s (APB4) lacks')
})

test('of two ports that can be one signal none is chosen', () => {
  const ports = [...plain, ...wishbone(data('dat_i', 'dat_o')), 'input wb_addr[11:0]']
  const sentence = 'wb_adr and wb_addr of core can each be the ADR of bus wb; say which with --signal adr=wb_adr'
  expect(() => find(ports)).toThrow(sentence)
  const { ports: buses } = find(ports, { ports: { wb: { signals: { adr: 'wb_addr' }, wordAddress: false } } })
  expect(buses[0]?.signals['adr']?.name).toBe('wb_addr')
})

const bus = apb((s) => s)

describe('the only clock, under whatever name', () => {
  const names =
    'clk_sys_i clk_100 clkin CLK100MHZ mclk clk_ref ck clk_in1 pclkg clk_50m CLOCK_50 fclk clk0 ACLK_0 clk_i'
  test.each(names.split(' '))('%s', (name) => {
    const found = find([`input ${name}`, 'input rst_n', ...bus])
    expect(found.domains[0].clocks).toEqual([name])
    expect(found.notes).toContain(`clock ${name}`)
  })

  test('two of them are a question', () => {
    const ports = ['input clk_100', 'input clk_50m', 'input rst_n', ...bus]
    expect(() => find(ports)).toThrow('clk_100 and clk_50m of core can each be the clock; say which with --clock')
  })

  test('a usual name goes before them, and they are told', () => {
    const { domains, heldClocks } = find(['input clk_50m', 'input clk', 'input rst_n', ...bus])
    expect([domains[0].clocks, heldClocks]).toEqual([['clk'], ['clk_50m']])
  })

  test.each(['clk_en', 'clk_gate', 'clk_sel', 'clk_locked', 'clock_valid'])('but not %s', (name) => {
    expect(() => find([`input ${name}`, 'input rst_n', ...bus])).toThrow('no port of core has a usual clock name')
  })
})

describe('the only reset', () => {
  const names = 'rst_sync_n por_n rst_clk_n aresetn_0 clr_n rst_in_n cresetn rst_n_sys nrst_core sys_rst_ni'
  test.each(names.split(' '))('%s is active low', (name) => {
    const found = find(['input clk', `input ${name}`, ...bus])
    expect(found.domains[0].resets).toEqual([{ port: name, active: 'low' }])
  })

  test.each(['rstz', 'RST_X', 'por', 'rst_sys', 'reset_done_n'])('%s is asked about', (name) => {
    const sentence = `${name} of core may be its reset, and nothing tells its level; say --reset ${name}:low`
    const ports = ['input clk', `input ${name}`, ...bus]
    expect(() => find(ports)).toThrow(sentence)
    expect(find(ports, { reset: { port: name, active: 'high' } }).domains[0].resets).toEqual([
      { port: name, active: 'high' },
    ])
  })

  test('two of them are asked about', () => {
    const ports = ['input clk', 'input por_n', 'input rst_sync_n', ...bus]
    expect(() => find(ports)).toThrow('por_n, rst_sync_n of core may be its reset')
  })

  test('one that is held as an input is not it', () => {
    expect(find(['input clk', 'input por_n', ...bus], { inputs: { por_n: 1 } }).domains[0].resets).toEqual([])
  })
})
