/**
 * Each register is the right one, however a core's address ports are declared and whatever they count; and DMA reaches
 * the right word of memory.
 */
import { basename } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { countedAnswers, type CountedBus, countedConfig, countedCore, countedProgram } from '../support/counted-core.js'
import { numbers } from '../support/numbers.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const table: CountedBus[] = [
  { kind: 'apb4', dataBits: 32, address: [11, 2] },
  { kind: 'apb4', dataBits: 32, address: [7, 1], capitals: true },
  { kind: 'apb4', dataBits: 8, address: [11, 2] },
  { kind: 'apb4', dataBits: 16, address: [5, 0], wordAddress: true },
  { kind: 'axi4-lite', dataBits: 32, address: [11, 2], wordAddress: true },
  { kind: 'axi4-lite', dataBits: 64, address: [31, 3] },
  { kind: 'axi4-lite', dataBits: 32, address: [3, 0], wordAddress: true },
  { kind: 'axi4', dataBits: 64, address: [31, 2] },
  { kind: 'axi4', dataBits: 32, address: [9, 0], wordAddress: true },
  { kind: 'wishbone', dataBits: 32, address: [31, 2], capitals: true },
  { kind: 'wishbone', dataBits: 32, address: [29, 0], wordAddress: true },
  { kind: 'wishbone', dataBits: 16, address: [0, 15], wordAddress: false },
  { kind: 'wishbone', dataBits: 64, address: [28, 0], wordAddress: false },
  { kind: 'wishbone', dataBits: 8, address: [2, 0] },
]

/** A model has 16 buses at most. */
const otherTable: CountedBus[] = [
  { kind: 'ahb-lite', dataBits: 32, address: [11, 2], capitals: true },
  { kind: 'ahb-lite', dataBits: 128, address: [31, 0], wordAddress: true },
  { kind: 'tilelink-ul', dataBits: 32, address: [31, 2] },
  { kind: 'tilelink-ul', dataBits: 64, address: [11, 0], capitals: true },
  { kind: 'avalon', dataBits: 32, address: [9, 0], wordAddress: true, readLatency: 1 },
  { kind: 'native', dataBits: 64, address: [7, 3], capitals: true, readLatency: 0 },
]

const widths: Record<CountedBus['kind'], number[]> = {
  apb4: [8, 16, 32],
  'axi4-lite': [8, 16, 32, 64, 128, 1024],
  axi4: [8, 16, 32, 64, 128, 256, 512, 1024],
  wishbone: [8, 16, 32, 64, 128, 1024],
  'ahb-lite': [8, 16, 32, 64, 128, 256, 512, 1024],
  'tilelink-ul': [8, 16, 32, 64, 128, 256, 512, 1024],
  avalon: [8, 16, 32, 64, 128, 1024],
  native: [8, 16, 32, 64, 128, 1024],
}

function anyBuses(seed: number): CountedBus[] {
  const next = numbers(seed)
  const kinds = Object.keys(widths) as CountedBus['kind'][]
  return Array.from({ length: 14 }, (): CountedBus => {
    const kind = kinds[next(kinds.length)] as CountedBus['kind']
    const dataBits = widths[kind][next(widths[kind].length)] as number
    const low = next(2) * next(5)
    const answer = low === 0 && { wordAddress: next(2) === 1 }
    // Wide enough for all registers that are read.
    const high = Math.max(low, Math.log2(dataBits) - 1) + next(20)
    const times = (kind === 'avalon' || kind === 'native') && { readLatency: next(4) }
    return { kind, dataBits, address: [high, low], capitals: next(2) === 1, ...answer, ...times }
  })
}

const seed = Number(process.env.TRAPLINE_TEST_SEED ?? 1)

it.each([
  { name: 'a table of declarations', buses: table },
  { name: 'a table of those of other buses', buses: otherTable },
  { name: 'any declarations', buses: anyBuses(seed) },
])('registers behind $name', async ({ buses }) => {
  const scratch = makeScratch()
  const file = basename(scratch.write('counted.sv', countedCore(buses)))
  const { stdout, stderr, status } = await runHost(scratch, countedConfig(buses, file), countedProgram(buses))
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: countedAnswers(buses) })
})

/** Writes 5 to 8 to the four words of its memory from bus address 0x10000000 on, each at a write to its register. */
const writer = `module writer (
  input wire clk, input wire rst,
  input wire psel, input wire penable, input wire pwrite, input wire [4:0] paddr, input wire [31:0] pwdata,
  output wire [31:0] prdata,
  output wire [31:2] m_awaddr, output reg m_awvalid, input wire m_awready,
  output wire [31:0] m_wdata, output reg m_wvalid, input wire m_wready, input wire m_bvalid, output wire m_bready,
  output wire [31:2] m_araddr, output wire m_arvalid, input wire m_arready,
  input wire [31:0] m_rdata, input wire m_rvalid, output wire m_rready);
  reg [1:0] word;
  assign m_awaddr = 30'h4000000 + word, m_wdata = 32'd5 + word, m_bready = 1, m_araddr = 0, m_arvalid = 0, m_rready = 1;
  assign prdata = m_awvalid | m_wvalid;
  always @(posedge clk)
    if (rst) {m_awvalid, m_wvalid} <= 0;
    else if (psel & penable & pwrite) begin {m_awvalid, m_wvalid} <= 3; word <= paddr[3:2]; end
    else begin
      if (m_awready) m_awvalid <= 0;
      if (m_wready) m_wvalid <= 0;
    end
endmodule
`

const reader = `
import mmap, os
registers = memoryview(mmap.mmap(os.open('/dev/mem', os.O_RDWR), 4096, offset=0x43c00000)).cast('I')
buffer = memoryview(mmap.mmap(os.open('/dev/buffer', os.O_RDWR), 4096)).cast('I')
for i in range(4):
    registers[i] = 1
    while registers[0]: pass
print(*buffer[0:5])
`

it('DMA of a core whose address ports lack their lowest bits', async () => {
  const scratch = makeScratch()
  const models = { writer: { top: 'writer', sources: [basename(scratch.write('writer.v', writer))] } }
  const devices: TraplineConfig['devices'] = {
    registers: { kind: 'mem', base: 0x43c0_0000, size: 0x20, model: 'writer' },
    buffer: { kind: 'u-dma-buf', size: 4096, address: 0x1000_0000 },
  }
  const { stdout, stderr } = await runHost(scratch, { models, devices }, ['python3', '-c', reader])
  expect(stdout, stderr).toBe('5 6 7 8 0\n')
})
