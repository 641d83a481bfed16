// Where built models lie, by what the environment says and what it should not.
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cacheDirectory } from '../../../bridge/ground/paths.js'

const atHome = join(userInfo().homedir, '.cache', 'trapline')

test.each<[string, NodeJS.ProcessEnv, string]>([
  ['its own variable', { TRAPLINE_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/c'],
  ['its own variable, relative', { TRAPLINE_CACHE: 'c', HOME: '/h' }, join(process.cwd(), 'c')],
  ['XDG', { XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/trapline'],
  ['XDG, relative, which is to be ignored', { XDG_CACHE_HOME: 'x', HOME: '/h' }, '/h/.cache/trapline'],
  ['the home', { TRAPLINE_CACHE: '', XDG_CACHE_HOME: '', HOME: '/h' }, '/h/.cache/trapline'],
  ['no home', {}, atHome],
  ['an empty home', { HOME: '' }, atHome],
  ['a relative home', { HOME: 'h' }, atHome],
])('%s', (_name, environment, place) => {
  expect(cacheDirectory(environment)).toBe(place)
})
