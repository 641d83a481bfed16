/** What the pages for people say: marked commands run and print what stands below them; references name everything. */
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { configSchema } from '../../bridge/config/schema.js'
import { makeCheckout } from '../support/checkout.js'
import { blocksOf, linesOf, promisesOf, readPage, scriptOf } from '../support/documents.js'
import { cache, commandLine } from '../support/places.js'
import { hasPython, packageFolder, pythonEnv, unlessPython } from '../support/python.js'

/** Three models may have to be compiled first, on a busy machine. */
const longestMs = 400_000

/** How long things took is another matter in every run. */
function withoutDurations(line: string): string {
  return line.replace(/[\d.]+ s wall, p50 [\d.]+ us, p99 [\d.]+ us/, 'some time')
}

const packageSources = join(packageFolder, 'src')

const pages = ['README.md', 'docs/getting-started.md', 'docs/linking.md', 'docs/access-log.md', 'docs/registers.md']

it.each(pages)('the commands of %s', { timeout: longestMs }, async (page) => {
  const { exitCode, stdout } = await execa('sh', ['-euc', `exec 2>&1\n${scriptOf(page)}`], {
    cwd: makeCheckout(),
    env: { TRAPLINE_CACHE: cache, npm_config_update_notifier: 'false' },
    reject: false,
    stdin: 'ignore',
    timeout: longestMs - 10_000,
  })
  expect(exitCode, stdout).toBe(0)
  const printed = stdout.split('\n').map(withoutDurations)
  expect(printed).toEqual(expect.arrayContaining(promisesOf(page).map(withoutDurations)))
})

it.runIf(hasPython)(`the commands of docs/python.md${unlessPython}`, { timeout: longestMs }, async () => {
  const { exitCode, stdout } = await execa('sh', ['-euc', `exec 2>&1\n${scriptOf('docs/python.md')}`], {
    cwd: makeCheckout(),
    env: { ...pythonEnv, PYTHONPATH: packageSources, MYPYPATH: packageSources, TRAPLINE_CACHE: cache, TRAPLINE: '' },
    reject: false,
    stdin: 'ignore',
    timeout: longestMs - 10_000,
  })
  expect(exitCode, stdout).toBe(0)
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(promisesOf('docs/python.md')))
})

it('the tour of npm start prints what the README shows', { timeout: longestMs }, async () => {
  const tour = ['run', '--config', 'examples/first-look/trapline.config.json', '--show']
  const { exitCode, all } = await execa('node', [commandLine, ...tour, '--', 'sh', 'examples/first-look/tour.sh'], {
    cwd: makeCheckout(),
    env: { TRAPLINE_CACHE: cache },
    ...{ reject: false, all: true, stdin: 'ignore', timeout: longestMs - 10_000 },
  })
  expect(exitCode, all).toBe(0)
  const shown = linesOf('README.md', 'text start').filter((line) => !/^(…|every access:.*|waveform:.*)$/.test(line))
  expect(shown.length).toBeGreaterThan(5)
  expect(all.split('\n')).toEqual(expect.arrayContaining(shown))
})

/** Of files that other tests execute. */
it.each([
  ['docs/getting-started.md', 'examples/five-minutes/two-devices.config.ts'],
  ['docs/regression.md', 'examples/regression/fifo.test.ts'],
  ['docs/registers.md', 'examples/registers/meter.test.ts'],
])('what %s shows of %s stands there', (page, file) => {
  const text = readPage(file)
  expect(blocksOf(page, 'ts').filter((block) => text.includes(block))).toHaveLength(1)
})

it('the command line reference names every flag and variable', async () => {
  const page = readPage('docs/command-line.md')
  const helps = await Promise.all(
    [
      'run',
      'build',
      'serve',
      'watch',
      'unwatch',
      'list',
      'init',
      'diff',
      'replay',
      'export',
      'report',
      'registers',
      'setup',
      'doctor',
      'completion',
    ].map((command) => execa('node', [commandLine, command, '--help'])),
  )
  const help = helps.map(({ stdout }) => stdout).join('\n')
  const names = new Set(help.match(/--[a-z][a-z-]+|TRAPLINE_\w+/g))
  names.delete('--help')
  expect(names.size).toBeGreaterThan(20)
  expect([...names].filter((name) => !page.includes(`\`${name}`))).toEqual([])
})

/** Every key of the schema, at any depth. */
function keysOf(schema: {
  shape?: object
  options?: unknown[]
  valueType?: unknown
  unwrap?: () => unknown
}): string[] {
  const inner = [...(schema.options ?? []), schema.valueType, schema.unwrap?.()].filter((each) => each !== undefined)
  const own = Object.entries(schema.shape ?? {})
  return [
    ...own.map(([key]) => key),
    ...[...own.map(([, value]) => value), ...inner].flatMap((each) => keysOf(each as object)),
  ]
}

it('the configuration reference names every key', () => {
  const page = readPage('docs/configuration.md')
  const keys = new Set(keysOf(configSchema as object))
  expect([...keys]).toEqual(expect.arrayContaining(['models', 'periodPs', 'protocol', 'onError', 'maxCycles']))
  expect([...keys].filter((key) => !new RegExp(`\\b${key}\\b`).test(page))).toEqual([])
})
