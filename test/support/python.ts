/** Python of the build folder (`build/python`, bridge/setup/python-packages.mjs), and pytest's tests as our own. */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { execa, execaSync } from 'execa'
import { XMLParser } from 'fast-xml-parser'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { environment, root } from './places.js'
import { openScratch, removeScratch, type Scratch } from './scratch.js'

export { environment }
/** It is whole when its last file is there. */
export const hasPython = existsSync(join(environment, 'trapline-installed.txt'))
/** For names of tests that are skipped. */
export const unlessPython = hasPython ? '' : ' (skipped: no build/python, which npm test makes)'

/** What reads SystemRDL. */
export const hasSystemRdl =
  hasPython && execaSync(pythonTool('python'), ['-c', 'import systemrdl'], { reject: false }).exitCode === 0
export const unlessSystemRdl = hasSystemRdl ? '' : ' (skipped: no systemrdl-compiler in build/python)'

/** The home of the package. */
export const packageFolder = join(root, 'hdl/cocotb')

/** Those who look for a Python find this one first. */
export const pythonEnv = {
  VIRTUAL_ENV: environment,
  PATH: [join(environment, 'bin'), process.env.PATH].join(delimiter),
  PYTHONDONTWRITEBYTECODE: '1',
}

/** A program of that environment. */
export function pythonTool(name: string): string {
  return join(environment, 'bin', name)
}

interface Outcome {
  kind: 'passed' | 'skipped' | 'failed'
  text: string
}

const minuteMs = 60_000
const pytest = ['-m', 'pytest', '-p', 'no:cacheprovider']

/**
 * Declares each test that pytest finds there, under pytest's own name and with pytest's own words if it fails. pytest
 * runs once, before the first of them.
 */
export function declarePytests(folder: string, timeoutMs = 60 * minuteMs): void {
  if (!hasPython) {
    it.skip(`pytest in ${folder}${unlessPython}`)
    return
  }
  const ids = collect(folder)
  const files = new Set(ids.map(toFile))
  let outcomes = new Map<string, Outcome>()
  let scratch: Scratch | undefined
  beforeAll(async () => {
    scratch = openScratch()
    outcomes = await run(folder, scratch)
  }, timeoutMs)
  afterAll(() => {
    const failed = [...outcomes.values()].some(({ kind }) => kind === 'failed')
    if (scratch && failed) console.error(`evidence of pytest: ${scratch.path}`)
    else if (scratch) removeScratch(scratch)
  })
  for (const file of files)
    describe(file, () => {
      for (const id of ids.filter((one) => toFile(one) === file))
        it(id.slice(file.length + 2), ({ skip }) => {
          const { kind, text } = outcomes.get(toKey(id)) ?? { kind: 'failed', text: 'pytest did not come to it' }
          if (kind === 'skipped') skip(text)
          if (kind === 'failed') throw new Error(text)
        })
    })
}

function toFile(id: string): string {
  return id.split('::')[0] ?? ''
}

/** The ids of all tests, as `tests/test_link.py::test_frames[0]`. */
function collect(folder: string): string[] {
  const { stdout, stderr, exitCode } = execaSync(pythonTool('python'), [...pytest, '--collect-only', '-q'], {
    ...{ cwd: folder, env: pythonEnv, reject: false },
  })
  if (exitCode !== 0) throw new Error(`pytest can't collect the tests of ${folder}:\n${stdout}\n${stderr}`)
  return stdout.split('\n').filter((line) => line.includes('::'))
}

async function run(folder: string, scratch: Scratch): Promise<Map<string, Outcome>> {
  const junit = join(scratch.path, 'junit.xml')
  const flags = ['-q', `--junitxml=${junit}`, `--basetemp=${join(scratch.path, 'tests')}`]
  const result = await execa(pythonTool('python'), [...pytest, ...flags], {
    ...{ cwd: folder, env: pythonEnv, reject: false, all: true },
  })
  if (!existsSync(junit)) throw new Error(`pytest ended early:\n${result.all}`)
  return readOutcomes(readFileSync(junit, 'utf8'))
}

interface Words {
  '#text'?: string
  message?: string
}

interface Case {
  classname: string
  name: string
  skipped?: Words
  failure?: Words
  error?: Words
  'system-out'?: string | Words
  'system-err'?: string | Words
}

function readOutcomes(xml: string): Map<string, Outcome> {
  const parser = new XMLParser({
    ...{ ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, processEntities: true },
    isArray: (name) => name === 'testcase' || name === 'testsuite',
  })
  const { testsuites } = parser.parse(xml) as { testsuites: { testsuite: { testcase?: Case[] }[] } }
  const cases = testsuites.testsuite.flatMap(({ testcase = [] }) => testcase)
  return new Map(cases.map((one) => [`${one.classname}.${one.name}`, toOutcome(one)]))
}

function toOutcome(one: Case): Outcome {
  const broken = one.failure ?? one.error
  if (broken) return { kind: 'failed', text: [wordsOf(broken), wordsOf(one['system-err'])].join('\n') }
  if (one.skipped) return { kind: 'skipped', text: one.skipped.message ?? '' }
  return { kind: 'passed', text: '' }
}

function wordsOf(words: string | Words | undefined): string {
  if (words === undefined || typeof words === 'string') return words ?? ''
  return words['#text'] ?? words.message ?? ''
}

/** As pytest's JUnit file names it: `tests.test_link.TestFrames.test_frames[0]`. */
function toKey(id: string): string {
  const [, path = '', parameters = ''] = /^([^[]*)(.*)$/s.exec(id) ?? []
  const [file = '', ...names] = path.split('::')
  return [file.replace(/\.py$/, '').replaceAll('/', '.'), ...names].join('.') + parameters
}
