// Which module is the top where nobody names it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findTop } from '../../../bridge/verilate/find-top.js'
import { toModel } from './to-model.js'

const directory = mkdtempSync(join(tmpdir(), 'trapline-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const leaf = 'module leaf (input c); endmodule\n'

test.each([
  ['the only module', leaf, 'leaf'],
  ['the one that instantiates the others', `module above (input c); leaf u (.c(c)); endmodule\n${leaf}`, 'above'],
  ['packages and interfaces are none', `package p; endpackage\ninterface i; logic a; endinterface\n${leaf}`, 'leaf'],
  ['one with a port of its own name', 'module rst_n (input c, input rst_n); endmodule\n', 'rst_n'],
  [
    'one that instantiates itself',
    'module deep #(N = 2) (input c); if (N > 0) deep #(N - 1) u (.c(c)); endmodule\n' +
      'module above (input c); deep u (.c(c)); endmodule',
    'above',
  ],
])('%s', async (_name, text, top) => {
  writeFileSync(join(directory, 'core.sv'), text)
  expect(await findTop(toModel({}), directory)).toBe(top)
})

test('of several it asks', async () => {
  writeFileSync(join(directory, 'core.sv'), `${leaf}module other (input c); endmodule\n`)
  await expect(findTop(toModel({}), directory)).rejects.toThrow(
    'leaf, other can each be the top module; name one by --top',
  )
})
