/** Accesses of Python are blamed on its lines, in each version whose memory the agent can read. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { expect, it } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const program = join(root, 'test/e2e/tools/callers.py')
const lines = readFileSync(program, 'utf8').split('\n')
const lineOf = (comment: string) => lines.findIndex((line) => line.endsWith(`  # ${comment}`)) + 1

/** Undefined where the machine has no such interpreter. */
function findPython(version: string): string | undefined {
  const script = 'import sys; print(sys.executable); sys.exit(not sys.version.startswith(sys.argv[1] + "."))'
  // Where pyenv is, it has to be told which of its interpreters is meant.
  const env = { PYENV_VERSION: version }
  const { exitCode, stdout } = execaSync(`python${version}`, ['-c', script, version], { reject: false, env })
  return exitCode === 0 ? stdout : undefined
}

function run(python: string) {
  const command = [python, program, '/dev/mem', String(base)]
  // By mailboxes callers are told only if asked for, whatever lane the tests are run by.
  return runHost(makeScratch(), configOf('axil_ram'), command, { flags: ['--lane', 'grpc'] })
}

const versions = ['3.11', '3.12', '3.13'].map((version) => ({ version, python: findPython(version) }))

for (const { version, python } of versions)
  it.skipIf(!python)(`Python ${version}${python ? '' : ', which is not here'}`, async () => {
    const { status, stderr, log } = await run(python ?? '')
    expect(status, stderr).toBe(0)
    const symbols = log.map(({ symbol }) => symbol)
    expect([...new Set(symbols)]).toEqual([
      `Driver.status (callers.py:${lineOf('method')})`,
      `prüfe (callers.py:${lineOf('other letters')})`,
      `spread (callers.py:${lineOf('several lines')})`,
      `generate (callers.py:${lineOf('generator')})`,
      `copied (callers.py:${lineOf('slice')})`,
      `by_ctypes (callers.py:${lineOf('ctypes')})`,
      `in_thread (callers.py:${lineOf('thread')})`,
      `deep (callers.py:${lineOf('deep')})`,
      `<module> (callers.py:${lineOf('module')})`,
    ])
    const deep = log.find(({ symbol }) => symbol.startsWith('deep '))
    const ofPython = deep?.frames?.filter(({ file }) => file === 'callers.py')
    expect(new Set(ofPython?.map((frame) => frame.function))).toEqual(new Set(['deep']))
  })

const others = ['3.10', '3.9', '3.8'].map((version) => ({ version, python: findPython(version) }))
const [other] = others.filter(({ python }) => python)

it.skipIf(!other)(`another version${other ? '' : ', of which none is here'}: said once, and no line`, async () => {
  const { status, log, sentences } = await run(other?.python ?? '')
  expect(status).toBe(0)
  expect(sentences.filter((sentence) => sentence.includes('no line of'))).toEqual([
    expect.stringMatching(
      /^accesses of Python are blamed on no line of it: \/.* is not CPython 3\.11, 3\.12 or 3\.13$/,
    ),
  ])
  expect(log.filter(({ symbol }) => symbol.includes('.py:'))).toEqual([])
})
