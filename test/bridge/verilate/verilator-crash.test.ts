// What is said when Verilator itself gives up, in every wording that it has. The first three are its own: it can be
// told to.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describeModel } from '../../../bridge/verilate/describe-model.js'
import type { Tool } from '../../../bridge/verilate/toolchain.js'
import { structFailure } from '../../../bridge/verilate/verilator-crash.js'
import { toVerilatorError } from '../../../bridge/verilate/verilator-error.js'
import { openScratch } from '../../support/scratch.js'
import { coreText } from './axi-lite-core.js'
import { toModel } from './to-model.js'

const scratch = openScratch()
afterAll(() => rmSync(scratch.path, { recursive: true, force: true }))
writeFileSync(join(scratch.path, 'core.sv'), coreText({}))

test.each([
  ['--debug-fatalsrc', /^Verilator failed on core by an error of its own: \S+V3Options\.cpp:\d+: --debug-fatal-src;/],
  ['--debug-sigsegv', /^Verilator crashed on core without naming a line;/],
  ['--debug-abort', /^Verilator crashed on core without naming a line;/],
])('of a real one, by %s', async (option, sentence) => {
  const model = toModel({ verilatorArgs: [option] })
  const cacheDir = join(scratch.path, 'cache')
  await expect(describeModel(model, { configDir: scratch.path, cacheDir })).rejects.toThrow(sentence)
})

function verilatorOf(version: string): Tool {
  return { name: 'verilator', path: '/bin/verilator', version, build: version, speaksJson: false, environment: {} }
}

async function said(output: string, version = 'Verilator 5.048 2026-04-26'): Promise<string> {
  const run = { cwd: scratch.path, log: 'build.log', verilator: verilatorOf(version) }
  return (await toVerilatorError(toModel({}), output, run)).message
}

test.each([
  ['%Error: Verilator internal fault, sorry.  Consider trying --debug --gdbbt'],
  ['%Error: Verilator threw signal 7. Suggest trying --debug --gdbbt'],
  ['%Error: Command Failed ulimit -s unlimited 2>/dev/null; exec /usr/bin/verilator_bin core.sv'],
  ["terminate called after throwing an instance of 'std::out_of_range'\n  what():  map::at"],
  ['sh: line 1:  9210 Segmentation fault      (core dumped) verilator_bin core.sv'],
  ['terminated by SIGSEGV'],
  ["verilator_bin: ../V3Ast.h:10: visit: Assertion `nodep' failed.\nAborted"],
  ['double free or corruption (!prev)'],
  ['%Warning-WIDTH: core.sv:3:4: bits\n%Error: Verilator aborted. Suggest trying --debug --gdbbt'],
])('a crash: %s', async (output) => {
  expect(await said(output)).toMatch(
    /^Verilator crashed on core without naming a line; .* \(its whole output: build\.log\)$/,
  )
})

test.each([
  ["terminate called after throwing an instance of 'std::bad_alloc'\n%Error: Verilator aborted."],
  ['%Error: Verilator threw signal 9. Suggest trying --debug --gdbbt\n%Error: Command Failed verilator_bin'],
  ['Killed'],
  ['terminated by SIGKILL'],
])('want of memory: %s', async (output) => {
  expect(await said(output)).toMatch(/^Verilator was killed on core, or ran out of memory; give it more/)
})

test('an error that names a line outranks the crash that follows it', async () => {
  const output = '%Error: core.sv:5:27: Replication value of < 0\n%Error: Verilator internal fault, sorry.'
  expect(await said(output)).toMatch(/^Verilator refused core at core\.sv:5: Replication value/)
})

const unsupported = '%Error-UNSUPPORTED: core.sv:5:27: Unsupported: randcase'
const offer = /; Verilator 5\.048 may take it: `trapline setup --verilator` brings it \(its whole output/

test.each([
  ['what is unsupported', unsupported, 'Verilator 5.006 2023-01-22', true],
  ['a syntax error', '%Error: core.sv:5:27: syntax error, unexpected IDENTIFIER', 'Verilator 5.006 2023-01-22', true],
  ['a crash', '%Error: Verilator internal fault, sorry.', 'Verilator 5.032 2025-01-01', true],
  ['a build without a number', unsupported, 'rev UNKNOWN.REV', true],
  ['what no Verilator takes', "%Error: core.sv:5:27: Can't find definition of variable: 'x'", 'Verilator 5.006', false],
  [
    'syntax that follows from a missing file',
    "%Error: core.sv:1:10: Cannot find include file: 'defs.vh'\n%Error: core.sv:5:27: syntax error, unexpected ';'",
    'Verilator 5.006',
    false,
  ],
  ['one as new as ours', unsupported, 'Verilator 5.048 2026-04-26', false],
])('a newer Verilator is offered or not: %s', async (_name, output, version, isOffered) => {
  expect(offer.test(await said(output, version))).toBe(isOffered)
})

test('a struct that is assigned in two ways is named by its port', async () => {
  const line = (how: string) => `trapline_top.sv:18:13: Unsupported: ${how} 'trapline_top.member__axi_resp_o'`
  for (const how of [
    'Blocked and non-blocking assignments to same variable:',
    'Blocking and non-blocking assignments to same non-packed variable:',
  ])
    expect(await said(`%Error-BLKANDNBLK: ${line(how)}`)).toMatch(
      /^port axi_resp_o of core is a struct of which some members are assigned at clock edges and others not/,
    )
})

// As g++ 12 says it of what Verilator 5.006 writes.
test.each([
  [
    'more than 64 bits',
    'Vtrapline_top_p__0.cpp:40:44: error: invalid user-defined conversion from ‘const VlWide<4>’ to ‘int’\n   ' +
      '40 | VL_TO_STRING_W(obj.q);',
    true,
  ],
  [
    'a loop',
    'Vtrapline_top___024root__0.cpp:21:39: error: no match for ‘operator!=’ (operand types are ' +
      '‘Vtrapline_top_resp_t__struct1’',
    true,
  ],
  [
    'bits of a member',
    'obj/Vtrapline_top___024root__0.cpp:14:12: error: lvalue required as left operand of assignment',
    true,
  ],
  ['C++ of the user', 'native/model.cpp:14:12: error: lvalue required as left operand of assignment', false],
  ['another failure', 'Vtrapline_top.cpp:3:4: error: ‘x’ was not declared in this scope', false],
])('C++ of unpacked structs that does not compile: %s', (_name, output, isTold) => {
  const sentence = structFailure('core', output)
  if (isTold) expect(sentence).toMatch(/^this Verilator can't do what core does with an unpacked struct: /)
  else expect(sentence).toBeUndefined()
})
