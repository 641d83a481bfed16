/** What is kept from run to run is believed only for just what it was made of, by just the code that made it. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, it, vi } from 'vitest'
import { keptOrMade } from '../../../bridge/ground/kept-files.js'
import { noteOwnCode } from '../../../bridge/ground/own-code.js'
import { makeScratch } from '../../support/scratch.js'

let cache = ''
beforeEach(() => {
  cache = makeScratch().path
  vi.stubEnv('TRAPLINE_CACHE', cache)
  noteOwnCode('one')
})

const make = (ingredients: unknown, made: unknown = { of: 'it' }) => {
  const maker = vi.fn(() => made)
  return { result: keptOrMade(['test'], ingredients, maker), isMade: maker.mock.calls.length === 1 }
}

it('is made once', () => {
  expect(make(['a', 1n])).toEqual({ result: { of: 'it' }, isMade: true })
  expect(make(['a', 1n])).toEqual({ result: { of: 'it' }, isMade: false })
})

it.each([
  ['another ingredient', ['b', 1n]],
  ['a number of another kind', ['a', 1]],
  ['none', []],
])('is made anew of %s', (_what, others) => {
  make(['a', 1n])
  expect(make(others, 'other')).toEqual({ result: 'other', isMade: true })
  expect(make(['a', 1n])).toEqual({ result: { of: 'it' }, isMade: true })
})

it('is made anew by other code', () => {
  make('a')
  noteOwnCode('two')
  expect(make('a').isMade).toBe(true)
})

it('is made anew where what was kept is damaged', () => {
  make('a')
  const [name = ''] = readdirSync(join(cache, 'compiled'))
  writeFileSync(join(cache, 'compiled', name), 'garbage')
  expect(make('a')).toEqual({ result: { of: 'it' }, isMade: true })
})
