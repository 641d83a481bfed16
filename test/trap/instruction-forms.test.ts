/**
 * Every instruction form, once on a trapped window of RTL and once on plain memory: registers, flags, vector state and
 * memory must be the same, and so when instructions are patched. `forms/` holds the tables; each of its lines is a
 * test here.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { base, configOf, sampleModel } from '../support/configs.js'
import { forms } from '../support/places.js'
import { makeScratch, openScratch, removeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

function namesOf(code: string): string[] {
  const table = execFileSync(forms, ['--list', '--code', code], { encoding: 'utf8' })
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '')
}
const names = namesOf('64')
const names32 = namesOf('32')

/** The line about a form: `ok NAME`, `not ok NAME: why` or `skip NAME: why`; names may hold colons too. */
function verdictOn(name: string, lines: string[]): string | undefined {
  return lines.find(
    (line) => line === `ok ${name}` || [`not ok ${name}: `, `skip ${name}: `].some((start) => line.startsWith(start)),
  )
}

it.each([{ all: names }, { all: names32 }])('the tables have more than 150 forms, each of its own name', ({ all }) => {
  expect(all.length).toBeGreaterThan(150)
  expect(new Set(all).size).toBe(all.length)
})

describe.each([32, 64])('on a bus of %i bits', (dataWidth) => {
  const scratch = openScratch()
  let lines: string[] = []
  let stderr = ''

  beforeAll(async () => {
    const ram = configOf(sampleModel('axil_ram', { DataWidth: dataWidth }))
    const ended = await runHost(scratch, ram, [forms, '/dev/mem', String(base), '4096'])
    lines = ended.stdout.split('\n')
    stderr = ended.stderr
  })
  afterAll(() => removeScratch(scratch))

  it.for(names)('%s', (name, { skip }) => {
    const verdict = verdictOn(name, lines) ?? `no verdict; the program said: ${stderr}`
    if (verdict.startsWith('skip ')) skip(verdict)
    expect(verdict).toBe(`ok ${name}`)
  })
})

/** In a 64-bit program, which goes to such code and back by far jumps: as 32-bit programs have it, and Wine. */
describe('as 32-bit code', () => {
  const scratch = openScratch()
  let lines: string[] = []
  let stderr = ''

  beforeAll(async () => {
    const ram = configOf(sampleModel('axil_ram', { DataWidth: 32 }))
    const ended = await runHost(scratch, ram, [forms, '--code', '32', '/dev/mem', String(base), '4096'])
    lines = ended.stdout.split('\n')
    stderr = ended.stderr
  })
  afterAll(() => removeScratch(scratch))

  it.for(names32)('%s', (name, { skip }) => {
    if (lines[0] === 'forms: this machine runs no 32-bit code') skip('this machine runs no 32-bit code')
    const verdict = verdictOn(name, lines) ?? `no verdict; the program said: ${stderr}`
    if (verdict.startsWith('skip ')) skip(verdict)
    expect(verdict).toBe(`ok ${name}`)
  })
})

/** Programs into which the agent is brought: the same tables, with the same answers. */
describe.each(['forms-static', 'forms-musl'])('%s', (name) => {
  const program = join(dirname(forms), name)
  it.for([
    { code: '64', flags: [] },
    { code: '32', flags: [] },
    { code: '64', flags: ['--lane', 'shm', '--patch'] },
  ])('has the same answers in $code-bit code with $flags', async ({ code, flags }, { skip }) => {
    if (!existsSync(program)) skip('there is no musl-gcc')
    const ram = configOf(sampleModel('axil_ram', { DataWidth: 64 }))
    const command = [program, '--code', code, '--repeat', '2', '/dev/mem', String(base), '4096']
    const env = { TRAPLINE_PATCH_AFTER: '1' }
    const { status, stdout, stderr } = await runHost(makeScratch(), ram, command, { flags, env })
    const lines = stdout.trimEnd().split('\n')
    if (lines[0] === 'forms: this machine runs no 32-bit code') skip(lines[0])
    expect(lines.filter((line) => line.startsWith('not ok'))).toEqual([])
    const [, ok, skipped] = /^forms: (\d+) ok, 0 failed, (\d+) skipped$/.exec(lines.at(-1) ?? '') ?? []
    expect(Number(ok) + Number(skipped), stderr).toBe((code === '32' ? names32 : names).length)
    expect(Number(ok)).toBeGreaterThan(150)
    expect({ status, untrapped: /without Trapline|qemu/.test(stderr) }).toEqual({ status: 0, untrapped: false })
  })
})

/** As many as fit into the patches of one process. */
const parts = 4

/** The first access of an instruction goes by gRPC, so the second one has it patched, if that can be. */
it.each(Array.from({ length: parts }, (_, part) => part))('patched, part %i of 0 to 3', async (part) => {
  const ram = configOf(sampleModel('axil_ram', { DataWidth: 64 }))
  const options = ['--repeat', '4', '--part', String(part), '--of', String(parts)]
  const program = [forms, ...options, '/dev/mem', String(base), '4096']
  const { status, stdout, sentences } = await runHost(makeScratch(), ram, program, {
    flags: ['--patch'],
    env: { TRAPLINE_PATCH_AFTER: '1' },
  })
  const lines = stdout.trimEnd().split('\n')
  expect(lines.filter((line) => line.startsWith('not ok'))).toEqual([])
  expect(lines.at(-1)).toMatch(/^forms: \d+ ok, 0 failed, \d+ skipped$/)
  expect(status).toBe(0)
  const said = sentences.find((sentence) => sentence.startsWith('--patch: ')) ?? ''
  const patched = Number(/^--patch: (\d+) instructions were patched/.exec(said)?.[1])
  // How many find room for a jump depends on where the system put the program.
  const withoutRoom = Number(/(\d+) without room for a jump/.exec(said)?.[1] ?? 0)
  expect(patched, sentences.join('\n')).toBeGreaterThan(9 * withoutRoom)
  expect(patched, sentences.join('\n')).toBeGreaterThan(100)
})
