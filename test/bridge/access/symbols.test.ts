import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Site } from '../../../bridge/wire/access.js'
import { Symbolizer } from '../../../bridge/access/symbols.js'
import { readElf, readFunctions, toLinkAddress, type ElfHeader } from '../../../bridge/ground/elf.js'
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
  return { module: file, moduleOffset, instruction: '', buildId: Buffer.from(readElf(file)?.buildId ?? '', 'hex') }
}

async function nameOf(site: Site): Promise<string> {
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

/** As a host elsewhere would name it, where another file has that path here. */
function siteAt(module: string): Site {
  return { ...siteIn(debug, 0n), module }
}

it('names nothing by a file of another build, or where nobody says which build it is', async () => {
  const other = compile('other', '-g', '-DOTHER', '-O0')
  expect(await nameOf(siteAt(other))).toMatch(/^other\+0x[0-9a-f]+$/)
  const same = join(folder, 'same')
  copyFileSync(debug, same)
  expect(await nameOf(siteAt(same))).toMatch(/^poke_led \(.*:2\)$/)
  for (const buildId of [undefined, new Uint8Array()])
    expect(await nameOf({ ...siteAt(same), buildId })).toMatch(/^same\+0x[0-9a-f]+$/)
  const without = compile('without', '-g', '-Wl,--build-id=none')
  expect(readElf(without)?.buildId).toBe('')
  expect(await nameOf(siteIn(without, 0n))).toMatch(/^without\+0x[0-9a-f]+$/)
})

it('opens nothing that could keep it, or that is no program', async () => {
  execFileSync('mkfifo', [join(folder, 'fifo')])
  symlinkSync(debug, join(folder, 'link'))
  const hostile = [
    join(folder, 'fifo'),
    join(folder, 'link'),
    folder,
    '/dev/zero',
    '/dev/tty',
    '/proc/self/exe',
    '/proc/kmsg',
  ]
  const names = await Promise.all(hostile.map((module) => nameOf(siteAt(module))))
  for (const name of names) expect(name).toMatch(/^[\w-]+\+0x[0-9a-f]+$/)
})

it('reads of a file no more than it has, whatever it says of itself', async () => {
  const original = readFileSync(debug)
  for (const [name, offset, bytes] of [
    ['segments', 32, 8],
    ['sections', 40, 8],
    ['segment size', 54, 4],
    ['section count', 58, 4],
  ] as const) {
    const damaged = Buffer.from(original)
    damaged.fill(0xff, offset, offset + bytes)
    const module = join(folder, `damaged ${name}`)
    writeFileSync(module, damaged)
    expect(await nameOf(siteAt(module))).toMatch(/^damaged .*\+0x|^poke_led/)
  }
})

it('knows nothing of no site', () => {
  expect(new Symbolizer().lookup(undefined)).toBe('')
})
