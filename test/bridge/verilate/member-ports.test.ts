// Buses in interfaces and structs: which are found, and the sentence where one can't be.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describeModel } from '../../../bridge/verilate/describe-model.js'
import type { ModelDescription } from '../../../bridge/rtl/find-ports.js'
import { type ModelInput, toModel } from './to-model.js'

const directory = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0

async function look(text: string, model: ModelInput = {}): Promise<ModelDescription> {
  const configDir = join(directory, String(count++))
  mkdirSync(configDir)
  writeFileSync(join(configDir, 'core.sv'), text)
  return await describeModel(toModel(model), { configDir, cacheDir: join(directory, 'cache') })
}

const inputs = ['psel', 'penable', 'pwrite']
const apb = (width = '32', parameters = '', pins = '') => `interface apb_if ${parameters} ${pins};
  logic ${inputs.join(', ')};
  logic [7:0] paddr;
  logic [${width}-1:0] pwdata, prdata;
  modport device(input ${inputs.join(', ')}, paddr, pwdata, output prdata);
endinterface
`
const core = (ports: string, body = '') => `module core(input clk, input rst, ${ports}); ${body} endmodule\n`

const fields = (more = '') => `package types;
  typedef struct packed { logic [7:0] paddr; logic psel, penable, pwrite; logic [31:0] pwdata; ${more} } req_t;
  typedef struct packed { logic [31:0] prdata; logic pready; } resp_t;
endpackage
`

const unpacked = (text: string) => text.replaceAll(' packed', '')

test.each<{ name: string; text: string; model?: ModelInput; bus: string; data: number }>([
  { name: 'an interface', text: apb() + core('apb_if.device bus'), bus: 'bus', data: 32 },
  {
    name: 'one that is declared over lines and comments',
    text: apb() + core('\n apb_if // the bus\n . device\n /* its name */ bus\n'),
    bus: 'bus',
    data: 32,
  },
  {
    name: 'one with a parameter',
    text: apb('W', '#(parameter int W)') + core('apb_if.device bus'),
    model: { parameters: { 'bus.W': 16 } },
    bus: 'bus',
    data: 16,
  },
  {
    name: 'one of two that share a declaration',
    text: apb() + core('apb_if.device one, two'),
    model: { ports: { two: {} } },
    bus: 'two',
    data: 32,
  },
  {
    name: 'a pair of structs',
    text: fields() + core('input types::req_t apb_req_i, output types::resp_t apb_rsp_o'),
    bus: 'apb',
    data: 32,
  },
  {
    name: 'a pair whose types are parameters',
    text:
      fields() +
      core('input req_t req_i, output resp_t resp_o').replace(
        'core(',
        'core #(parameter type req_t = types::req_t, parameter type resp_t = types::resp_t) (',
      ),
    bus: 'apb',
    data: 32,
  },
  {
    name: 'a pair of unpacked structs',
    text: unpacked(fields()) + core('input types::req_t apb_req_i, output types::resp_t apb_rsp_o'),
    bus: 'apb',
    data: 32,
  },
  {
    name: 'a pair whose types no package has',
    text: unpacked(fields().replace(/(end)?package.*/g, '')) + core('input req_t apb_req_i, output resp_t apb_rsp_o'),
    bus: 'apb',
    data: 32,
  },
  {
    name: 'an interface of unpacked structs',
    text:
      unpacked(fields()) +
      'interface pair; types::req_t req; types::resp_t rsp; modport device(input req, output rsp); endinterface\n' +
      core('pair.device bus'),
    bus: 'bus',
    data: 32,
  },
])('$name', async ({ text, model = {}, bus, data }) => {
  const { ports } = await look(text, model)
  expect(ports.map(({ name, protocol, dataWidth }) => [name, protocol, dataWidth])).toEqual([[bus, 'apb4', data]])
})

test('what else is in a struct is held at 0, by its name', async () => {
  const text =
    fields('logic [3:0] puser;') +
    core('input types::req_t s_i, output types::resp_t s_o, input types::req_t [1:0] many')
  const { otherInputs, leftOut } = await look(text)
  expect(otherInputs.map(({ name }) => name)).toEqual(['s_puser', 'many'])
  expect(leftOut).toContain('inputs held at 0: s_puser, many')
})

test.each([
  [
    'that only the RTL can name',
    `module core(clk, rst, s_i, s_o); ${unpacked(fields()).replace(/(end)?package.*/g, '')}
      input clk, rst; input req_t s_i; output resp_t s_o; endmodule\n`,
  ],
  [
    'with an array in it',
    unpacked(fields('logic puser [2];')) + core('input types::req_t s_i, output types::resp_t s_o'),
  ],
])('an unpacked struct %s is no bus', async (_name, text) => {
  await expect(look(text)).rejects.toThrow(/^core has no bus that Trapline can drive/)
})

test('a struct that is no bus stays one', async () => {
  const text =
    apb() +
    `package types; typedef struct packed { logic go; logic [3:0] mode; } in_t; endpackage\n` +
    core('apb_if.device bus, input types::in_t hwif_in')
  expect((await look(text)).otherInputs.map(({ name, shape }) => [name, shape])).toEqual([['hwif_in', 'struct']])
})

test.each<{ name: string; text: string; model?: ModelInput; sentence: RegExp }>([
  {
    name: 'an interface port without a modport',
    text: apb() + core('apb_if bus'),
    sentence: /^core has the interface port bus, whose signals can't be told, as it has no modport/,
  },
  {
    name: 'an array of interfaces',
    text: apb() + core('apb_if.device bus [2]'),
    sentence: /^core has the interface port bus, whose signals can't be told/,
  },
  {
    name: 'an interface that a macro writes',
    text: '`define BUS(name) apb_if.device name\n' + apb() + core('`BUS(bus)'),
    sentence: /^core has the interface port .*, whose signals can't be told/,
  },
  {
    name: 'an interface with ports of its own',
    text: apb('32', '', '(input wire pclk)') + core('apb_if.device bus'),
    sentence: /^interface port bus is apb_if, which has ports of its own \(pclk\)/,
  },
  {
    name: 'an interface whose parameter has no value',
    text: apb('W', '#(parameter int W)') + core('apb_if.device bus'),
    sentence: /has no value: W; set it by the key "parameters", as in \{ W: 32 \} or \{ 'port\.W': 32 \}/,
  },
  {
    name: 'an interface whose defaults leave its data no bits',
    text: apb('W', '#(parameter int W = 0)') + core('apb_if.device bus'),
    sentence:
      /^interface port bus of core leaves pwdata without bits, for apb_if has no useful defaults; set its widths/,
  },
  {
    name: 'a parameter of an interface port that is not there',
    text: apb() + core('apb_if.device bus'),
    model: { parameters: { 'buss.W': 16 } },
    sentence: /^parameter buss\.W: core has no interface port buss/,
  },
  {
    name: 'a parameter that its interface lacks',
    text: apb() + core('apb_if.device bus'),
    model: { parameters: { 'bus.W': 16 } },
    sentence: /^core has no parameter W/,
  },
])('$name is told', async ({ text, model = {}, sentence }) => {
  await expect(look(text, model)).rejects.toThrow(sentence)
})
