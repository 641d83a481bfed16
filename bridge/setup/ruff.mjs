/**
 * `ruff.mjs [--fix]`: ruff's formatter and linter over our Python, with the settings of the package. Silent where all
 * is well. Part of `npm run lint` and, with --fix, of `npm run format`.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, runQuietly } from './run-command.mjs'

const ruff = join(root, 'build', 'python', 'bin', 'ruff')
const folders = ['hdl/cocotb', 'examples/cocotb'].filter((folder) => existsSync(join(root, folder)))
const settings = ['--quiet', '--no-cache', '--config', 'hdl/cocotb/pyproject.toml']
const [flag] = process.argv.slice(2)

const runs = flag === '--fix' ? [['check', '--fix-only'], ['format']] : [['format', '--check'], ['check']]

if (existsSync(ruff)) {
  for (const args of runs) {
    const { status, output } = await runQuietly(ruff, [...args, ...settings, ...folders])
    process.stdout.write(output)
    if (status !== 0) process.exitCode = 1
  }
} else process.stderr.write('trapline: Python is left as it is: npm start makes build/python, with ruff in it\n')
