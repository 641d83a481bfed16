/**
 * The bounded run of the differential fuzzer, linked with the core of the agent and with the agent brought in; and that
 * it finds a rule of the re-encoding that is broken.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, describe, expect, it } from 'vitest'
import { cache, commandLine, root } from '../support/places.js'
import { cleanEnvironment } from '../support/trapline.js'

const folder = join(root, 'test/trap/fuzz')
const minimumForms = 1000

/**
 * One `sed` each on trap/instruction/reencode.c: the register operand, the segment that belongs to the old address, the
 * operand size.
 */
const brokenRules = [
  { name: 'register', change: 's/MODRM_REG/0x18u/' },
  { name: 'segment', change: 's/byte == 0x65 ||//' },
  { name: 'width', change: 's/bytes.i. & ~0x03u/bytes[i] \\& ~0x0bu/' },
]

async function fuzz(name: string, ...flags: string[]) {
  return await execa(join(root, 'build/test', name), flags, {
    ...{ reject: false, cwd: root, all: true },
    ...{ env: { ...cleanEnvironment(), TRAPLINE_CACHE: cache }, extendEnv: false },
  })
}

/** The command line that has the trapped runs made by that program, under an agent that is brought into it. */
function apart(program: string, ...flags: string[]): string[] {
  const config = join(folder, 'apart.config.json')
  const command = [process.execPath, commandLine, 'run', '--config', config, ...flags, '--', program]
  return ['--apart', command.map((word) => `"${word}"`).join(' ')]
}

describe('differential fuzzer', () => {
  beforeAll(async () => {
    await execa('make', ['--silent', '-C', folder], { cwd: root })
  }, 600_000)

  it('finds no difference', { timeout: 600_000 }, async () => {
    const { exitCode, all } = await fuzz('fuzz', '--count', '100000')
    expect(exitCode, all).toBe(0)
    const [, forms] = /^fuzz: 100000 instructions, (\d+) forms, 0 differences, seed 1$/m.exec(all) ?? []
    expect(Number(forms), all).toBeGreaterThanOrEqual(minimumForms)
  })

  it('finds no difference where instructions are patched', { timeout: 600_000 }, async () => {
    const { exitCode, all } = await fuzz('fuzz', '--patched', '--count', '50000')
    expect(exitCode, all).toBe(0)
    const [, patched] = /^fuzz: (\d+) of them patched$/m.exec(all) ?? []
    expect(Number(patched), all).toBeGreaterThanOrEqual(1000)
  })

  it('finds no difference in 32-bit code', { timeout: 600_000 }, async ({ skip }) => {
    const { exitCode, all } = await fuzz('fuzz', '--code', '32', '--count', '100000')
    if (/^fuzz: this machine runs no 32-bit code$/m.test(all)) skip('this machine runs no 32-bit code')
    expect(exitCode, all).toBe(0)
    const [, forms] = /^fuzz: 100000 instructions, (\d+) forms, 0 differences, seed 1$/m.exec(all) ?? []
    expect(Number(forms), all).toBeGreaterThanOrEqual(minimumForms)
  })

  it.for([
    { name: 'fuzz-apart', code: '64', flags: [] },
    { name: 'fuzz-apart', code: '32', flags: ['--lane', 'shm'] },
    { name: 'fuzz-apart-musl', code: '64', flags: ['--lane', 'shm'] },
  ])('finds no difference in $name, $code-bit code, where the agent is brought in', async (row, { skip }) => {
    const program = join(root, 'build/test', row.name)
    if (!existsSync(program)) skip('there is no musl-gcc')
    const count = '3000'
    const { exitCode, all } = await fuzz('fuzz', '--code', row.code, '--count', count, ...apart(program, ...row.flags))
    if (/^fuzz: this machine runs no 32-bit code$/m.test(all)) skip('this machine runs no 32-bit code')
    expect(exitCode, all).toBe(0)
    const [, forms] =
      new RegExp(`^fuzz: ${count} instructions, (\\d+) forms, 0 differences, seed 1$`, 'm').exec(all) ?? []
    expect(Number(forms), all).toBeGreaterThanOrEqual(minimumForms)
    const [, accesses] = /^trapline: (\d+) accesses/m.exec(all) ?? []
    expect(Number(accesses), all).toBeGreaterThan(Number(count))
  })

  it('finds a broken rule of 32-bit code', { timeout: 600_000 }, async ({ skip }) => {
    const change = 's/= 0x80;/= 0x82;/'
    const rule = ['broken', 'NAME=alias', 'FILE=decode_code32.c', `CHANGE=${change}`]
    await execa('make', ['--silent', '-C', folder, ...rule], { cwd: root })
    const { exitCode, all } = await fuzz('fuzz-alias', '--code', '32', '--count', '20000')
    if (/^fuzz: this machine runs no 32-bit code$/m.test(all)) skip('this machine runs no 32-bit code')
    expect(exitCode, all).toBe(1)
    expect(all).toMatch(/^ {2}repeat with: .*fuzz-\w+ --code 32 --seed 1 --case \d+$/m)
  })

  it.each(brokenRules)('finds a broken rule: $name', { timeout: 600_000 }, async ({ name, change }) => {
    await execa('make', ['--silent', '-C', folder, 'broken', `NAME=${name}`, `CHANGE=${change}`], { cwd: root })
    const { exitCode, all } = await fuzz(`fuzz-${name}`, '--count', '20000')
    expect(exitCode, all).toBe(1)
    expect(all).toMatch(/^ {2}repeat with: .*fuzz-\w+ --seed 1 --case \d+$/m)
  })
})
