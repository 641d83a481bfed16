import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { streamSocket } from '../../../bridge/run/layout.js'
import { createRunDirectory, parentOfRuns } from '../../../bridge/run/run-directory.js'
import { makeScratch } from '../../support/scratch.js'

it('is private and goes away', () => {
  const directory = createRunDirectory()
  expect(statSync(directory.path).mode & 0o777).toBe(0o700)
  expect(Buffer.byteLength(directory.socketPath)).toBeLessThan(108)
  directory.dispose()
  expect(existsSync(directory.path)).toBe(false)
})

it('stays when it is kept', () => {
  const directory = createRunDirectory(makeScratch().path)
  directory.keep()
  directory.dispose()
  expect(existsSync(directory.path)).toBe(true)
})

it('is where its sockets have room', () => {
  const longest = `/${'x'.repeat(63)}`
  expect(parentOfRuns(longest)).toBe(longest)
  expect(parentOfRuns(`${longest}x`)).toBe('/tmp')
  expect(Buffer.byteLength(`${longest}/trapline-XXXXXX/${streamSocket('/trapline-XXXXXX', 9999)}`)).toBe(107)
})

it.each([
  [64, ''],
  [
    65,
    "trapline: the run's folder is in /tmp: its sockets have no room below PLACE, a TMPDIR of 65 bytes; set TMPDIR " +
      'to a path of at most 64 bytes to have it there',
  ],
])('says once where it is instead of below a TMPDIR of %i bytes', async (bytes, words) => {
  const scratch = makeScratch().path
  const place = join(scratch, 'x'.repeat(bytes - scratch.length - 1))
  mkdirSync(place)
  const module = new URL('../../../build/bridge/run/run-directory.js', import.meta.url)
  const script = `const { createRunDirectory } = await import('${module}')
    for (const directory of [createRunDirectory(), createRunDirectory()]) {
      console.log(directory.path)
      directory.dispose()
    }`
  const env = { TMPDIR: place }
  const { stdout, stderr } = await execa(process.execPath, ['--input-type=module', '-e', script], { env })
  const parent = words === '' ? place : '/tmp'
  expect(stdout.split('\n').map((path) => dirname(path))).toEqual([parent, parent])
  expect(stderr).toBe(words.replace('PLACE', place))
})

it('refuses a named parent that leaves no room for a socket', () => {
  expect(() => createRunDirectory(`/tmp/${'x'.repeat(90)}`)).toThrow(/is too long a path for a socket .*--run-dir/)
})

it('names a parent that can not be written', () => {
  expect(() => createRunDirectory('/proc')).toThrow(/no run directory can be made in \/proc/)
})

it.each([
  [
    'goes away when the bridge is killed, and that is said',
    '',
    'trapline: the bridge was killed or crashed; its hosts are ended',
  ],
  ['goes away unsaid with a process that may end in any way', 'directory.endWithUs()', ''],
])('%s', async (_name, wish, words) => {
  const module = new URL('../../../build/bridge/run/run-directory.js', import.meta.url)
  const script = `const { createRunDirectory } = await import('${module}')
    const directory = createRunDirectory()
    ${wish}
    console.log(directory.path)
    process.kill(process.pid, 'SIGKILL')`
  const { stdout, stderr } = await execa(process.execPath, ['--input-type=module', '-e', script], { reject: false })
  expect(stdout).toMatch(/trapline-/)
  await expect.poll(() => existsSync(stdout)).toBe(false)
  expect(stderr).toBe(words)
})
