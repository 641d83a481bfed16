/**
 * cocotb, the tools of Python and our own package (`hdl/cocotb`, as it stands there), in a virtual environment of the
 * build folder. What needs it is skipped where it could not be made, so that is only told.
 */
import { join } from 'node:path'
import { fillEnvironment } from './python-environment.mjs'
import { root, runQuietly } from './run-command.mjs'

const home = join(root, 'hdl', 'cocotb')

/** @param {(what: string) => void} busy */
export async function installPythonPackages(busy) {
  if ((await runQuietly('python3', ['-c', 'import ensurepip, venv'])).status !== 0) return
  const environment = {
    folder: join(root, 'build', 'python'),
    requirements: join(home, 'requirements.txt'),
    more: [['--no-deps', '--no-build-isolation', '--editable', home]],
    because: [join(home, 'pyproject.toml')],
  }
  await fillEnvironment(environment, () => busy('installing cocotb and the tools of Python')).catch((error) =>
    process.stderr.write(`trapline: python packages: ${error.message}\n`),
  )
}
