/** A virtual environment of the build folder whose list can't be fetched: nothing that is there goes away. */
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fillEnvironment } from '../../../bridge/setup/python-environment.mjs'
import { makeScratch, type Scratch } from '../../support/scratch.js'

it('who is offline keeps the environment that there is', async () => {
  const scratch = makeScratch()
  const folder = placeEnvironment(scratch)
  const requirements = scratch.write('requirements.txt', 'pytest==8.4.2\n')
  let wasBusy = false
  const filled = fillEnvironment({ folder, requirements }, () => (wasBusy = true))
  await expect(filled).rejects.toThrow(/pip wheel .*ended with status 1; .*\nERROR: no network/s)
  expect(wasBusy).toBe(true)
  expect(readdirSync(folder).toSorted()).toEqual(['bin', 'trapline-installed.txt'])
  expect(readFileSync(join(folder, 'trapline-installed.txt'), 'utf8')).toBe('an older list')
  expect(readdirSync(join(folder, '..'))).toEqual(['python'])
})

/** With a pip that reaches nobody, but leaves something behind. */
function placeEnvironment(scratch: Scratch): string {
  mkdirSync(join(scratch.path, 'build/python/bin'), { recursive: true })
  scratch.write('build/python/trapline-installed.txt', 'an older list')
  const pip = [
    '#!/bin/sh',
    'case "$*" in --version) exit 0 ;; esac',
    'mkdir "$(dirname "$0")/../../python.wheels"',
    'echo "ERROR: no network" >&2',
    'exit 1',
  ]
  chmodSync(scratch.write('build/python/bin/pip', pip.join('\n')), 0o755)
  return join(scratch.path, 'build/python')
}
