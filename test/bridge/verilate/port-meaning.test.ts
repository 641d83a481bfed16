// What a port means where its name or declaration leaves it open: it is told, asked, or named at start; never guessed.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { describeModel } from '../../../bridge/verilate/describe-model.js'
import type { ModelDescription } from '../../../bridge/rtl/find-ports.js'
import { protocols } from '../../../bridge/rtl/protocols.js'
import { busDeclarations, prefixed } from './axi-lite-core.js'
import { type ModelInput, toModel } from './to-model.js'

const directory = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0

async function look(ports: string[], model: ModelInput = {}): Promise<ModelDescription> {
  const configDir = join(directory, String(count++))
  mkdirSync(configDir)
  writeFileSync(join(configDir, 'core.sv'), `module core (\n  ${ports.join(',\n  ')}\n);\nendmodule\n`)
  return await describeModel(toModel(model), { configDir, cacheDir: join(directory, 'cache') })
}

const input = (name: string, bits = 1) => `input wire ${bits > 1 ? `[${bits - 1}:0]` : ''} ${name}`
const output = (name: string, bits = 1) => `output wire ${bits > 1 ? `[${bits - 1}:0]` : ''} ${name}`
const clock = input('clk')
const reset = input('rst')

/** Without the optional signals. */
function apb(prefix = 'p_', address = '[7:0]'): string[] {
  const inputs = ['psel', 'penable', 'pwrite'].map((name) => input(`${prefix}${name}`))
  return [
    ...inputs,
    `input wire ${address} ${prefix}paddr`,
    input(`${prefix}pwdata`, 32),
    output(`${prefix}prdata`, 32),
  ]
}

function wishbone(address: string, dataBits = 32): string[] {
  const inputs = ['stb', 'we'].map((name) => input(`wb_${name}`))
  const data = [input('wb_dat_i', dataBits), output('wb_dat_o', dataBits), output('wb_ack')]
  return [...inputs, `input wire ${address} wb_adr`, ...data]
}

const axil = (prefix: string, manager = false, without: string[] = []) =>
  busDeclarations({ signal: prefixed(prefix), manager, without }).map((port) =>
    port.replaceAll('AddressWidth', '12').replaceAll('DataWidth', '32'),
  )

describe('asks, and takes the answer', () => {
  const bytesOrWords = 'which can count bytes or words of'
  const mayBe = (port: string, signal: string, bus: string) =>
    `${port} of core may be the ${signal} that bus ${bus} lacks; say `
  const rows: { name: string; ports: string[]; model?: ModelInput; sentence: string; answers: ModelInput[] }[] = [
    {
      name: 'what 30 bits of a 32-bit Wishbone count',
      ports: [clock, reset, ...wishbone('[29:0]')],
      sentence:
        `bus wb of core has 30 address bits (wb_adr), ${bytesOrWords} 4 bytes; say which with --addresses ` +
        `bytes, --addresses words or the key "wordAddress"`,
      answers: [{ ports: { wb: { wordAddress: true } } }, { ports: { '*': { wordAddress: false } } }],
    },
    {
      name: 'what 29 bits of a 64-bit Wishbone count',
      ports: [clock, reset, ...wishbone('[28:0]', 64)],
      sentence: `29 address bits (wb_adr), ${bytesOrWords} 8 bytes`,
      answers: [{ ports: { wb: { wordAddress: true } } }],
    },
    {
      name: 'what 32 bits of a Wishbone count',
      ports: [clock, reset, ...wishbone('[31:0]')],
      sentence: `32 address bits (wb_adr), ${bytesOrWords} 4 bytes`,
      answers: [{ ports: { wb: { wordAddress: true } } }, { ports: { wb: { wordAddress: false } } }],
    },
    {
      name: 'what a few bits count',
      ports: [clock, reset, ...wishbone('[7:0]')],
      sentence: `8 address bits (wb_adr), ${bytesOrWords} 4 bytes`,
      answers: [{ ports: { wb: { wordAddress: true } } }, { ports: { '*': { wordAddress: false } } }],
    },
    {
      name: 'what too few bits for a second word count',
      ports: [clock, reset, ...wishbone('[1:0]')],
      sentence: `2 address bits (wb_adr), ${bytesOrWords} 4 bytes`,
      answers: [{ ports: { wb: { wordAddress: true } } }],
    },
    {
      name: 'strobes under an odd name',
      ports: [clock, reset, ...apb(), input('p_pbe', 4)],
      sentence: mayBe('p_pbe', 'PSTRB', 'p (APB4)') + '--signal pstrb=p_pbe (--signal pstrb= if not)',
      answers: [
        { ports: { p: { signals: { pstrb: 'p_pbe' } } } },
        { ports: { p: { signals: { pstrb: false } } } },
        { inputs: { p_pbe: 15 } },
      ],
    },
    {
      name: 'which device of a select is meant',
      ports: [clock, reset, ...apb().slice(1), input('p_PSELx', 4)],
      sentence:
        'bus p of core selects 4 devices (p_PSELx); say which one with --bus select=0 to 3, or the key ports.p.select',
      answers: [{ ports: { p: { select: 3 } } }],
    },
    {
      name: 'errors under an odd name',
      ports: [clock, reset, ...apb('io_'), output('io_perror')],
      sentence: mayBe('io_perror', 'PSLVERR', 'io (APB4)'),
      answers: [{ ports: { '*': { signals: { pslverr: 'io_perror' } } } }],
    },
    {
      name: 'readiness under an odd name, without a prefix',
      ports: [clock, reset, ...apb(''), output('preadyo')],
      sentence: mayBe('preadyo', 'PREADY', 'apb (APB4)'),
      answers: [{ ports: { apb: { signals: { pready: 'preadyo' } } } }],
    },
    {
      name: 'errors of a Wishbone under an odd name',
      ports: [clock, reset, ...wishbone('[9:2]'), output('wb_berr')],
      sentence: mayBe('wb_berr', 'ERR', `wb (${protocols.wishbone.title})`),
      answers: [{ ports: { wb: { signals: { err: 'wb_berr' } } } }],
    },
    {
      name: 'strobes of a manager under an odd name',
      ports: [clock, reset, ...apb(), ...axil('m_', true, ['wstrb']), output('m_wbyteen', 4)],
      sentence: `${mayBe('m_wbyteen', 'WSTRB', 'm (AXI4-Lite)')}managers.m.signals: { wstrb: 'm_wbyteen' }`,
      answers: [{ managers: { m: { signals: { wstrb: 'm_wbyteen' } } } }],
    },
    ...['rstz', 'por'].map((name) => ({
      name: `whether ${name} is the reset`,
      ports: [clock, input(name), ...apb()],
      sentence:
        `${name} of core may be its reset, and nothing tells its level; say --reset ${name}:low, --reset ` +
        `${name}:high, --reset none if there is none, or the key "reset"`,
      answers: [{ reset: { port: name, active: 'low' } }, { reset: false }, { inputs: { [name]: 1 } }] as ModelInput[],
    })),
  ]

  test.each(rows)('$name', async ({ ports, sentence, answers }) => {
    await expect(look(ports)).rejects.toThrow(sentence)
    for (const answer of answers) await expect(look(ports, answer)).resolves.toBeDefined()
  })
})

describe('refuses', () => {
  const rows: { name: string; ports: string[]; model?: ModelInput; sentence: string }[] = [
    {
      name: 'an answer that the declaration contradicts',
      ports: [clock, reset, ...apb('p_', '[11:2]')],
      model: { ports: { p: { wordAddress: false } } },
      sentence:
        'bus p of core has p_paddr[11:2], which says that its lowest bit counts words of 4 bytes, and wordAddress',
    },
    {
      name: 'an address whose lowest bit can not be told',
      ports: [clock, reset, ...apb('p_', '[2:11]')],
      sentence: "p has p_paddr[2:11], whose lowest bit can't be told; declare it from high to low",
    },
    {
      name: 'a signal that the bus does not know',
      ports: [clock, reset, ...apb()],
      model: { ports: { p: { signals: { wstrb: 'p_psel' } } } },
      sentence: 'signal wstrb of bus p of core: there is none of that name (signals: paddr,',
    },
    {
      name: 'a port that is not there',
      ports: [clock, reset, ...apb()],
      model: { ports: { p: { signals: { pstrb: 'gone' } } } },
      sentence: 'signal pstrb of bus p of core: gone is not among the ports of core',
    },
    {
      name: 'a device that a select does not have',
      ports: [clock, reset, ...apb()],
      model: { ports: { p: { select: 1 } } },
      sentence: 'bus p of core selects 1 device (p_psel); say which one with --bus select=0 to 0,',
    },
    {
      name: 'a reset that is a signal of the bus',
      ports: [clock, ...apb()],
      model: { reset: { port: 'p_psel', active: 'high' } },
      sentence: 'reset p_psel of core is a signal of its bus p; name another port',
    },
  ]

  test.each(rows)('$name', async ({ ports, model, sentence }) => {
    await expect(look(ports, model)).rejects.toThrow(sentence)
  })
})

describe('names what it leaves out', () => {
  const rows: { name: string; ports: string[]; model?: ModelInput; leftOut: string[] }[] = [
    { name: 'nothing', ports: [clock, ...apb()], leftOut: [] },
    {
      name: 'names that only look so',
      ports: [clock, input('burst_en'), input('port_sel'), ...apb()],
      leftOut: ['inputs held at 0: burst_en, port_sel'],
    },
    { name: 'not what its declaration says', ports: [clock, reset, ...wishbone('[31:2]')], leftOut: [] },
    {
      name: 'outputs and inputs beside a bus',
      ports: [clock, reset, ...apb(), output('p_puser'), input('p_pwakeup'), output('led')],
      leftOut: ['outputs of p that nobody reads: p_puser', 'inputs held at 0: p_pwakeup'],
    },
    {
      name: 'an optional signal of the other direction',
      ports: [clock, reset, ...apb(), input('p_pslverr')],
      leftOut: ['inputs held at 0: p_pslverr'],
    },
    {
      name: 'clocks',
      ports: [clock, reset, ...apb(), input('clk_50m')],
      leftOut: [
        'inputs held at 0: clk_50m',
        'clocks among them, so that what they drive stands still (--clock A,B drives both from one source, ' +
          '--clock A,B:PS gives B its own period in picoseconds; keys "clock" and "clocks"): clk_50m',
      ],
    },
    {
      name: 'half a manager',
      ports: [clock, reset, ...apb(), output('m_stb'), output('m_adr', 32)],
      leftOut: [
        `manager m is not served: it is ${protocols.wishbone.title} and driven by the RTL itself; of such buses ` +
          `AXI4 and AXI4-Lite are supported`,
      ],
    },
    {
      name: 'managers that are not wanted',
      ports: [clock, reset, ...apb(), ...axil('m_', true, ['bresp', 'rresp', 'rdata'])],
      leftOut: [
        'manager m is not served: it lacks rdata of AXI4-Lite',
        'inputs held at 0: m_awready, m_wready, m_bvalid, m_arready, m_rvalid',
      ],
    },
    {
      name: 'a second bus that lacks something',
      ports: [clock, reset, ...apb(), ...axil('s_', false, ['rready'])],
      model: { ports: { p: {} } },
      leftOut: [
        'bus s is not driven: it lacks rready of AXI4-Lite',
        'inputs held at 0: s_awaddr, s_awprot, s_awvalid, s_wdata, s_wstrb, s_wvalid, s_bready, s_araddr, ' +
          's_arprot, s_arvalid',
      ],
    },
  ]

  test.each(rows)('$name', async ({ ports, model, leftOut }) => {
    expect((await look(ports, model)).leftOut).toEqual(leftOut)
  })
})

test('PSLVERROR and PWSTRB are what APB calls PSLVERR and PSTRB', async () => {
  const { ports } = await look([clock, reset, ...apb('io_'), output('io_PSLVERROR'), input('io_PWSTRB', 4)])
  expect(ports[0]?.signals).toMatchObject({ pslverr: { name: 'io_PSLVERROR' }, pstrb: { name: 'io_PWSTRB' } })
})
