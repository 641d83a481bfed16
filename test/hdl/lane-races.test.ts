/**
 * The two sides of the shm lane under ThreadSanitizer, as threads of one process: the model's server with its watcher,
 * and agents (test/hdl/races). What the tool finds is a failure; so is a word that is another one.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { buildTimeoutMs } from './run-model.js'

beforeAll(() => {
  const made = spawnSync('make', ['--silent', '-C', 'test/hdl/races'], { cwd: root, encoding: 'utf8' })
  expect(made.stderr).toBe('')
}, buildTimeoutMs)

it.each([
  ['alone', []],
  ['on one core', ['taskset', '-c', '0']],
])('agents and a model, %s', (_name, wrapper) => {
  for (const seed of [1, 2, 3]) {
    const file = join(makeScratch().path, 'boxes')
    const program = [join(root, 'build/test/races/lane_races'), file, `${seed}`, '2000']
    const [command = '', ...args] = [...wrapper, ...program]
    const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8' })
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'all words are as they were written\n',
      stderr: '',
    })
  }
})
