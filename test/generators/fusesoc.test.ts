/**
 * A core of FuseSoC, with the real one: what its registers answer tells which files, macros and parameters are in the
 * model.
 */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const env = { PATH: [join(root, 'build', 'generators', 'bin'), process.env.PATH].join(delimiter) }
const map = ['--map', `/dev/mem@${at(0)}+0x1000`]
const program = ['--', 'sh', '-ec', [0, 4, 8, 12, 16, 20].map((i) => `busybox devmem ${at(i)} 32`).join('\n')]
const values = ['0x00000107', '0x00000005', '0x00000006', '0x00000077', '0x00000042', '0x00000065']
const valuesOfFlow = ['0x00000107', '0x00000001', '0x00000009', '0x00000077', '0x00000042', '0x00000032']

/** In a folder with a blank in its name. */
function bringCore(scratch: Scratch, folder = 'my ip'): string {
  cpSync(join(import.meta.dirname, 'packaged'), join(scratch.path, folder), { recursive: true })
  return `${folder}/bank.core`
}

function edit(scratch: Scratch, name: string, from: string, to: string): void {
  const file = join(scratch.path, name)
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
}

test('by flags, without a top, and as init writes it down; a change of the core or its files is built', async () => {
  const scratch = makeScratch()
  const core = bringCore(scratch)
  const flags = ['--rtl', core, ...map]
  const first = await trapline(scratch, ['run', ...flags, ...program], { env })
  expect(first.stdout.split('\n'), first.stderr).toEqual([...values, ''])
  const init = await trapline(scratch, ['init', ...flags, '--output', 'my ip/c.json'], { env })
  expect(init.status, init.stderr).toBe(0)
  const run = () => trapline(scratch, ['run', '--config', 'my ip/c.json', ...program], { env })
  expect((await run()).stdout.split('\n')).toEqual([...values, ''])
  edit(scratch, 'my ip/bank.core', 'default: 7', 'default: 8')
  edit(scratch, 'my ip/part/part.v', "32'h77", "32'h78")
  const changed = await run()
  const [, ...others] = values.with(3, '0x00000078')
  expect(changed.stdout.split('\n'), changed.stderr).toEqual(['0x00000108', ...others, ''])
})

test('another target, of a flow for another simulator', async () => {
  const scratch = makeScratch()
  const core = `${bringCore(scratch)}#flow`
  const config = scratch.write('c.json', configOf({ top: 'bank', sources: [core] }))
  const { stdout, stderr } = await trapline(scratch, ['run', '--config', config, ...program], { env })
  expect(stdout.split('\n'), stderr).toEqual([...valuesOfFlow, ''])
})

test.each([
  ['#bare', '', "Target 'bare' has no toplevel"],
  ['#gone', '', "has no target 'gone'"],
  ['', 'trapline:test:part', "<- 'trapline_test_gone"],
])('what FuseSoC refuses is said in a sentence: %s%s', async (target, missing, sentence) => {
  const scratch = makeScratch()
  const core = bringCore(scratch)
  if (missing) edit(scratch, 'my ip/bank.core', missing, 'trapline:test:gone')
  const { status, stderr } = await trapline(scratch, ['run', '--rtl', core + target, ...map, ...program], { env })
  expect(status).toBe(125)
  expect(stderr).toContain(sentence)
})

test("an error of the RTL names the line of the user's own file", async () => {
  const scratch = makeScratch()
  // Verilator itself takes the name of a file in an error to end at a blank.
  const core = bringCore(scratch, 'ip')
  edit(scratch, 'ip/part/part.v', 'assign value', 'assign = value')
  const { stderr } = await trapline(scratch, ['run', '--rtl', core, ...map, ...program], { env })
  expect(stderr).toMatch(/Verilator refused bank at ip\/part\/part\.v:5: syntax error/)
})
