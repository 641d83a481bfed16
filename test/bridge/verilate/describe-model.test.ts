// What is found in RTL by name, what is asked, and what is refused; each answer comes from a real Verilator run.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { describeModel } from '../../../bridge/verilate/describe-model.js'
import type { ModelDescription } from '../../../bridge/rtl/find-ports.js'
import { busDeclarations, type CoreStyle, coreText, prefixed } from './axi-lite-core.js'
import { type ModelInput, toModel } from './to-model.js'

const directory = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0

async function look(
  text: string,
  model: ModelInput = {},
  files: Record<string, string> = {},
): Promise<ModelDescription> {
  const configDir = join(directory, String(count++))
  mkdirSync(configDir)
  for (const [name, content] of Object.entries({ 'core.sv': text, ...files }))
    writeFileSync(join(configDir, name), content)
  return await describeModel(toModel(model), { configDir, cacheDir: join(directory, 'cache') })
}

const camel = (signal: string) => signal.replace(/^(aw|ar|w|b|r)(.*)$/, 'io_bus_$1_$2')
const generated = (word: string) => (signal: string) =>
  camel(signal).replace(/_(addr|prot|data|strb|resp)$/, `_${word}_$1`)

describe('found by name', () => {
  const styles: { name: string; style: CoreStyle; clock: string; reset?: string; active?: string; port: string }[] = [
    { name: 'no prefix', style: { signal: prefixed('') }, clock: 'clk', reset: 'rst_n', active: 'low', port: 'axi' },
    {
      name: 'lowRISC',
      style: { clock: 'clk_i', reset: 'rst_ni', signal: (s, d) => `axil_${s}_${d[0]}` },
      clock: 'clk_i',
      reset: 'rst_ni',
      active: 'low',
      port: 'axil',
    },
    {
      name: 'vendor capitals',
      style: { clock: 'S_AXI_ACLK', reset: 'S_AXI_ARESETN', signal: (s) => `S_AXI_${s.toUpperCase()}` },
      clock: 'S_AXI_ACLK',
      reset: 'S_AXI_ARESETN',
      active: 'low',
      port: 'S_AXI',
    },
    {
      name: 'vendor wizard',
      style: { clock: 's00_axi_aclk', reset: 's00_axi_aresetn', signal: prefixed('s00_axi_') },
      clock: 's00_axi_aclk',
      reset: 's00_axi_aresetn',
      active: 'low',
      port: 's00_axi',
    },
    {
      name: 'reset high',
      style: { clock: 'clk', reset: 'rst' },
      clock: 'clk',
      reset: 'rst',
      active: 'high',
      port: 's_axil',
    },
    {
      name: 'reset high, suffixed',
      style: { clock: 'clock_i', reset: 'areset_i' },
      clock: 'clock_i',
      reset: 'areset_i',
      active: 'high',
      port: 's_axil',
    },
    {
      name: 'in and out',
      style: { clock: 'clk_in', reset: 'nreset', signal: (s, d) => `bus_${s}_${d.replace('put', '')}` },
      clock: 'clk_in',
      reset: 'nreset',
      active: 'low',
      port: 'bus',
    },
    {
      name: 'direction first',
      style: { clock: 'i_clk', reset: 'i_reset', signal: (s, d) => `${d[0]}_axi_${s}` },
      clock: 'i_clk',
      reset: 'i_reset',
      active: 'high',
      port: 'axi',
    },
    {
      name: 'high-level synthesis',
      style: { clock: 'ap_clk', reset: 'ap_rst_n', signal: (s) => `s_axi_control_${s.toUpperCase()}` },
      clock: 'ap_clk',
      reset: 'ap_rst_n',
      active: 'low',
      port: 's_axi_control',
    },
    {
      name: 'channels apart',
      style: { clock: 'clock', reset: 'reset', signal: camel },
      clock: 'clock',
      reset: 'reset',
      active: 'high',
      port: 'io_bus',
    },
    {
      name: 'bits',
      style: { clock: 'clock', reset: 'reset', signal: generated('bits') },
      clock: 'clock',
      reset: 'reset',
      active: 'high',
      port: 'io_bus',
    },
    {
      name: 'payload',
      style: { clock: 'clk', reset: 'resetn', signal: generated('payload') },
      clock: 'clk',
      reset: 'resetn',
      active: 'low',
      port: 'io_bus',
    },
    { name: 'no reset', style: { clock: 'aclk', reset: '' }, clock: 'aclk', port: 's_axil' },
    {
      name: 'only what is required',
      style: { without: ['awprot', 'arprot', 'wstrb', 'bresp', 'rresp'] },
      clock: 'clk',
      reset: 'rst_n',
      active: 'low',
      port: 's_axil',
    },
  ]

  test.each(styles)('$name', async ({ style, clock, reset, active, port }) => {
    const found = await look(coreText(style))
    expect(found.domains).toEqual([{ clocks: [clock], resets: reset ? [{ port: reset, active }] : [] }])
    expect(found.ports.map(({ name, addressWidth, dataWidth }) => [name, addressWidth, dataWidth])).toEqual([
      [port, 12, 32],
    ])
    expect(found.otherInputs).toEqual([])
  })

  test('says what it found', async () => {
    const { notes, leftOut } = await look(
      coreText({ clock: 'clk_i', reset: 'rst_ni', more: ['input wire [3:0] straps'] }),
    )
    expect(notes).toEqual([
      'clock clk_i',
      'reset rst_ni (active low)',
      'port s_axil: AXI4-Lite, 32-bit data, 12-bit address, addresses count bytes',
    ])
    expect(leftOut).toEqual(['inputs held at 0: straps'])
  })

  test('widths follow parameters and packages', async () => {
    const text =
      `package widths; localparam int Address = 7; ` +
      `endpackage\n${coreText({}).replaceAll('AddressWidth-1', 'widths::Address-1')}`
    const { ports } = await look(text, { parameters: { DataWidth: '0x40' } })
    expect(ports[0]).toMatchObject({ addressWidth: 7, dataWidth: 64 })
  })

  test('a bus that the RTL drives itself is served, unless others are named', async () => {
    const manager = busDeclarations({ signal: prefixed('m_axi_'), manager: true })
    const { ports, managers, otherInputs } = await look(coreText({ more: manager }))
    expect(ports.map(({ name }) => name)).toEqual(['s_axil'])
    expect(managers).toMatchObject([{ name: 'm_axi', protocol: 'axi4-lite', isManager: true }])
    expect(otherInputs).toEqual([])
    const left = await look(coreText({ more: manager }), { managers: {} })
    expect(left.otherInputs.map(({ name }) => name)).toContain('m_axi_rdata')
  })

  test('interrupts by their names, unless others are named', async () => {
    const more = ['irq', 'rx_irq_o', 'o_interrupt', 'interval', 'int_o'].map((name) => `output wire ${name}`)
    const found = await look(coreText({ more }))
    expect(found.interrupts.map(({ name }) => name)).toEqual(['irq', 'rx_irq_o', 'o_interrupt', 'int_o'])
    const { interrupts } = await look(coreText({ more }), { interrupts: ['interval'] })
    expect(interrupts.map(({ name }) => name)).toEqual(['interval'])
  })

  test('several ports if they are configured, under the configured names', async () => {
    const text = coreText({ signal: prefixed('S0_'), more: busDeclarations({ signal: prefixed('s1_') }) })
    const { ports } = await look(text, { ports: { s0: { protocol: 'axi4-lite' }, s1_: { protocol: 'axi4-lite' } } })
    expect(ports.map(({ name }) => name)).toEqual(['s0', 's1_'])
  })

  const wishbone = (more: string) =>
    `module core (input wire clk, rst, wb_cyc, wb_stb, wb_we, input wire [9:2] wb_adr, input wire [31:0] wb_dat_w,
      output wire [31:0] wb_dat_r, output wire wb_ack, ${more}); endmodule`

  test.each([
    { more: 'output wire wb_stall', protocol: 'wishbone-pipelined', note: 'Wishbone pipelined', inputs: [] },
    { more: 'output wire wb_err', protocol: 'wishbone', note: 'Wishbone classic', inputs: [] },
    { more: 'input wire wb_stall', protocol: 'wishbone', note: 'Wishbone classic', inputs: ['wb_stall'] },
  ])('$note with $more', async ({ more, protocol, note, inputs }) => {
    for (const named of [undefined, 'wishbone'] as const) {
      const found = await look(wishbone(more), named && { ports: { wb: { protocol: named } } })
      expect(found.ports).toMatchObject([{ name: 'wb', protocol }])
      expect(found.notes).toContain(`port wb: ${note}, 32-bit data, 10-bit address, addresses count words of 4 bytes`)
      expect(found.otherInputs.map(({ name }) => name)).toEqual(inputs)
    }
  })
})

describe('asks', () => {
  const two = busDeclarations({ signal: prefixed('ctrl_') })
  const questions: { name: string; style: CoreStyle; sentence: string; settle: ModelInput }[] = [
    {
      name: 'which clock',
      style: { more: ['input wire s_axi_aclk'] },
      sentence:
        'clk and s_axi_aclk of core can each be the clock; say which with --clock or the key "clock" (--clock ' +
        'clk,s_axi_aclk drives all from one source, --clock clk,s_axi_aclk:PS gives each its own period in ' +
        'picoseconds)',
      settle: { clock: 's_axi_aclk' },
    },
    {
      name: 'which reset',
      style: { more: ['input wire soft_reset', 'input wire por_rst_ni'] },
      sentence:
        'rst_n, soft_reset and por_rst_ni of core can each be the reset; say which with --reset or the key "reset"',
      settle: { reset: { port: 'soft_reset', active: 'high' } },
    },
    {
      name: 'which port',
      style: { more: two },
      sentence: 's_axil and ctrl of core can each be the port; say which with --port or the key "ports"',
      settle: { ports: { ctrl: { protocol: 'axi4-lite' } } },
    },
  ]

  test.each(questions)('$name', async ({ style, sentence, settle }) => {
    await expect(look(coreText(style))).rejects.toThrow(sentence)
    await expect(look(coreText(style), settle)).resolves.toBeDefined()
  })
})

describe('refuses', () => {
  const port = (name: string): ModelInput => ({ ports: { [name]: { protocol: 'axi4-lite' } } })
  const bursts = ['input wire [7:0] s_axil_awlen', 'input wire s_axil_wlast']
  interface Refusal {
    name: string
    text: string
    model?: ModelInput
    files?: Record<string, string>
    sentence: string
  }
  const refusals: Refusal[] = [
    {
      name: 'no clock',
      text: coreText({ clock: 'tick' }),
      sentence:
        'no port of core has a usual clock name; name it with --clock or the key "clock" (1-bit inputs: tick, rst_n',
    },
    {
      name: 'a clock that is not there',
      text: coreText({}),
      model: { clock: 'clk2' },
      sentence: 'clock clk2 of core is not among its ports (1-bit inputs: clk, rst_n',
    },
    {
      name: 'a reset that is wide',
      text: coreText({ more: ['input wire [1:0] rsts'] }),
      model: { reset: { port: 'rsts', active: 'high' } },
      sentence: 'reset rsts of core is not a 1-bit input',
    },
    {
      name: 'a prefix that is not there',
      text: coreText({}),
      model: port('s_axi'),
      sentence: 'core has no bus with the signal prefix s_axi (prefixes: s_axil)',
    },
    {
      name: 'half of AXI4',
      text: coreText({ more: bursts }),
      sentence: 's_axil lacks arlen, rlast of AXI4',
    },
    {
      name: 'another bus than is configured',
      text: coreText({ more: bursts }),
      model: port('s_axil'),
      sentence: "bus s_axil of core is AXI4, not AXI4-Lite; say protocol: 'axi4', or leave it out",
    },
    {
      name: 'a manager as port',
      text: coreText({ manager: true }),
      model: port('s_axil'),
      sentence: 'port s_axil of core is driven by the RTL itself',
    },
    {
      name: 'an incomplete bus',
      text: coreText({ without: ['rready', 'bvalid'] }),
      sentence: 's_axil lacks bvalid, rready of AXI4-Lite',
    },
    {
      name: 'no bus at all',
      text: 'module core(input clk); endmodule',
      sentence: 'none of its ports is named as awaddr',
    },
    {
      name: 'a bus in structs',
      text:
        'typedef struct packed { logic [31:0] awaddr; logic awvalid; } req_t;\nmodule core(input clk, input ' +
        'req_t axi_req_i); endmodule',
      sentence: 'axi lacks awready, wdata, wvalid, wready, bvalid, bready of AXI4-Lite',
    },
    {
      name: 'a part of a bus in an unpacked struct',
      text:
        'package p; typedef struct { logic [31:0] awaddr; logic awvalid; } req_t; endpackage\nmodule ' +
        'core(input clk, input p::req_t axi_req_i); endmodule',
      sentence: 'axi lacks awready, wdata, wvalid, wready, bvalid, bready of AXI4-Lite',
    },
    {
      name: 'interface ports',
      text:
        'interface bus_if; logic a; modport device(input a); endinterface\nmodule core(input clk, bus_if ' +
        'bus); endmodule',
      sentence: "core has the interface port bus, whose signals can't be told",
    },
    {
      name: '24-bit data',
      text: coreText({}),
      model: { parameters: { DataWidth: 24 } },
      sentence: 's_axil has 24-bit data; 8, 16, 32, 64, 128, 256, 512 and 1024 bits are supported',
    },
    {
      name: 'a parameter that is not there',
      text: coreText({}),
      model: { parameters: { Width: 1 } },
      sentence: 'core has no parameter Width',
    },
    {
      name: 'a top that is not there',
      text: coreText({}),
      model: { top: 'kore' },
      sentence: 'none of the sources has a module kore',
    },
    {
      name: 'an input that is not there',
      text: coreText({}),
      model: { inputs: { strap: 1 } },
      sentence: 'inputs.strap: core has no such input to hold constant',
    },
    {
      name: 'a constant that is too wide',
      text: coreText({ more: ['input wire [3:0] strap'] }),
      model: { inputs: { strap: 16 } },
      sentence: 'inputs.strap: 0x10 does not fit its 4 bits',
    },
    {
      name: 'a syntax error',
      text: coreText({}).replace('endmodule', 'assign = ;\nendmodule'),
      sentence: 'Verilator refused core at core.sv:24: syntax error',
    },
    {
      name: 'a missing file',
      text: coreText({}),
      model: { sources: ['core.sv', 'rtl/gone.sv'] },
      sentence: 'rtl/gone.sv of core does not exist',
    },
    {
      name: 'a missing file of a file list',
      text: coreText({}),
      files: { 'core.f': 'core.sv\nrtl/gone.sv\n' },
      model: { sources: ['core.f'] },
      sentence: 'RTL file rtl/gone.sv of core does not exist; core.f:2 names it, and names there are relative to',
    },
    {
      name: 'VHDL',
      text: '',
      files: { 'core.vhd': 'entity core is end;' },
      model: { sources: ['core.vhd'] },
      sentence:
        'core.vhd of core is VHDL, which Verilator does not read; let `ghdl synth --out=verilog` make Verilog of it',
    },
    {
      name: "a name that the makefile of a model's blocks can't hold",
      text: coreText({}),
      files: { 'my core.sv': coreText({}) },
      model: { sources: ['my core.sv'], verilatorArgs: ['--hierarchical'] },
      sentence: 'the makefile for the blocks of core can\'t handle the " " in ',
    },
    {
      name: 'a missing include',
      text: `\`include "gone.svh"\n${coreText({})}`,
      sentence: 'core includes gone.svh at core.sv:1, which is not beside that file and in no folder of includeDirs',
    },
  ]

  test.each(refusals)('$name', async ({ text, model, files, sentence }) => {
    await expect(look(text, model, files)).rejects.toThrow(sentence)
  })
})
