/**
 * Writes RTL with many buses, each in front of registers that hold a different constant each, so that a wrong address
 * shows: bus, data width, declaration of the address, what an address counts, and spelling of names are free.
 */
import type { TraplineConfig } from '../../bridge/config/schema.js'

export interface CountedBus {
  kind: 'apb4' | 'axi4-lite' | 'axi4' | 'wishbone' | 'ahb-lite' | 'tilelink-ul' | 'avalon' | 'native'
  /** Of the last two: cycles after a request at which its data are there. */
  readLatency?: number
  dataBits: number
  /** Bounds of the address ports, as in `[11:2]`. */
  address: [number, number]
  /** What the configuration says of it. */
  wordAddress?: boolean
  capitals?: boolean
}

const registers = 8

/** Bytes that one step of the address is worth. */
function unitOf({ dataBits, address: [left, right], wordAddress }: CountedBus): number {
  const low = left < right ? 0 : right
  return low > 0 ? 2 ** low : wordAddress ? dataBits / 8 : 1
}

/** What register `i` of the bus with that index holds: what a core of this declaration answers in real hardware. */
function valueOf(bus: CountedBus, index: number, i: number): number {
  const bytes = bus.dataBits / 8
  const width = Math.abs(bus.address[0] - bus.address[1]) + 1
  const counted = Math.floor((i * bytes) / unitOf(bus)) % 2 ** Math.min(width, 30)
  return 16 * (index + 1) + (Math.floor(counted / stepsOf(bus)) % 16)
}

/** Of the address, from one register to the next. */
function stepsOf(bus: CountedBus): number {
  return Math.max(1, bus.dataBits / 8 / unitOf(bus))
}

/** A letter of its own for every bus: no prefix begins another. */
function prefixOf({ capitals }: CountedBus, index: number): string {
  const prefix = `bus_${String.fromCharCode(97 + index)}`
  return capitals ? prefix.toUpperCase() : prefix
}

/** The module `counted`. */
export function countedCore(buses: CountedBus[]): string {
  const texts = buses.map((bus, index) => busText(bus, index))
  return `module counted (
  input wire clk, input wire rst,
${texts.map(({ ports }) => `  ${ports.join(', ')}`).join(',\n')}
);
${texts.map(({ body }) => body).join('\n')}
endmodule
`
}

function busText(bus: CountedBus, index: number): { ports: string[]; body: string } {
  const { kind, dataBits, address, capitals } = bus
  const name = (signal: string) => `${prefixOf(bus, index)}_${capitals ? signal.toUpperCase() : signal}`
  const input = (signal: string, range = '') => `input wire ${range} ${name(signal)}`
  const output = (signal: string, range = '') => `output wire ${range} ${name(signal)}`
  const [data, strobe] = [`[${dataBits - 1}:0]`, `[${dataBits / 8 - 1}:0]`]
  const counted = `[${address.join(':')}]`
  const value = (place: string) => `${dataBits}'(${16 * (index + 1)} + ((${place}) / ${stepsOf(bus)}) % 16)`
  if (kind === 'apb4')
    return {
      ports: [
        ...['psel', 'penable', 'pwrite'].map((signal) => input(signal)),
        ...[input('paddr', counted), input('pwdata', data), output('prdata', data)],
      ],
      body: `  assign ${name('prdata')} = ${value(name('paddr'))};`,
    }
  if (kind === 'wishbone')
    return {
      ports: [
        ...['cyc', 'stb', 'we'].map((signal) => input(signal)),
        ...[input('adr', counted), input('sel', strobe), input('dat_w', data), output('dat_r', data), output('ack')],
      ],
      body: `  assign ${name('dat_r')} = ${value(name('adr'))}, ${name('ack')} = ${name('cyc')} & ${name('stb')};`,
    }
  if (kind === 'ahb-lite')
    return {
      ports: [
        ...[input('hsel'), input('htrans', '[1:0]'), input('hsize', '[2:0]'), input('hwrite'), input('hready')],
        ...[input('haddr', counted), input('hwdata', data), output('hrdata', data), output('hreadyout')],
      ],
      body: `  reg [63:0] at_${index};
  always @(posedge clk) if (${name('hready')}) at_${index} <= 64'(${name('haddr')});
  assign ${name('hrdata')} = ${value(`at_${index}`)}, ${name('hreadyout')} = 1;`,
    }
  if (kind === 'tilelink-ul')
    return {
      ports: [
        ...[input('a_valid'), input('a_opcode', '[2:0]'), input('a_size', '[2:0]'), input('a_source', '[3:0]')],
        ...[input('a_address', counted), input('a_mask', strobe), input('a_data', data), output('a_ready')],
        ...[output('d_valid'), output('d_opcode', '[2:0]'), output('d_size', '[2:0]'), output('d_source', '[3:0]')],
        ...[output('d_data', data), input('d_ready')],
      ],
      // Answered at once: a request is taken when its answer is.
      body: `  assign ${name('a_ready')} = ${name('d_ready')}, ${name('d_valid')} = ${name('a_valid')};
  assign ${name('d_opcode')} = 3'(${name('a_opcode')} == 4), ${name('d_size')} = ${name('a_size')};
  assign ${name('d_source')} = ${name('a_source')}, ${name('d_data')} = ${value(name('a_address'))};`,
    }
  if (kind === 'avalon' || kind === 'native') return latentText(bus, index)
  const isLite = kind === 'axi4-lite'
  const request = (channel: string) => [
    ...[input(`${channel}addr`, counted), input(`${channel}valid`), output(`${channel}ready`)],
    ...(isLite
      ? []
      : [input(`${channel}len`, '[7:0]'), input(`${channel}size`, '[2:0]'), input(`${channel}burst`, '[1:0]')]),
  ]
  const q = (register: string) => `${register}_${index}`
  return {
    ports: [
      ...request('aw'),
      ...[input('wdata', data), input('wstrb', strobe), input('wvalid'), output('wready')],
      ...[output('bvalid'), input('bready'), output('bresp', '[1:0]')],
      ...request('ar'),
      ...[output('rdata', data), output('rvalid'), input('rready'), output('rresp', '[1:0]')],
      ...(isLite ? [] : [input('wlast'), output('rlast')]),
    ],
    // Writes are never answered: nobody makes one. Beats of a burst count on from its first.
    body: `  reg ${q('busy')}; reg [63:0] ${q('at')}; reg [7:0] ${q('left')};
  assign ${name('awready')} = 0, ${name('wready')} = 0, ${name('bvalid')} = 0;
  assign ${name('bresp')} = 0, ${name('rresp')} = 0;
  assign ${name('arready')} = !${q('busy')}, ${name('rvalid')} = ${q('busy')};
  assign ${name('rdata')} = ${q('busy')} ? ${value(q('at'))} : 0;
  ${isLite ? '' : `assign ${name('rlast')} = ${q('left')} == 0;`}
  always @(posedge clk)
    if (rst) ${q('busy')} <= 0;
    else if (!${q('busy')}) begin
      ${q('busy')} <= ${name('arvalid')}; ${q('at')} <= 64'(${name('araddr')});
      ${q('left')} <= ${isLite ? '0' : name('arlen')};
    end else if (${name('rready')}) begin
      ${q('busy')} <= ${q('left')} != 0; ${q('left')} <= ${q('left')} - 1; ${q('at')} <= ${q('at')} + ${stepsOf(bus)};
    end`,
  }
}

/** An Avalon agent or a native bus: data are there so many cycles after a read, and only then. */
function latentText(bus: CountedBus, index: number): { ports: string[]; body: string } {
  const { kind, dataBits, address, capitals, readLatency = 0 } = bus
  const name = (signal: string) => `${prefixOf(bus, index)}_${capitals ? signal.toUpperCase() : signal}`
  const [data, strobe] = [`[${dataBits - 1}:0]`, `[${dataBits / 8 - 1}:0]`]
  const counted = `[${address.join(':')}]`
  const words =
    kind === 'avalon'
      ? { address: 'address', wdata: 'writedata', be: 'byteenable', rdata: 'readdata', read: 'read', write: 'write' }
      : { address: 'addr', wdata: 'wdata', be: 'be', rdata: 'rdata', read: 'cs', write: 'we' }
  const ranges = { [words.address]: counted, [words.wdata]: data, [words.be]: strobe }
  const inputs = [words.read, words.write, ...Object.keys(ranges)]
  const value = `${dataBits}'(${16 * (index + 1)} + ((${name(words.address)}) / ${stepsOf(bus)}) % 16)`
  const stages = Array.from({ length: readLatency + 1 }, (_, i) => `stage_${index}_${i}`)
  return {
    ports: [
      ...inputs.map((signal) => `input wire ${ranges[signal] ?? ''} ${name(signal)}`),
      `output wire ${data} ${name(words.rdata)}`,
    ],
    body: `  wire ${data} ${stages[0] ?? ''} = ${name(words.read)} ? ${value} : ~${dataBits}'d0;
${stages
  .slice(1)
  .map((stage, i) => `  reg ${data} ${stage}; always @(posedge clk) ${stage} <= ${stages[i] ?? ''};`)
  .join('\n')}
  assign ${name(words.rdata)} = ${stages.at(-1) ?? ''};`,
  }
}

const base = 0x43c0_0000

export function countedConfig(buses: CountedBus[], file: string): TraplineConfig {
  const ports = buses.map((bus, index) => {
    const { kind, wordAddress, readLatency } = bus
    const times = readLatency === undefined ? {} : { readLatency, ...(kind === 'avalon' && { readWaitTime: 0 }) }
    return [prefixOf(bus, index), { wordAddress, ...times }]
  })
  const devices = buses.map((bus, index) => [
    `d${index}`,
    { kind: 'mem', base: base + 0x1000 * index, size: 0x1000, model: 'counted', port: prefixOf(bus, index) },
  ])
  return {
    models: { counted: { top: 'counted', sources: [file], ports: Object.fromEntries(ports) } },
    devices: Object.fromEntries(devices),
  }
}

/** Reads the registers of all buses, in words as wide as each bus has; a line per bus. */
export function countedProgram(buses: CountedBus[]): string[] {
  const words = buses.map(({ dataBits }) => [Math.min(8, dataBits / 8), dataBits / 8])
  const program = `
import mmap, os
file = os.open('/dev/mem', os.O_RDWR)
for index, (width, stride) in enumerate(${JSON.stringify(words)}):
    device = mmap.mmap(file, 4096, offset=${base} + 4096 * index)
    view = memoryview(device).cast({1: 'B', 2: 'H', 4: 'I', 8: 'Q'}[width])
    print(*[view[i * stride // width] for i in range(${registers})])
`
  return ['python3', '-c', program]
}

export function countedAnswers(buses: CountedBus[]): string {
  const lines = buses.map((bus, index) => Array.from({ length: registers }, (_, i) => valueOf(bus, index, i)).join(' '))
  return `${lines.join('\n')}\n`
}
