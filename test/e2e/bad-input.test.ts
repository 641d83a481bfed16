/**
 * Bad input is answered with one sentence that names the thing and what to do, exit status 125, and nothing is left.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, base, configOf } from '../support/configs.js'
import { joined } from '../support/patterns.js'
import { sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const regs = configOf('axil_regs')
const program = ['busybox', 'devmem', at(0)]
const map = `/dev/mem@${at(0)}+0x1000`

interface Case {
  name: string
  config: (scratch: Scratch) => TraplineConfig | object | string
  words: RegExp
}

const configurations: Case[] = [
  {
    name: 'an unknown key',
    config: () => ({ ...regs, maxCylces: 5 }),
    words: /c\.json: there is the unknown key maxCylces; did you mean maxCycles\?$/,
  },
  {
    name: 'an unknown key of a model',
    config: () => configOf({ top: 'axil_regs', sources: [sampleRtl('axil_regs')], clokc: 'clk_i' } as never),
    words: /c\.json: models\.dut has the unknown key clokc; did you mean clock\?$/,
  },
  {
    name: 'a key that is missing',
    config: () => configOf({ sources: [sampleRtl('axil_regs')] } as never),
    words: /c\.json: models\.dut\.top is missing; it must be a string$/,
  },
  { name: 'no JSON', config: () => '{ "models": ', words: /c\.json can't be read: / },
  {
    name: 'an RTL file that is missing',
    config: () => configOf({ top: 'gone', sources: ['rtl/gone.sv'] }),
    words: /rtl\/gone\.sv/,
  },
  {
    name: 'a top module that is missing',
    config: () => configOf({ top: 'axil_rags', sources: [sampleRtl('axil_regs')] }),
    words: /axil_rags/,
  },
  {
    name: 'a port prefix that is not there',
    config: () =>
      configOf({ top: 'axil_regs', sources: [sampleRtl('axil_regs')], ports: { m_axi: { protocol: 'axi4-lite' } } }),
    words: joined(
      /axil_regs has no bus with the signal prefix m_axi \(prefixes: s_axil\); a bus under other names is /,
      /mapped with --protocol/,
    ),
  },
  {
    name: 'a parameter that is not there',
    config: () => configOf({ top: 'axil_regs', sources: [sampleRtl('axil_regs')], parameters: { Wdith: 3 } }),
    words: /Wdith/,
  },
  {
    name: 'a device on a model that is not there',
    config: () => configOf('axil_regs', { model: 'dot' }),
    words: /device dut: model dot does not exist; models are dut$/,
  },
  {
    name: 'a window that lies outside its bus',
    config: () => configOf('axil_regs', { address: 0x800, size: 0x1000 }),
    words:
      /^device dut: its bus addresses 0x800 to 0x17ff go beyond port s_axil of model dut, which ends at 0xfff; correct/,
  },
  {
    name: 'a window that lies outside the address space',
    config: () => configOf('axil_regs', { base: '0xfffffffffffff000', size: 0x2000 }),
    words: /^device dut: base 0xfffffffffffff000 \+ size 0x2000 goes beyond the 64-bit address space$/,
  },
  {
    name: 'overlapping devices',
    config: () => {
      const { devices } = configOf('axil_regs', { base: base + 0x800 })
      return { ...regs, devices: { ...regs.devices, other: devices.dut } }
    },
    words:
      /devices dut \(0x43c00000\+0x1000\) and other \(0x43c00800\+0x1000\) overlap in \/dev\/mem; move or shrink one/,
  },
]

describe('a configuration with', () => {
  it.each(configurations)('$name', async ({ config, words }) => {
    const scratch = makeScratch()
    const file = scratch.write('c.json', config(scratch))
    const { status, sentences, stdout } = await trapline(scratch, ['run', '--config', file, '--', ...program])
    const complaints = sentences.filter((sentence) => !sentence.startsWith('building model'))
    expect(complaints).toEqual([expect.stringMatching(words)])
    expect({ status, stdout }).toEqual({ status: 125, stdout: '' })
  })
})

it('RTL that Verilator refuses: the sentence has file and line, what Verilator said follows', async () => {
  const scratch = makeScratch()
  const source = scratch.write('broken.sv', 'module broken (input logic clk);\n  assign nonsense = ;\nendmodule\n')
  const flags = ['--rtl', source, '--top', 'broken', '--map', map]
  const { status, sentences } = await trapline(scratch, ['run', ...flags, '--', ...program])
  expect(status).toBe(125)
  expect(sentences[0]).toMatch(/broken\.sv:2/)
})

const flags: { name: string; args: string[]; words: RegExp }[] = [
  { name: 'an unknown flag', args: ['run', '--lgo', 'x', '--', ...program], words: /unknown option '--lgo'.*--help/ },
  { name: 'no program', args: ['run'], words: /missing required argument 'program'.*--help/ },
  { name: 'an unknown command', args: ['runn'], words: /unknown command 'runn'.*--help/ },
  {
    name: 'a configuration that does not exist',
    args: ['run', '--config', 'gone.json', '--', ...program],
    words: /configuration file .*gone\.json does not exist/,
  },
  { name: 'no configuration', args: ['run', '--', ...program], words: /there is no trapline\.config\.ts.*--rtl/ },
  {
    name: 'a number that is none',
    args: ['run', '--max-cycles', 'many', '--', ...program],
    words: /--max-cycles many: it must be a whole number/,
  },
  {
    name: '--map that can not be read',
    args: ['run', '--rtl', 'a.sv', '--top', 'a', '--map', '0x1000', '--', ...program],
    words: /--map 0x1000: write it as PATH@BASE\+SIZE, e\.g\. /,
  },
  {
    name: '--bridge where none is',
    args: ['run', '--bridge', 'unix:/no/such/socket', '--', ...program],
    words: /no bridge answers at unix:\/no\/such\/socket; start one with `trapline serve`/,
  },
  {
    name: 'a log that can not be written',
    args: ['run', '--rtl', sampleRtl('axil_regs'), '--top', 'axil_regs', '--map', map, '--log', '/no/l', '--', 'true'],
    words: /\/no\/l can't be written/,
  },
  {
    name: 'a place to listen that is not loopback',
    args: ['serve', '--rtl', sampleRtl('axil_regs'), '--top', 'axil_regs', '--map', map, '--listen', '0.0.0.0:0'],
    words: /can't listen on 0\.0\.0\.0:0: only loopback is allowed/,
  },
]

describe('a command line with', () => {
  it.each(flags)('$name', async ({ args, words }) => {
    const { status, sentences } = await trapline(makeScratch(), args)
    expect(sentences).toEqual([expect.stringMatching(words)])
    expect(status).toBe(125)
  })
})

it.each([
  { what: 'port', flag: '--port', core: 'two_buses' },
  { what: 'clock', flag: '--clock', core: 'two_clocks' },
])('two candidates for the $what: the run asks for $flag', async ({ what, flag, core }) => {
  const rtl = join(import.meta.dirname, 'cores/ambiguous.sv')
  const args = ['run', '--rtl', rtl, '--top', core, '--map', map, '--', ...program]
  const { status, sentences } = await trapline(makeScratch(), args)
  expect(sentences).toEqual([expect.stringMatching(new RegExp(`can each be the ${what}; say which with ${flag}`))])
  expect(status).toBe(125)
})
