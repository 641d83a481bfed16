// Which damage of a folder of the cache is seen, and what of the shared objects goes with it: all of it, file by file.
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test, vi } from 'vitest'
import { log } from '../../../bridge/ground/log.js'
import { findDamage, isWhole, seal } from '../../../bridge/verilate/manifest.js'
import { readMemo, writeMemo } from '../../../bridge/verilate/sealed-memo.js'
import { withRuntime } from '../../../bridge/verilate/shared-runtime.js'
import { damages, filesBelow } from '../../support/damage.js'
import { makeScratch, type Scratch } from '../../support/scratch.js'

const kinds = Object.keys(damages)
const damage = (kind: string, file: string) => damages[kind]?.(file)

const names = ['model.pb.c', 'model.pb.h', 'model.pb.o', 'sim/link.o', 'sim/main.o']

async function makeFolder(scratch: Scratch): Promise<string> {
  const folder = scratch.folder()
  mkdirSync(join(folder, 'sim'))
  for (const name of names) writeFileSync(join(folder, name), `contents of ${name}`)
  await seal(folder)
  return folder
}

const everyFile = [...names, 'SHA256SUMS']

test.each(kinds.flatMap((kind) => everyFile.map((name) => [kind, name] as const)))('%s: %s', async (kind, name) => {
  const folder = await makeFolder(makeScratch())
  expect(isWhole(await findDamage(folder))).toBe(true)
  damage(kind, join(folder, name))
  expect(isWhole(await findDamage(folder))).toBe(false)
})

test.each([
  ['never sealed', []],
  ['a file that came later', ['model.pb.o']],
])('%s', async (_name, sealed) => {
  const folder = makeScratch().folder()
  for (const name of sealed) writeFileSync(join(folder, name), name)
  if (sealed.length > 0) await seal(folder)
  writeFileSync(join(folder, 'later.o'), '')
  expect(isWhole(await findDamage(folder))).toBe(false)
})

test('a line of the manifest that was lost', async () => {
  const folder = await makeFolder(makeScratch())
  const manifest = join(folder, 'SHA256SUMS')
  appendFileSync(manifest, 'half of a li')
  expect(isWhole(await findDamage(folder))).toBe(true)
  writeFileSync(manifest, '')
  expect(await findDamage(folder)).toMatchObject({ isUnsealed: false, changed: [], added: names.sort() })
})

/** What the makefile finds, of the files that it once made. */
async function foundAfter(folder: string): Promise<string[]> {
  let found: string[] = []
  await withRuntime({ directory: folder, lock: `${folder}.lock` }, undefined, async () => {
    found = filesBelow(folder).map((file) => relative(folder, file))
  })
  return found.filter((name) => name !== 'SHA256SUMS').sort()
}

test.each(kinds.flatMap((kind) => names.map((name) => [kind, name] as const)))(
  'what is built after this was %s: %s',
  async (kind, name) => {
    const warn = vi.spyOn(log, 'warn').mockReturnValue(undefined)
    const folder = await makeFolder(makeScratch())
    damage(kind, join(folder, name))
    expect(await foundAfter(folder)).toEqual(name.endsWith('.o') ? names.filter((one) => one !== name).sort() : [])
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`damaged at ${join(folder, name)}: `)]])
    warn.mockRestore()
    expect(isWhole(await findDamage(folder))).toBe(true)
  },
)

test('of a build that did not come to its end, nothing counts', async () => {
  const folder = await makeFolder(makeScratch())
  writeFileSync(join(folder, 'sim', 'dma.o.new'), 'half')
  expect(await foundAfter(folder)).toEqual([...names].sort())
  const other = makeScratch().folder()
  writeFileSync(join(other, 'model.pb.h'), 'half')
  expect(await foundAfter(other)).toEqual([])
})

test.each(kinds)('a memo: %s', async (kind) => {
  const warn = vi.spyOn(log, 'warn').mockReturnValue(undefined)
  const path = join(makeScratch().path, 'probes', 'memo.json')
  expect(await readMemo(path)).toBeUndefined()
  await writeMemo(path, { ports: ['a'] })
  expect(await readMemo(path)).toEqual({ ports: ['a'] })
  expect(warn).not.toHaveBeenCalled()
  damage(kind, path)
  expect(await readMemo(path)).toBeUndefined()
  expect(warn).toHaveBeenCalledTimes(existsSync(path) ? 1 : 0)
  writeFileSync(path, '{}')
  expect(await readMemo(path)).toBeUndefined()
  warn.mockRestore()
})
