/** Register generators from PyPI, in a virtual environment of the build folder. */
import { join } from 'node:path'
import { fillEnvironment } from './python-environment.mjs'
import { root } from './run-command.mjs'

/** @param {(what: string) => void} busy */
export async function installGenerators(busy) {
  const folder = join(root, 'build', 'generators')
  const requirements = join(root, 'test', 'generators', 'requirements.txt')
  await fillEnvironment({ folder, requirements }, () => busy('installing the register generators'))
}
