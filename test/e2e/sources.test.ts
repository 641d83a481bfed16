/**
 * RTL as people keep it: included files, file lists, macros, C and C++; by flags and as `trapline init` writes them
 * down.
 */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const kept = join(import.meta.dirname, 'cores', 'kept')
const map = `/dev/mem@${at(0)}+0x1000`
const said = ['--define', "SUM=32'h1+2", '--input', 'straps=0x2a']

const read = (...offsets: number[]) => ['sh', '-ec', offsets.map((i) => `busybox devmem ${at(i)} 32`).join('\n')]
const program = read(0, 4, 8, 12, 16, 20, 24)
const values = ['0x00000103', '0x00000003', '0x00000007', '0x0000002A', '0x00000077', '0x00000042', '0x00000008']

it('flags say all of it, and init writes it into a file of another folder', async () => {
  const scratch = makeScratch()
  const list = join(kept, 'core.f')
  const flags = [
    '--rtl',
    list,
    '--top',
    'core',
    '--map',
    map,
    '--include',
    join(kept, 'c++'),
    '--set',
    'Step=7',
    ...said,
  ]
  for (const type of ['json', 'ts']) {
    const output = `trapline.config.${type}`
    const init = await trapline(scratch, ['init', ...flags, '--output', output])
    expect(init.status, init.stderr).toBe(0)
    const configured = await trapline(scratch, ['run', '--config', output, '--', ...program])
    expect(configured.stdout.split('\n'), configured.stderr).toEqual([...values, ''])
  }
})

it('relative names start where one stands, and in what init writes, where that is', async () => {
  const scratch = makeScratch()
  const flags = ['--rtl', 'core.f', '--top', 'core', '--map', map, '--include', 'c++', '--set', 'Step=7', ...said]
  const output = join(scratch.path, 'c.json')
  const init = await trapline(scratch, ['init', ...flags, '--output', output], { cwd: kept })
  expect(init.status, init.stderr).toBe(0)
  for (const args of [['--config', output], flags]) {
    const ended = await trapline(scratch, ['run', ...args, '--', ...program], { cwd: kept })
    expect(ended.stdout.split('\n'), ended.stderr).toEqual([...values, ''])
  }
})

const calls = `module calls (
  input wire clk, input wire psel, input wire penable, input wire pwrite, input wire [7:0] paddr,
  input wire [31:0] pwdata, output reg [31:0] prdata);
  import "DPI-C" function int unsigned answer(input int unsigned question);
  always @(posedge clk) prdata <= answer(32'(paddr));
endmodule
`

it('a header that the C reads decides about the model; a C file may be an argument of Verilator', async () => {
  const scratch = makeScratch()
  scratch.write('calls.sv', calls)
  scratch.write(
    'answer.c',
    '#include "value.h"\nunsigned answer(unsigned question) { return VALUE + MORE + question; }\n',
  )
  const args = ['answer.c', '-CFLAGS', '-DMORE=0x100']
  const config = scratch.write('c.json', configOf({ top: 'calls', sources: ['calls.sv'], verilatorArgs: args }))
  for (const value of ['0x000000A0', '0x000000B0']) {
    scratch.write('value.h', `#define VALUE (${value} - 0x100)\n`)
    const { stdout, stderr } = await trapline(scratch, ['run', '--config', config, '--', ...read(0)])
    expect(stdout, stderr).toBe(`${value}\n`)
  }
})

it('a function that nothing defines, and what does not compile, is named', async () => {
  const scratch = makeScratch()
  scratch.write('calls.sv', calls)
  scratch.write('value.cc', 'unsigned answer(unsigned question) { return question; }\n')
  scratch.write('wrong.c', '\nunsigned answer(unsigned question) { return query; }\n')
  for (const [source, sentence] of [
    ['value.cc', /^the RTL of calls imports answer, and nothing defines it; add the C or C\+\+ file .* extern "C"/],
    ['wrong.c', /^the C compiler refused wrong\.c:2 of calls: .query. undeclared/],
  ] as const) {
    const flags = ['--rtl', 'calls.sv', source, '--top', 'calls', '--map', map, '--reset', 'none']
    const { status, sentences } = await trapline(scratch, ['build', ...flags])
    expect({ status, last: sentences.at(-1) }).toEqual({ status: 125, last: expect.stringMatching(sentence) })
  }
})
