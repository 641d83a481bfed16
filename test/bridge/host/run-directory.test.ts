import { existsSync, mkdtempSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRunDirectory } from '../../../bridge/host/run-directory.js'

it('is private and goes away', () => {
  const directory = createRunDirectory()
  expect(statSync(directory.path).mode & 0o777).toBe(0o700)
  expect(Buffer.byteLength(directory.socketPath)).toBeLessThan(108)
  directory.dispose()
  expect(existsSync(directory.path)).toBe(false)
})

it('stays when it is kept', () => {
  const directory = createRunDirectory(mkdtempSync(join(tmpdir(), 'trapline-test-')))
  directory.keep()
  directory.dispose()
  expect(existsSync(directory.path)).toBe(true)
})

it('refuses a parent that leaves no room for a socket', () => {
  expect(() => createRunDirectory(`/tmp/${'x'.repeat(90)}`)).toThrow(/is too long a path for a socket .*set TMPDIR/)
})

it('names a parent that can not be written', () => {
  expect(() => createRunDirectory('/proc')).toThrow(/no run directory can be made in \/proc/)
})
