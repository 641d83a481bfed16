/** What ruff and mypy say of the Python package. The formatter is in house.test.ts, beside its kin. */
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, it } from 'vitest'
import { hasPython, packageFolder, pythonEnv, pythonTool, unlessPython } from '../support/python.js'
import { root } from '../support/places.js'

const minuteMs = 60_000

it.runIf(hasPython)(`mypy --strict has nothing to say${unlessPython}`, { timeout: 5 * minuteMs }, () => {
  const cache = join(root, 'build', 'test', 'mypy')
  const { stdout, stderr, exitCode } = execaSync(pythonTool('mypy'), ['--no-error-summary', '--cache-dir', cache], {
    ...{ cwd: packageFolder, env: pythonEnv, reject: false },
  })
  expect(stdout + stderr).toBe('')
  expect(exitCode).toBe(0)
})
