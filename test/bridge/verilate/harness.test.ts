// The generated top, judged by Verilator: the RTL itself checks, while it is elaborated, what it was given.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ModelConfig } from '../../../bridge/config/schema.js'
import { describeModel } from '../../../bridge/verilate/describe-model.js'
import { toHarness } from '../../../bridge/verilate/harness.js'
import { toConstant, toIdentifier, toParameterValue } from '../../../bridge/verilate/verilog-text.js'
import { packageDirectory } from '../../../bridge/ground/paths.js'
import { busDeclarations, coreText, prefixed } from './axi-lite-core.js'
import { type ModelInput, toModel } from './to-model.js'

const home = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

async function generate(text: string, model: ModelInput): Promise<{ config: ModelConfig; harness: string }> {
  const config = toModel(model)
  writeFileSync(join(home, 'core.sv'), text)
  const description = await describeModel(config, { configDir: home, cacheDir: join(home, 'cache') })
  return { config, harness: toHarness(config, description) }
}

/** What Verilator has to say about the top and the RTL below it; BFMs included. */
function lint(harness: string): string {
  writeFileSync(join(home, 'trapline_top.sv'), harness)
  const folder = join(packageDirectory, 'hdl', 'bfm')
  const isPackage = (file: string) => file.endsWith('_pkg.sv')
  const bfm = readdirSync(folder).sort((a, b) => Number(isPackage(b)) - Number(isPackage(a)))
  const files = [...bfm.map((file) => join(folder, file)), 'core.sv', 'trapline_top.sv']
  const args = ['--lint-only', '--no-timing', '-Wno-DECLFILENAME', '--top-module', 'trapline_top', ...files]
  return execFileSync('verilator', args, { cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

const strangePorts = [
  'input wire \\odd+name ',
  'input logic [1:0][7:0] lanes',
  'input logic [3:0] table_of [2][3]',
  'input struct packed {logic a; logic [2:0] b;} pair',
  'input real voltage',
  'inout wire [3:0] pads',
  'output wire [6:0] leds',
]

test('ports of every shape are connected', async () => {
  const { harness } = await generate(coreText({ more: strangePorts }), { inputs: { lanes: '0xbeef', 'odd+name': 1 } })
  expect(harness).toContain(".\\odd+name (1'h1)")
  expect(harness).toContain(".lanes(16'hbeef)")
  expect(harness).toContain('.leds()')
  expect(() => lint(harness)).not.toThrow()
})

test('a reset that is active high is the inverse of ours', async () => {
  const { harness } = await generate(coreText({ clock: 'clock', reset: 'reset' }), {})
  expect(harness).toContain('.clock(clk_i)')
  expect(harness).toContain('.reset(~rst_ni)')
})

test('two ports, one without responses and with a narrower read address', async () => {
  const more = busDeclarations({ signal: prefixed('aux_'), without: ['bresp', 'rresp', 'awprot', 'arprot'] })
  const narrower = more.map((port) => port.replace('[AddressWidth-1:0] aux_araddr', '[4:0] aux_araddr'))
  const ports = { s_axil: { protocol: 'axi4-lite' }, aux: { protocol: 'axi4-lite' } } as const
  const { harness } = await generate(coreText({ more: narrower }), { ports })
  expect(harness).toContain(') port_1_bfm (')
  expect(harness).toContain("assign aux__bresp = '0;")
  expect(harness).toContain('.aux_araddr(aux__araddr[4:0])')
  expect(() => lint(harness)).not.toThrow()
})

test('AHB-Lite and TileLink-UL with as little as a core can have', async () => {
  const range = (bits: number) => (bits > 1 ? `[${bits - 1}:0] ` : '')
  const declare = (direction: string, prefix: string) => (signals: Record<string, number>) =>
    Object.entries(signals).map(([name, bits]) => `${direction} wire ${range(bits)}${prefix}${name}`)
  const ahb = [
    'input wire [31:2] ahb_haddr',
    ...declare('input', 'ahb_')({ htrans: 2, hsize: 3, hwrite: 1, hwdata: 128 }),
    ...declare('output', 'ahb_')({ hreadyout: 1, hrdata: 128 }),
  ]
  const tilelink = [
    ...declare('input', 'tl_a_')({ valid: 1, opcode: 3, size: 2, source: 3, address: 12, mask: 8, data: 64 }),
    ...declare('output', 'tl_d_')({ valid: 1, opcode: 3, size: 2, source: 5, data: 64 }),
    ...['input wire tl_d_ready', 'output wire tl_a_ready'],
  ]
  const { harness } = await generate(coreText({ more: [...ahb, ...tilelink] }), { ports: { ahb: {}, tl: {} } })
  expect(harness).toContain('.MaxBeats(1)')
  expect(harness).toContain('.EchoWidth(3)')
  expect(harness).toContain('.ahb_haddr(ahb__haddr[31:2])')
  expect(() => lint(harness)).not.toThrow()
})

test('parameters arrive as they were meant', async () => {
  const expectations = {
    'parameter int Negative = 0': 'Negative == -5',
    'parameter logic [63:0] Wide = 0': "Wide == 64'hffff_ffff_ffff_ffff",
    'parameter int Hex = 0': 'Hex == 31',
    'parameter bit Flag = 0': 'Flag',
    'parameter logic [7:0] Sized = 0': "Sized == 8'h5a",
    'parameter real Ratio = 0': 'Ratio == 1.5',
    'parameter string Name = ""': 'Name == "say \\"hi\\""',
  }
  const checks = Object.values(expectations).map((claim) => `  if (!(${claim})) $error("not as meant");`)
  const text = coreText({})
    .replace('parameter DataWidth = 32', `parameter DataWidth = 32,\n${Object.keys(expectations).join(',\n')}`)
    .replace('endmodule', `${checks.join('\n')}\nendmodule`)
  const parameters = {
    Negative: -5,
    Wide: '0xffffffff_ffffffff',
    Hex: '0x1F',
    Flag: true,
    Sized: "8'h5a",
    Ratio: 1.5,
    Name: 'say "hi"',
  }
  const { harness } = await generate(text, { parameters })
  expect(() => lint(harness)).not.toThrow()
  const wrong = generate(text, { parameters: { ...parameters, Negative: 5 } })
  await expect(wrong).rejects.toThrow(/^Verilator refused core at core\.sv:\d+: not as meant/)
})

describe('text', () => {
  test.each([
    [toParameterValue(4294967296), "64'h100000000"],
    [toParameterValue(-2147483649), "-64'sh80000001"],
    [toParameterValue('12'), '12'],
    [toParameterValue('1e'), '"1e"'],
    [toParameterValue('pkg::Value'), '"pkg::Value"'],
    [toParameterValue('C:\\rom.hex'), '"C:\\\\rom.hex"'],
    [toConstant(2n ** 64n - 1n, 64), "64'hffffffffffffffff"],
    [toIdentifier('a$b'), 'a$b'],
    [toIdentifier('a.b'), '\\a.b '],
  ])('%s', (written, expected) => {
    expect(written).toBe(expected)
  })

  test('a string that Verilog can not hold is refused', () => {
    expect(() => toParameterValue('größe')).toThrow('parameter value "größe" has characters that Verilog strings lack')
  })
})
