/** Another user than the one who runs the tests: user and group nobody of Debian. */
import { spawnSync } from 'node:child_process'
import { root } from './places.js'

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
