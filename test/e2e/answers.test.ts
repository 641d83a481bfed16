/** What the run asks is answered by a flag, and `init` writes the answer down; what it leaves out, it names. */
import { expect, it } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const map = `/dev/mem@${at(0)}+0x1000`

/** Four registers behind word addresses, and signals under names of their own: lanes, and a fault at 0x20 and above. */
const own = `module own (
  input wire clk, input wire clr_x,
  input wire wb_cyc, input wire wb_stb, input wire wb_we, input wire [29:0] wb_adr, input wire [3:0] wb_lanes,
  input wire [31:0] wb_dat_i, output wire [31:0] wb_dat_o, output wire wb_ack, output wire wb_fault);
  reg [31:0] registers [0:3];
  integer i;
  assign wb_dat_o = registers[wb_adr[1:0]], wb_fault = wb_cyc & wb_stb & wb_adr[3],
    wb_ack = wb_cyc & wb_stb & ~wb_adr[3];
  always @(posedge clk or negedge clr_x)
    if (!clr_x) for (i = 0; i < 4; i = i + 1) registers[i] <= 32'h10 + i;
    else if (wb_ack & wb_we)
      for (i = 0; i < 4; i = i + 1) if (wb_lanes[i]) registers[wb_adr[1:0]][8*i+:8] <= wb_dat_i[8*i+:8];
endmodule
`

const script = [
  ...[0, 4, 8, 0xc].map((offset) => `busybox devmem ${at(offset)} 32`),
  `busybox devmem ${at(9)} 8 0xab`,
  `busybox devmem ${at(8)} 32`,
  `busybox devmem ${at(0x20)} 32; echo $?`,
]
const program = ['sh', '-c', script.join('\n')]
const values = '0x00000010\n0x00000011\n0x00000012\n0x00000013\n0x0000AB12\n135\n'

it('questions one after the other, their answers, and the configuration that init makes of them', async () => {
  const scratch = makeScratch()
  scratch.write('own.v', own)
  const rtl = ['--rtl', 'own.v', '--top', 'own', '--map', map]
  const answers: string[] = []
  for (const { question, answer } of [
    { question: /30 address bits \(wb_adr\).*--addresses words/, answer: ['--addresses', 'words'] },
    { question: /wb_lanes of own may be the SEL .*--signal sel=wb_lanes/, answer: ['--signal', 'sel=wb_lanes'] },
    { question: /wb_fault of own may be the ERR .*--signal err=wb_fault/, answer: ['--signal', 'err=wb_fault'] },
    { question: /clr_x of own may be its reset.*--reset clr_x:low/, answer: ['--reset', 'clr_x:low'] },
  ]) {
    const { status, sentences } = await trapline(scratch, ['run', ...rtl, ...answers, '--', ...program])
    expect({ status, sentences }).toEqual({ status: 125, sentences: [expect.stringMatching(question)] })
    answers.push(...answer)
  }
  const ended = await trapline(scratch, ['run', ...rtl, ...answers, '--', ...program])
  expect(ended.stdout, ended.stderr).toBe(values)
  expect(ended.stderr).toMatch(/Wishbone.*, 32-bit data, 32-bit address, addresses count words of 4 bytes/)

  const init = await trapline(scratch, ['init', ...rtl, ...answers, '--output', 'trapline.config.json'])
  expect(init.status, init.stderr).toBe(0)
  const configured = await trapline(scratch, ['run', '--', ...program])
  expect(configured.stdout, configured.stderr).toBe(values)
  const twice = await trapline(scratch, ['run', '--addresses', 'words', '--', ...program])
  expect(twice.sentences).toEqual([
    '--addresses is about the RTL of --rtl; in a configuration it is models.NAME.ports.PREFIX.wordAddress',
  ])
})

/** No reset; half of a manager; an access that waits for a second clock. */
const halves = `module halves (
  input wire pclk, input wire core_clk, input wire psel, input wire penable, input wire pwrite, input wire [7:0] paddr,
  input wire [31:0] pwdata, output wire [31:0] prdata, output wire pready,
  output wire [31:0] m_araddr, output wire m_arvalid, input wire m_arready);
  reg answer = 0;
  always @(posedge core_clk) answer <= psel & penable;
  assign prdata = 32'h5c, pready = paddr[2] ? answer : 1'b1, m_araddr = 0, m_arvalid = 0;
endmodule
`

it('a core without reset runs, and what is left out is named with a configuration too', async () => {
  const scratch = makeScratch()
  const model = { top: 'halves', sources: [scratch.write('halves.v', halves)], clock: 'pclk' }
  const config = scratch.write('c.json', { ...configOf(model), maxCycles: 200 })
  const commands = `busybox devmem ${at(0)} 32; busybox devmem ${at(4)} 32`
  const { stdout, status, sentences } = await trapline(scratch, ['run', '--config', config, '--', 'sh', '-c', commands])
  expect({ stdout, status }).toEqual({ stdout: '0x0000005C\n', status: 125 })
  const start = sentences.find((sentence) => sentence.startsWith('dut: '))
  expect(start).toMatch(
    /manager m is not served: it lacks .*rdata.*; inputs held at 0: core_clk, m_arready; clocks among/,
  )
  expect(sentences.join('\n')).toMatch(/TIMEOUT on read .* \(of its model's clocks, core_clk is held at 0\)/)

  const both = scratch.write('both.json', { ...configOf({ ...model, clock: ['pclk', 'core_clk'] }), maxCycles: 200 })
  const driven = await trapline(scratch, ['run', '--config', both, '--', 'sh', '-c', commands])
  expect(driven.stdout, driven.stderr).toBe('0x0000005C\n0x0000005C\n')
})

/** A native bus, as small cores have it: words, no strobes, read data a cycle late and 0 at other times. */
const tiny = `module tiny (
  input wire clk, input wire reset_n,
  input wire cs, input wire we, input wire [7:0] address, input wire [31:0] write_data, output reg [31:0] read_data);
  reg [31:0] words [0:255];
  always @(posedge clk) begin
    read_data <= cs & ~we ? words[address] + address : 0;
    if (cs & we) words[address] <= write_data;
  end
endmodule
`

it('a native bus: one question, its answer, and no byte that the program does not write', async () => {
  const scratch = makeScratch()
  scratch.write('tiny.v', tiny)
  const rtl = ['--rtl', 'tiny.v', '--top', 'tiny', '--map', map]
  const commands =
    `busybox devmem ${at(0x3fc)} 32 0x1000; busybox devmem ${at(0x3fc)} 32; busybox devmem ` +
    `${at(0x3fc)} 8 7; echo $?`
  const program = ['sh', '-c', commands]
  const asked = await trapline(scratch, ['run', ...rtl, '--', ...program])
  expect({ status: asked.status, sentences: asked.sentences }).toEqual({
    status: 125,
    sentences: [expect.stringMatching(/--addresses bytes or words, and --bus readLatency=N .*, or the keys/)],
  })
  const answers = ['--addresses', 'words', '--bus', 'readLatency=1']
  const init = await trapline(scratch, ['init', ...rtl, ...answers, '--output', 'trapline.config.json'])
  expect(init.status, init.stderr).toBe(0)
  for (const flags of [[...rtl, ...answers], []]) {
    const { stdout, stderr } = await trapline(scratch, ['run', ...flags, '--', ...program])
    expect(stdout, stderr).toBe('0x000010FF\n135\n')
    expect(stderr).toMatch(/has no BE, so that a write of less than its words of 4 bytes would change bytes/)
  }
  const wrong = await trapline(scratch, ['run', ...rtl, '--bus', 'latency', '--', ...program])
  expect(wrong.sentences).toEqual(['--bus latency: write it as KEY=VALUE, e.g. readLatency=1'])
})
