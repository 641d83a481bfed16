import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Symbolizer } from '../../../bridge/access/symbols.js'
import { readElf, readFunctions, toLinkAddress, type ElfHeader } from '../../../bridge/host/elf.js'
import { openScratch, removeScratch } from '../../support/scratch.js'

const scratch = openScratch()
afterAll(() => removeScratch(scratch))
const folder = scratch.path
const source = [
  'volatile int place;',
  'int poke_led(int value) {',
  '  place = value;',
  '  return value;',
  '}',
  'int main(void) { return poke_led(1); }',
].join('\n')

function compile(name: string, ...flags: string[]): string {
  const file = join(folder, name)
  execFileSync('gcc', ['-x', 'c', '-', '-o', file, '-O1', '-fno-inline', ...flags], { input: source, cwd: folder })
  return file
}

/** A site in `poke_led`, some bytes from its start. */
function siteIn(file: string, bytes: bigint, symbols = file) {
  const header = readElf(symbols) as ElfHeader
  const poke = readFunctions(symbols).find(({ name }) => name === 'poke_led')
  const address = (poke?.address ?? 0n) + bytes
  const segment = header.segments.find((s) => address >= s.address && address < s.address + s.fileSize)
  const moduleOffset = address - (segment?.address ?? 0n) + (segment?.offset ?? 0n)
  expect(toLinkAddress(header, moduleOffset)).toBe(address)
  return { module: file, moduleOffset, instruction: '' }
}

async function nameOf(site: { module: string; moduleOffset: bigint; instruction: string }): Promise<string> {
  const symbolizer = new Symbolizer()
  await symbolizer.name([site])
  return symbolizer.lookup(site)
}

let debug: string
beforeAll(() => {
  debug = compile('debug', '-g')
})

it('names function and source line', async () => {
  expect(await nameOf(siteIn(debug, 0n))).toMatch(/^poke_led \(.*:2\)$/)
})

it('gives one name to all who ask at once', async () => {
  const site = siteIn(debug, 0n)
  const symbolizer = new Symbolizer()
  const names = [1, 2].map(async () => {
    await symbolizer.name([site])
    return symbolizer.lookup(site)
  })
  expect(new Set(await Promise.all(names)).size).toBe(1)
})

it('works without PIE', async () => {
  expect(await nameOf(siteIn(compile('fixed', '-g', '-no-pie'), 0n))).toMatch(/^poke_led \(.*:2\)$/)
})

it('names function and offset without line information', async () => {
  expect(await nameOf(siteIn(compile('plain'), 3n))).toBe('poke_led+0x3')
})

it('names module and offset of stripped programs and of what is gone', async () => {
  const stripped = compile('stripped', '-s')
  expect(await nameOf(siteIn(stripped, 0n, compile('twin')))).toMatch(/^stripped\+0x[0-9a-f]+$/)
  expect(await nameOf({ module: '/gone/tool', moduleOffset: 0x123n, instruction: '' })).toBe('tool+0x123')
  expect(await nameOf({ module: '', moduleOffset: 0x123n, instruction: '' })).toBe('')
})

it('knows nothing of no site', () => {
  expect(new Symbolizer().lookup(undefined)).toBe('')
})
