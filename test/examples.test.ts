/**
 * Every file of `examples/` is executed by a test: this table says by which. A test names the folder, and each file is
 * named by that test, by a page whose commands it runs, or by another file that is executed; or it has the name by
 * which its tool finds it.
 */
import { execFileSync } from 'node:child_process'
import { basename, dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readPage, scriptOf } from './support/documents.js'
import { root } from './support/places.js'

interface Executed {
  tests: string[]
  /** Pages whose commands those tests run. */
  pages?: string[]
  /** Files that those tests use, where they name what the tests don't. */
  by?: string[]
}

const executed: Record<string, Executed> = {
  ci: { tests: ['test/e2e/ci.test.ts'], by: ['test/support/ci-services.ts'] },
  clocks: { tests: ['test/e2e/clocks.test.ts'] },
  cocotb: { tests: ['hdl/cocotb/tests/test_example.py'] },
  docker: { tests: ['test/docker/docker.test.ts'], by: ['docker-compose.yml'] },
  'first-look': { tests: ['test/e2e/readme.test.ts'] },
  'five-minutes': {
    tests: ['test/e2e/readme.test.ts'],
    pages: ['README.md', 'docs/getting-started.md', 'docs/linking.md'],
  },
  interrupts: { tests: ['test/e2e/readme.test.ts'], pages: ['docs/getting-started.md'] },
  pytest: { tests: ['hdl/cocotb/tests/test_pytest_example.py'] },
  'python-host': { tests: ['hdl/cocotb/tests/test_python_host.py'] },
  registers: { tests: ['test/e2e/register-tests.test.ts', 'test/bridge/registers/formats.test.ts'] },
  regression: {
    tests: ['test/e2e/regression.test.ts', 'test/e2e/shards.test.ts', 'test/docker/kubernetes.test.ts'],
    by: ['test/support/job.ts'],
  },
  vhdl: { tests: ['test/e2e/simulators.test.ts'] },
}

/** What is found without being named: configurations, tests, what make reads. */
const foundByName = /^((trapline|vitest)\.config\.(ts|json)|.*\.test\.ts|test_.*\.py|Makefile)$/
/** Read by people and by git. */
const notExecuted = /^(README\.md|\.gitignore)$/

const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', 'examples']
const files = execFileSync('git', listed, { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && !notExecuted.test(basename(file)))

it('the table has every folder', () => {
  const folders = new Set(files.map((file) => dirname(file).split('/').slice(1).join('/')))
  expect(Object.keys(executed).sort()).toEqual([...folders].sort())
})

/** With what is executed because something that is executed names it. */
function namedFrom(words: string, own: string[]): Set<string> {
  const named = new Set(own.filter((file) => foundByName.test(basename(file))))
  for (let before = -1; before < named.size;) {
    before = named.size
    const all = [words, ...[...named].map(readPage)].join('\n')
    for (const file of own) if (all.includes(basename(file))) named.add(file)
  }
  return named
}

describe.each(Object.entries(executed))('examples/%s', (folder, { tests, pages = [], by = [] }) => {
  const own = files.filter((file) => dirname(file) === `examples/${folder}`)
  const commands = pages.map(scriptOf)
  const words = [...tests, ...by].map(readPage)

  it('is where its tests go', () => {
    const place = pages.length > 0 ? new RegExp(`cd \\S*\\b${folder}$`, 'm') : new RegExp(`examples['/, ]+${folder}\\b`)
    expect([...words, ...commands].some((text) => place.test(text))).toBe(true)
    for (const page of pages) expect(readPage(tests[0] ?? '')).toContain(`'${page}'`)
  })

  it('every file is executed', () => {
    const named = namedFrom([...words, ...commands].join('\n'), own)
    expect(own.filter((file) => !named.has(file))).toEqual([])
  })
})
