// Where included files are looked for, and which of them decide about a model: what they say shows as a port's width.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it, test } from 'vitest'
import { describeModel } from '../../../bridge/verilate/describe-model.js'
import { type ModelInput, toModel } from './to-model.js'

const directory = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0

const bus = 'input clk, input rst, input psel, input penable, input pwrite, input [31:0] pwdata, output [31:0] prdata'
const core = `\`include "width.vh"\nmodule core (${bus}, input [\`WIDTH-1:0] paddr); endmodule\n`
const width = (bits: number) => `\`undef WIDTH\n\`define WIDTH ${bits}\n`

function write(configDir: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(configDir, name)), { recursive: true })
    writeFileSync(join(configDir, name), text)
  }
}

async function widthOf(configDir: string, model: ModelInput): Promise<number | undefined> {
  const found = await describeModel(toModel(model), { configDir, cacheDir: join(directory, 'cache') })
  return found.ports[0]?.addressWidth
}

const other = '`include "width.vh"\nmodule other; endmodule\n'

const rows: { name: string; files: Record<string, string>; model: ModelInput; bits: number }[] = [
  {
    name: 'beside the source that includes it, though another source has one of that name beside it',
    files: { 'b/other.v': other, 'b/width.vh': width(9), 'a/core.v': core, 'a/width.vh': width(10) },
    model: { sources: ['b/other.v', 'a/core.v'] },
    bits: 10,
  },
  {
    name: 'beside a source that a file list names',
    files: { 'a/core.v': core, 'a/width.vh': width(10), 'core.f': 'a/core.v' },
    model: { sources: ['core.f'] },
    bits: 10,
  },
  {
    name: 'beside another source, where it is nowhere else',
    files: { 'b/other.v': other, 'b/width.vh': width(9), 'a/core.v': core },
    model: { sources: ['a/core.v', 'b/other.v'] },
    bits: 9,
  },
  {
    name: 'in a configured folder first, with a plus sign in its name',
    files: { 'a/core.v': core, 'a/width.vh': width(10), 'c++/width.vh': width(11) },
    model: { sources: ['a/core.v'], includeDirs: ['c++'] },
    bits: 11,
  },
  {
    name: 'a macro with a plus sign',
    files: { 'a/core.v': core, 'a/width.vh': '' },
    model: { sources: ['a/core.v'], defines: { WIDTH: '4+8' } },
    bits: 12,
  },
]

test.each(rows)('$name', async ({ files, model, bits }) => {
  const configDir = join(directory, String(count++))
  write(configDir, files)
  expect(await widthOf(configDir, model)).toBe(bits)
})

const using = core.replace('endmodule', 'part u_part (); endmodule')
const part = 'module automatic part; endmodule\n'
const taken = (file: string) => [`module part is taken from ${file}, which no source names`]

test.each<{ name: string; files: Record<string, string>; model: ModelInput; told: string[] }>([
  {
    name: 'from a folder in which an include was found',
    files: { 'b/other.v': other, 'b/width.vh': width(9), 'b/part.v': part, 'a/core.v': using },
    model: { sources: ['a/core.v', 'b/other.v'] },
    told: taken('b/part.v'),
  },
  {
    name: "from the configuration's own folder, too",
    files: { 'a/width.vh': width(9), 'part.sv': part, 'a/core.v': using },
    model: { sources: ['a/core.v'] },
    told: taken('part.sv'),
  },
  {
    name: 'from a configured folder',
    files: { 'c/width.vh': width(9), 'c/part.v': part, 'a/core.v': using },
    model: { sources: ['a/core.v'], includeDirs: ['c'] },
    told: taken('c/part.v'),
  },
  {
    name: 'not where it is included',
    files: { 'a/width.vh': width(9), 'a/part.v': part, 'a/core.v': `\`include "part.v"\n${using}` },
    model: { sources: ['a/core.v'] },
    told: [],
  },
  {
    name: 'not from a folder of libraries, or a library',
    files: { 'a/width.vh': width(9), 'lib/part.v': part, 'a/core.v': using },
    model: { sources: ['a/core.v'], verilatorArgs: ['-y', 'lib'] },
    told: [],
  },
])('a module that is taken unasked is told of: $name', async ({ files, model, told }) => {
  const configDir = join(directory, String(count++))
  write(configDir, files)
  const found = await describeModel(toModel(model), { configDir, cacheDir: join(directory, 'cache') })
  expect(found.leftOut.filter((line) => line.startsWith('module'))).toEqual(told)
})

it('a change of any of them, or a new one that counts first, is seen', async () => {
  const configDir = join(directory, String(count++))
  const model = { sources: ['core.f'], includeDirs: ['first'] }
  write(configDir, { 'b/other.v': other, 'b/width.vh': width(9), 'a/core.v': core, 'core.f': 'b/other.v a/core.v' })
  const changes = [
    { file: 'b/width.vh', bits: 8 },
    { file: 'a/width.vh', bits: 10 },
    { file: 'width.vh', bits: 11 },
    { file: 'first/width.vh', bits: 12 },
  ]
  mkdirSync(join(configDir, 'first'))
  expect(await widthOf(configDir, model)).toBe(9)
  for (const { file, bits } of changes) {
    write(configDir, { [file]: width(bits) })
    expect(await widthOf(configDir, model), file).toBe(bits)
  }
  write(configDir, { 'core.f': 'b/other.v a/core.v // the same\n+incdir+c', 'c/width.vh': width(13) })
  expect(await widthOf(configDir, { sources: ['core.f'] })).toBe(13)
})

it('one that is beside several other sources, and differs, is asked about', async () => {
  const configDir = join(directory, String(count++))
  const files = {
    'b/other.v': 'module other; endmodule',
    'b/width.vh': width(9),
    'c/more.v': '',
    'c/width.vh': width(8),
  }
  write(configDir, { ...files, 'a/core.v': core })
  const sources = ['a/core.v', 'b/other.v', 'c/more.v']
  await expect(widthOf(configDir, { sources })).rejects.toThrow(
    'width.vh, which core includes, is in the folders b and c of its sources, and differs; name the folder that ' +
      'is meant',
  )
  expect(await widthOf(configDir, { sources, includeDirs: ['c'] })).toBe(8)
})

it('one that is nowhere is named, with the flag', async () => {
  const configDir = join(directory, String(count++))
  write(configDir, { 'a/core.v': core })
  await expect(widthOf(configDir, { sources: ['a/core.v'] })).rejects.toThrow(
    'core includes width.vh at a/core.v:1, which is not beside that file and in no folder of includeDirs; name ' +
      'its folder there (--include)',
  )
})
