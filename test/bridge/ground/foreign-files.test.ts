/** Files of a folder that others may write into: nothing that they put there makes us wait, or leads us elsewhere. */
import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  clearForeign,
  makeForeign,
  openForeign,
  readForeign,
  writeForeign,
} from '../../../bridge/ground/foreign-files.js'
import { readRawLogs } from '../../../bridge/logs/raw-log.js'
import { readModelEvents } from '../../../bridge/logs/model-events.js'
import { makeScratch } from '../../support/scratch.js'

/** Things that are no files, by name. */
async function plant() {
  const { path, write } = makeScratch()
  write('victim', 'precious')
  execFileSync('mkfifo', [join(path, 'fifo')])
  mkdirSync(join(path, 'folder'))
  symlinkSync('victim', join(path, 'link'))
  symlinkSync('/nonexistent/x', join(path, 'dangling'))
  symlinkSync('/dev/zero', join(path, 'device'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(path, 'socket'), resolve))
  onTestFinished(() => void server.close())
  return { path, at: (name: string) => join(path, name) }
}

const kinds = ['fifo', 'folder', 'link', 'dangling', 'device', 'socket']

it.each(kinds)('a %s is no file to read', async (kind) => {
  const { at } = await plant()
  expect(() => openForeign(at(kind))).toThrow(/is not a regular file$/)
  expect(() => readForeign(at(kind), 9)).toThrow(/is not a regular file$/)
  await expect(readRawLogs([at(kind === 'dangling' ? 'link' : kind)]).next()).rejects.toThrow(/is not a regular file$/)
  const events = readModelEvents([at(kind === 'dangling' ? 'link' : kind)])
  await expect(events.next()).rejects.toThrow(/is not a regular file$/)
})

it('a file is read as far as one wants, and what is not there is nothing', async () => {
  const { at } = await plant()
  expect(readForeign(at('victim'), 4)?.toString()).toBe('prec')
  expect(readForeign(at('victim'), 4096)?.toString()).toBe('precious')
  expect(readForeign(at('nothing'), 4)).toBeUndefined()
})

it.each(kinds)('a %s makes way for a file', async (kind) => {
  const { at } = await plant()
  closeSync(makeForeign(at(kind)))
  expect(lstatSync(at(kind)).isFile()).toBe(true)
  expect(readFileSync(at('victim'), 'utf8')).toBe('precious')
})

it.each(kinds)('a %s is cleared away, a file is not', async (kind) => {
  const { at } = await plant()
  clearForeign(at(kind))
  clearForeign(at('victim'))
  expect(lstatSync(at(kind), { throwIfNoEntry: false })).toBeUndefined()
  expect(readFileSync(at('victim'), 'utf8')).toBe('precious')
})

it.each(['fifo', 'link', 'dangling', 'device', 'socket'])('a %s is replaced, and not written to', async (kind) => {
  const { path, at } = await plant()
  writeForeign(path, [kind], 'new')
  expect(readFileSync(at(kind), 'utf8')).toBe('new')
  expect(readFileSync(at('victim'), 'utf8')).toBe('precious')
  expect(readdirSync(path).filter((name) => name.endsWith('.new'))).toEqual([])
})

it.each(['fifo', 'link', 'dangling', 'device', 'socket'])('a %s is no folder on the way', async (kind) => {
  const { path } = await plant()
  expect(() => writeForeign(path, [kind, 'x'], 'new')).toThrow(/ENOTDIR|ELOOP|ENXIO/)
})

it('a link to a folder is none either, and folders are made as they are due', async () => {
  const { path, at } = await plant()
  const outside = makeScratch().path
  chmodSync(outside, 0o777)
  symlinkSync(outside, at('away'))
  expect(() => writeForeign(path, ['away', 'x'], 'new')).toThrow(/ENOTDIR|ELOOP/)
  expect(readdirSync(outside)).toEqual([])
  writeForeign(path, ['sys', 'class', 'x'], 'new')
  expect(readFileSync(at('sys/class/x'), 'utf8')).toBe('new')
  expect(() => writeForeign(path, ['sys', 'class'], 'new')).toThrow(/EISDIR|ENOTEMPTY/)
  expect(existsSync(at('sys/class/x'))).toBe(true)
})
