/** Another user than the one who runs the tests: user and group nobody of Debian. */
import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cache, root } from './places.js'

export const nobody = 65534
/** What runs a program as nobody. */
export const asNobody = [
  'setpriv',
  `--reuid=${nobody}`,
  `--regid=${nobody}`,
  '--clear-groups',
  '--bounding-set=-all',
  '--',
]

/** Only root can, and only nobody's own eyes tell whether a checkout, below /root say, can be read. */
export const canBecomeNobody =
  process.getuid?.() === 0 && spawnSync('setpriv', [...asNobody.slice(1), 'test', '-r', root]).status === 0

/** For the names of tests that are skipped otherwise. */
export const needsNobody = 'needs root, setpriv, and a checkout that others can read'

/** Kept between runs, so that its models are compiled once. */
export function cacheOfNobody(): string {
  const folder = join(dirname(cache), 'cache-of-nobody')
  mkdirSync(folder, { recursive: true })
  chownSync(folder, nobody, nobody)
  return folder
}
