// Buses of 8 to 1024 bits: every width of access at odd alignments, in both directions, against bytes in an array, with
// guard bytes around it. One core has them all.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configSchema } from '../../bridge/config/schema.js'
import { verilatorModels } from '../../bridge/config/used-models.js'
import { cacheDirectory, packageDirectory } from '../../bridge/ground/paths.js'
import { buildModel, type BuiltModel } from '../../bridge/verilate/build-model.js'
import { buildTimeoutMs, runCore, type RunningCore } from './run-model.js'

const memoryBytes = 4096

interface Bus {
  module: string
  /** How the module's own names begin. */
  prefix?: string
  parameters?: string
  /** Name, direction and bits of each signal, of a bus so many bits wide. */
  signals: (width: number) => string[]
  widths: number[]
}

/** AW or AR. */
const request = (channel: string, isBurst: boolean) => [
  `${channel}addr input 12`,
  `${channel}valid input`,
  `${channel}ready output`,
  ...(isBurst ? ['id input 4', 'len input 8', 'size input 3', 'burst input 2'].map((name) => channel + name) : []),
]

const axi = (isBurst: boolean) => (width: number) => [
  ...[...request('aw', isBurst), ...request('ar', isBurst)],
  ...[`wdata input ${width}`, `wstrb input ${width / 8}`, 'wvalid input', 'wready output'],
  ...['bresp output 2', 'bvalid output', 'bready input'],
  ...[`rdata output ${width}`, 'rresp output 2', 'rvalid output', 'rready input'],
  ...(isBurst ? ['wlast input', 'rlast output', 'bid output 4', 'rid output 4'] : []),
]

const wishbone = (width: number) => [
  ...['cyc input', 'stb input', 'we input', 'adr input 12', 'ack output'],
  ...[`dat_w input ${width}`, `dat_r output ${width}`, `sel input ${width / 8}`],
]

const buses: Record<string, Bus> = {
  axil: {
    ...{ module: 'axil_ram', prefix: 's_axil_', parameters: ', .AddrWidth(12), .Depth(32768 / WIDTH)' },
    ...{ signals: axi(false), widths: [8, 16, 128, 1024] },
  },
  axi: {
    ...{ module: 'axi4_ram', prefix: 's_axi_', parameters: ', .AddrWidth(12), .Depth(32768 / WIDTH)' },
    ...{ signals: axi(true), widths: [8, 16, 1024] },
  },
  apb: {
    module: 'apb_ram',
    signals: (width) => [
      ...['psel input', 'penable input', 'pwrite input', 'paddr input 12', 'pready output'],
      ...[`pwdata input ${width}`, `pstrb input ${width / 8}`, `prdata output ${width}`],
    ],
    widths: [8, 64, 256],
  },
  wb: { module: 'wb_ram', signals: wishbone, widths: [16, 128, 1024] },
  wbp: {
    ...{ module: 'wb_ram', parameters: ', .Pipelined(1)', widths: [8, 512] },
    signals: (width) => [...wishbone(width), 'stall output'],
  },
}

const managerWidths = [16, 1024]
const copier = (width: number) =>
  axi(true)(width)
    .filter((signal) => !/^(aw|ar|b|r)id /.test(signal))
    .map((signal) => signal.replace('addr input 12', 'addr input 32'))
    .map((signal) => signal.replace(/input|output/, (direction) => (direction === 'input' ? 'output' : 'input')))

function portText(prefix: string, signal: string): string {
  const [name, direction, bits = '1'] = signal.split(' ')
  return `${direction} logic [${bits}-1:0] ${prefix}_${name}`
}

function instanceText(prefix: string, module: string, signals: string[], extra = ''): string {
  const pins = signals.map((signal) => signal.split(' ')[0] as string)
  const own = Object.values(buses).find((bus) => bus.module === module)?.prefix ?? ''
  return (
    `  ${module} ${extra} ${prefix}_part (.clk_i, .rst_ni, ` +
    `${pins.map((pin) => `.${own}${pin}(${prefix}_${pin})`).join(', ')}`
  )
}

/** Each bus with a memory behind it; `ctl`, a bus whose writes start the managers. */
function coreText(): string {
  const control = [
    'psel input',
    'penable input',
    'pwrite input',
    'paddr input 8',
    'pwdata input 32',
    'prdata output 32',
  ]
  const parts = Object.entries(buses).flatMap(([kind, { module, parameters = '', signals, widths }]) =>
    widths.map((width) => {
      const prefix = `${kind}${width}`
      const settings = `#(.DataWidth(${width})${parameters.replace('WIDTH', String(width))})`
      return {
        ports: signals(width).map((signal) => portText(prefix, signal)),
        body: `${instanceText(prefix, module, signals(width), settings)});`,
      }
    }),
  )
  const managers = managerWidths.map((width, index) => {
    const prefix = `m${width}`
    const more =
      `.start_i(start[${index}]), .address_i(address), .beats_i(shape[7:0]), .size_i(shape[10:8]), ` +
      `.busy_o(busy[${index}])`
    return {
      ports: copier(width).map((signal) => portText(prefix, signal)),
      body: `${instanceText(prefix, 'burst_copier', copier(width), `#(.DataWidth(${width}))`)}, ${more});`,
    }
  })
  const ports = [
    ...control.map((signal) => portText('ctl', signal)),
    ...[...parts, ...managers].flatMap(({ ports }) => ports),
  ]
  return `module widths (
  input logic clk_i, input logic rst_ni,
  ${ports.join(',\n  ')}
);
  // 0, 4: address and start of each manager; 8: shape of its burst; any read: who is busy
  logic [31:0] address, shape;
  logic [1:0] busy, start;
  assign ctl_prdata = 32'(busy);
  always_ff @(posedge clk_i) begin
    start <= 2'(ctl_psel && ctl_penable && ctl_pwrite && !ctl_paddr[3]) << ctl_paddr[2];
    if (ctl_psel && ctl_penable && ctl_pwrite && ctl_paddr[3]) shape <= ctl_pwdata;
    if (ctl_psel && ctl_penable && ctl_pwrite && !ctl_paddr[3]) address <= ctl_pwdata;
  end
${[...parts, ...managers].map(({ body }) => body).join('\n')}
endmodule
`
}

const subordinates = Object.entries(buses).flatMap(([kind, { widths }]) => widths.map((width) => ({ kind, width })))
const names = ['ctl', ...subordinates.map(({ kind, width }) => `${kind}${width}`)]

const home = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

let built: BuiltModel
beforeAll(async () => {
  writeFileSync(join(home, 'widths.sv'), coreText())
  const library = ['hdl/models/axil_ram.sv', 'hdl/models/axi4_ram.sv', 'test/hdl/cores/width_parts.sv']
  const ports = Object.fromEntries(names.map((name) => [name, name.startsWith('wb') ? { wordAddress: false } : {}]))
  const sources = [...library.map((file) => join(packageDirectory, file)), 'widths.sv']
  const { core } = verilatorModels(
    configSchema.parse({ models: { core: { top: 'widths', sources, ports } }, devices: {} }).models,
  )
  if (!core) throw new Error('the configuration lost its model')
  built = await buildModel(core, { name: 'widths', configDir: home, trace: false, cacheDir: cacheDirectory() })
}, buildTimeoutMs)

const start = (name: string, stall = 0) =>
  runCore(built, { port: names.indexOf(name), deviceSize: memoryBytes, seed: 3, ...(stall > 0 && { stall }) })

/** A repeatable sequence of bytes, no two neighbours equal. */
function* patternBytes(): Generator<number> {
  for (let state = 1; ; state = (state * 75 + 74) % 65537) yield state & 0xff
}

async function sweep(core: RunningCore, accessWidths: number[], alignments: number[]): Promise<void> {
  const pattern = patternBytes()
  const take = (count: number) => Buffer.from(Array.from({ length: count }, () => pattern.next().value as number))
  const memory = take(memoryBytes)
  await core.answered({ operation: 'write', offset: 0n, widthBytes: memoryBytes, data: memory })
  for (const widthBytes of accessWidths)
    for (const offset of alignments) {
      const data = take(widthBytes)
      data.copy(memory, offset)
      const place = { offset: BigInt(offset), widthBytes }
      expect(await core.answered({ operation: 'write', ...place, data })).toMatchObject({ status: 'OKAY' })
      expect((await core.answered({ operation: 'read', ...place })).data).toEqual(data)
    }
  const all = await core.answered({ operation: 'read', offset: 0n, widthBytes: memoryBytes })
  expect(all.data.equals(memory)).toBe(true)
}

test.each(subordinates)('$kind of $width bits holds what was written, and nothing beside it changes', async (bus) => {
  const bytes = bus.width / 8
  const alignments = [0, 1, 3, 8, 63, 64, 127, 130].flatMap((offset) => [offset, 1024 + 16 * offset])
  const core = await start(`${bus.kind}${bus.width}`)
  await sweep(
    core,
    [1, 2, 3, 4, 8, 16, 31, 64, 100, 256].filter((width) => width <= 64 * bytes),
    alignments,
  )
  await sweep(await start(`${bus.kind}${bus.width}`, 40), [1, 4, 64, 129], [0, 3, 67, 1021])
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
})

test('masked accesses reach only their bytes of a wide word', async () => {
  for (const name of ['axil1024', 'axi1024', 'wb1024', 'apb256', 'wbp512']) {
    const core = await start(name)
    await core.answered({ operation: 'write', offset: 0n, widthBytes: 256, data: Buffer.alloc(256) })
    const masked = { offset: 61n, widthBytes: 64, byteEnables: 0x8000_0001_0000_0009n }
    await core.answered({ operation: 'write', ...masked, data: Buffer.alloc(64, 0xff) })
    const all = (await core.read(0, 256)).data
    expect([...all.keys()].filter((index) => all[index] !== 0)).toEqual([61, 64, 93, 124])
  }
})

const physical = 0x1000_0000
const bursts = [
  { offset: 0, beats: 1, size: 0 },
  { offset: 127, beats: 5, size: 0 },
  { offset: 66, beats: 7, size: 1 },
  { offset: 256, beats: 16, size: 1 },
  { offset: 63, beats: 3, size: 1 },
  { offset: 0, beats: 16, size: 7 },
  { offset: 200, beats: 4, size: 7 },
  { offset: 72, beats: 9, size: 5 },
  { offset: 65, beats: 2, size: 6 },
]

test.each(managerWidths)('a manager of %i bits reads and writes the bytes it means', async (width) => {
  const core = await start('ctl')
  const memory = Buffer.alloc(4096)
  await core.map(BigInt(physical), memory)
  for (const { offset, beats, size } of bursts.filter(({ size }) => 2 ** size <= width / 8)) {
    for (const [index, byte] of Array.from(memory.keys(), (i) => (i * 37 + size) & 0xff).entries()) memory[index] = byte
    const expected = Buffer.from(memory)
    const end = offset - (offset % 2 ** size) + beats * 2 ** size
    for (let at = offset; at < end; at++) expected[at + 2048] = ~(memory[at] as number)
    await core.write(8, beats | (size << 8))
    await core.write(4 * managerWidths.indexOf(width), physical + offset)
    await core.advance(100)
    expect(await core.value(0)).toBe(0n)
    expect(memory.equals(expected), JSON.stringify({ offset, beats, size })).toBe(true)
  }
  expect(core.dmaFaults).toEqual([])
  expect(await core.stop()).toMatchObject({ status: 0, fault: undefined })
})
