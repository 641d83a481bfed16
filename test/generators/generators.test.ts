/**
 * Register banks as public generators write them, with every bus that each has: they run at the first command, or after
 * the answer to the one question that it asks.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const here = import.meta.dirname
const tools = join(root, 'build', 'generators', 'bin')

interface Bank {
  name: string
  generate(directory: string): Promise<string[]>
  /** Its bus has no strobes, or its registers don't look at them. */
  wholeWords?: boolean
  question?: RegExp
  answer?: string[]
}

function run(directory: string, tool: string, ...args: string[]) {
  return execa(join(tools, tool), args, { cwd: directory })
}

/** The interfaces that PeakRDL's modules take are its users' to bring; ours have the signals that its manual names. */
const peakrdl = (cpuif: string, more: Partial<Bank> = {}): Bank => ({
  name: `PeakRDL-regblock, ${cpuif}`,
  generate: async (directory) => {
    await run(directory, 'peakrdl', 'regblock', join(here, 'bank.rdl'), '-o', '.', '--cpuif', cpuif)
    return [join(here, 'peakrdl_interfaces.sv'), 'bank_pkg.sv', 'bank.sv']
  },
  ...more,
})

const corsair = (bus: string, more: Partial<Bank> = {}): Bank => ({
  name: `Corsair, ${bus}`,
  generate: async (directory) => {
    const settings = ['[globcfg]', 'data_width = 32', 'address_width = 8', '[module]', 'path = bank.v']
    writeFileSync(
      join(directory, 'csrconfig'),
      [...settings, `interface = ${bus}`, 'generator = Verilog', ''].join('\n'),
    )
    await run(directory, 'corsair', '-r', join(here, 'bank.json'), '-c', 'csrconfig')
    return ['bank.v']
  },
  ...more,
})

const script = (name: string, file: string, more: Partial<Bank>): Bank => ({
  name,
  generate: async (directory) => {
    await run(directory, 'python3', join(here, file), 'bank.v')
    return ['bank.v']
  },
  ...more,
})

const words = { question: /can count bytes or words of 4 bytes/, answer: ['--addresses', 'words'] }
const bytes = { question: /can count bytes or words of 4 bytes/, answer: ['--addresses', 'bytes'] }

const banks: Bank[] = [
  peakrdl('passthrough'),
  ...['', '-flat'].flatMap((form) => [
    peakrdl(`apb3${form}`, { wholeWords: true }),
    peakrdl(`apb4${form}`),
    peakrdl(`axi4-lite${form}`),
    peakrdl(`avalon-mm${form}`, words),
    peakrdl(`wishbone${form}`, bytes),
    peakrdl(`obi${form}`),
  ]),
  corsair('axil'),
  corsair('apb'),
  corsair('amm', bytes),
  corsair('lb'),
  script('LiteX', 'litex_bank.py', { ...words, wholeWords: true }),
  script('Amaranth', 'amaranth_bank.py', words),
]

async function use(scratch: Scratch, sources: string[], flags: string[], widths: string) {
  const rtl = sources.flatMap((source) => ['--rtl', source])
  const map = ['--map', '/dev/mem@0x43c00000+0x10']
  return await trapline(scratch, [
    'run',
    ...rtl,
    '--top',
    topOf(scratch, sources),
    ...map,
    ...flags,
    '--',
    'python3',
    join(here, 'use_bank.py'),
    widths,
  ])
}

function topOf(scratch: Scratch, sources: string[]): string {
  const text = readFileSync(join(scratch.path, sources.at(-1) as string), 'utf8')
  return /^module (\w+)/m.exec(text)?.[1] ?? ''
}

describe.each(banks)('$name', ({ generate, wholeWords = false, question, answer = [] }) => {
  test('every register is the right one', async () => {
    const scratch = makeScratch()
    const sources = await generate(scratch.path)
    const widths = wholeWords ? 'words' : 'bytes'
    if (question) {
      const asked = await use(scratch, sources, [], widths)
      expect(asked, asked.stderr).toMatchObject({ status: 125, stdout: '' })
      expect(asked.stderr).toMatch(question)
    }
    const { status, stdout, stderr } = await use(scratch, sources, answer, widths)
    const scratchWord = wholeWords ? '12345678' : '1234aa78'
    expect({ status, stdout }, stderr).toEqual({
      status: 0,
      stdout: `c0de0001 00000000 22000011 c0de0004\nc0de0001 ${scratchWord} 2200001e c0de0004\n`,
    })
  })
})
