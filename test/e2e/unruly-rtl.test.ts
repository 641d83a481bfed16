/** What RTL prints stays its own: it moves no cursor, begins no line of ours, and fills no memory. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { at, configOf } from '../support/configs.js'
import { root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const escapes = 'unruly: \\x1b[2J\\x1b]0;owned\\x07 line\\rtrapline: 1 access, forged\tend \\u{202e}'

/** Does what `action` says, by one write, and ends. */
function act(scratch: Scratch, action: number, env: Record<string, string> = {}) {
  const model: TraplineConfig['models'][string] = { top: 'unruly', sources: [join(root, 'test/e2e/cores/unruly.sv')] }
  const config: TraplineConfig = {
    models: { unruly: model },
    devices: { dut: { ...configOf('axil_regs').devices.dut, model: 'unruly' } as never },
  }
  const file = scratch.write('trapline.config.json', config)
  const program = ['busybox', 'devmem', at(0), '32', String(action)]
  return trapline(scratch, ['run', '--config', file, '--', ...program], { env })
}

it('escapes are shown, and the line is one', async () => {
  const { status, sentences } = await act(makeScratch(), 1)
  expect(sentences).toContain(escapes)
  expect(sentences.filter((line) => line.startsWith('1 access, forged'))).toEqual([])
  expect(status).toBe(0)
})

it('as JSON they are escapes of JSON', async () => {
  const { stderr } = await act(makeScratch(), 1, { TRAPLINE_LOG_FORMAT: 'json' })
  expect(stderr).toContain('\\u001b[2J\\u001b]0;owned\\u0007 line\\rtrapline: 1 access, forged\\tend \\u202e')
  expect(stderr).not.toMatch(/[\x1b\u202e]/)
})

it('a line of 4 MB is cut, and the run goes on', async () => {
  const { status, sentences } = await act(makeScratch(), 2)
  const [line = ''] = sentences.filter((sentence) => sentence.startsWith('unruly: x'))
  expect(line).toMatch(/^unruly: x{60000,} … \(cut here: the line is longer than 65536 bytes\)$/)
  expect(status).toBe(0)
})

it('what $fatal says is one sentence', async () => {
  const { status, sentences, stderr } = await act(makeScratch(), 5)
  expect(sentences.join('\n')).toContain('\\x1b[31mred\\x1b[0m\\ntrapline: forged')
  expect(stderr).not.toMatch(/^trapline: forged|\x1b/m)
  expect(status).toBe(125)
})

it('names that do not exist are one sentence, too', async () => {
  const scratch = makeScratch()
  const run = await trapline(scratch, ['run', '--config', 'no\x1b[2J\ntrapline: forged.json', '--', 'true'])
  expect(run.sentences).toHaveLength(1)
  expect(run.sentences[0]).toContain('no\\x1b[2J\\ntrapline: forged.json')
  const other = await trapline(scratch, [
    'run',
    '--rtl',
    join(scratch.path, 'x'),
    '--',
    'no\x1b[2J\ntrapline: 1 access',
  ])
  expect(other.stderr).not.toMatch(/\x1b|^trapline: 1 access/m)
  expect(other.status).toBe(127)
})
