/** RTL as people keep it: included files, file lists and macros, by flags and as `trapline init` writes them down. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { at } from '../support/configs.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const map = `/dev/mem@${at(0)}+0x1000`

const core = `\`include "id.vh"
\`include "offset.vh"
module core #(parameter Step = 1) (
  input wire clk, input wire rst, input wire psel, input wire penable, input wire pwrite, input wire [7:0] paddr,
  input wire [31:0] pwdata, output wire [31:0] prdata, input wire [7:0] straps);
  wire [31:0] more;
  part u_part (.more(more));
  assign prdata = paddr == 0 ? \`ID + \`OFFSET : paddr == 4 ? \`SUM : paddr == 8 ? Step : paddr == 12 ? {24'h0, straps} : more;
endmodule
`

/** A core whose list, included files and library each lie in a folder of their own; one has a plus sign in its name. */
function writeProject(scratch: Scratch): void {
  for (const folder of ['rtl', 'lib', 'c++']) mkdirSync(join(scratch.path, folder))
  scratch.write('rtl/core.v', core)
  scratch.write('rtl/offset.vh', "`define OFFSET 32'h3\n")
  scratch.write('lib/part.v', "module part (output wire [31:0] more);\n  assign more = 32'h77;\nendmodule\n")
  scratch.write('c++/id.vh', "`define ID 32'h100\n")
  scratch.write('core.f', 'rtl/core.v // names start here\n-y lib\n')
}

const program = ['sh', '-ec', [0, 4, 8, 12, 16].map((offset) => `busybox devmem ${at(offset)} 32`).join('\n')]
const values = '0x00000103\n0x00000003\n0x00000007\n0x0000002A\n0x00000077\n'
const said = ['--include', 'c++', '--define', "SUM=32'h1+2", '--input', 'straps=0x2a', '--set', 'Step=7']

it('flags say all of it, and init writes it into a file of another folder', async () => {
  const scratch = makeScratch()
  writeProject(scratch)
  mkdirSync(join(scratch.path, 'sim'))
  const flags = ['--rtl', 'core.f', '--top', 'core', '--map', map, ...said]
  for (const type of ['json', 'ts']) {
    const output = `sim/trapline.config.${type}`
    const init = await trapline(scratch, ['init', ...flags, '--output', output])
    expect(init.status, init.stderr).toBe(0)
    expect(readFileSync(join(scratch.path, output), 'utf8')).toMatch(/\.\.\/core\.f[^]*\.\.\/c\+\+/)
    const configured = await trapline(scratch, ['run', '--config', output, '--', ...program])
    expect(configured.stdout, configured.stderr).toBe(values)
  }
  const ended = await trapline(scratch, ['run', ...flags, '--', ...program])
  expect(ended.stdout, ended.stderr).toBe(values)
})
