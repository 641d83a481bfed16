// The names in a run directory that C sources know, too.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { modelFiles, namesInTrap, socketIn } from '../../../bridge/run/layout.js'
import { root } from '../../support/places.js'

const rows = Object.entries(namesInTrap).flatMap(([name, files]) => files.map((file) => ({ name, file })))

it.each(rows)('$file knows $name', ({ name, file }) => {
  expect(readFileSync(join(root, file), 'utf8')).toMatch(new RegExp(`"[^"\\s]*\\b${name}\\b[^"\\s]*"`))
})

it('a socket that would have too long a path is refused with both lengths', () => {
  expect(socketIn(`/${'x'.repeat(100)}`, 'clock')).toHaveLength(107)
  expect(() => socketIn(`/${'x'.repeat(101)}`, 'clock')).toThrow(
    /\(108 of at most 107 bytes\); choose a shorter --run-dir/,
  )
})

it('sockets of models have room whatever their names', () => {
  const folder = '/tmp/trapline-XXXXXX'
  expect(modelFiles(folder, 'gpio').link).toBe(`${folder}/gpio.link`)
  const [one, other] = ['a', 'b'].map((last) => modelFiles(folder, `${'m'.repeat(200)}${last}`).forks)
  expect(Buffer.byteLength(one ?? '')).toBeLessThan(107)
  expect(one).not.toBe(other)
})
