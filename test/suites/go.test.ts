/**
 * Go's own tests of the packages that ask something of the system (Debian: golang-go), as whoever runs this and as
 * another user, each with C and without it: the agent is preloaded into the one and brought into the other. A program
 * that touches no device is to get the same answers natively and under Trapline, test by test.
 */
import { cpSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { describe, expect, it } from 'vitest'
import { canBecomeNobody, needsNobody } from '../support/nobody.js'
import { root } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import {
  type Account,
  differencesOf,
  longestRunMs,
  makeFolder,
  otherUser,
  type Outcome,
  type Result,
  runNatively,
  runUnder,
  thisUser,
} from './python-suite.js'

/** Debian's, which has the sources: another one that PATH may have is of no known version. */
const home = '/usr/lib/go'
const go = join(home, 'bin/go')
const isThere = existsSync(go) && existsSync(join(home, 'src/os/os_test.go'))
const reason = isThere ? '' : ` (skipped: ${home} has no Go with its sources, which Debian's golang-go brings)`

const packages = ['os', 'os/exec', 'os/signal', 'os/user', 'time', 'syscall']

const leftOut = [
  {
    test: 'TestExecPtrace',
    reason: 'waits for nothing but SIGTRAP of a child that it traces, which gets the signals that Trapline works with',
  },
]

interface Program {
  path: string
  tests: string[]
}

/** Of all that it finds on the machine only its own cache is another from run to run. */
function build(name: string, cgo: boolean): Program {
  const folder = join(root, 'build/test/suites/go')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${name.replace('/', '.')}-${cgo ? 'cgo' : 'plain'}.test`)
  const own = { GOROOT: '', GOCACHE: join(root, 'build/test/go'), GO111MODULE: 'off', GOFLAGS: '' }
  const env = { ...own, CGO_ENABLED: cgo ? '1' : '0' }
  execaSync(go, ['test', '-c', '-tags', 'timetzdata', '-o', path, name], { env })
  const { stdout } = execaSync(path, ['-test.list', '.'], { cwd: join(home, 'src', name), env })
  const tests = stdout.split('\n').filter((line) => line.startsWith('Test'))
  return { path, tests: tests.filter((test) => !leftOut.some((row) => row.test === test)) }
}

/** `--- PASS: TestStat/link (0.00s)` */
function outcomesOf(output: string): Map<string, Outcome> {
  const lines = output.matchAll(/^ *--- (PASS|FAIL|SKIP): (\S+)/gm)
  return new Map(Array.from(lines, ([text, kind = '', name = '']) => [name, { kind, text }]))
}

/** In a folder of its own, with a copy of what lies beside the sources. */
async function run(
  scratch: Scratch,
  name: string,
  { path, tests }: Program,
  way: typeof runNatively,
  account: Account,
): Promise<Result> {
  const [folder, sources] = [makeFolder(scratch, account), join(makeFolder(scratch, account), 'sources')]
  cpSync(join(home, 'src', name), sources, { recursive: true, dereference: true })
  const flags = ['-test.v', '-test.short', '-test.run', `^(${tests.join('|')})$`]
  const program = ['env', `TMPDIR=${folder}`, `HOME=${folder}`, path, ...flags]
  const ran = await way(scratch, program, sources, account)
  return { ...ran, outcomes: outcomesOf(ran.output) }
}

function declarePackage(name: string, account: Account): void {
  it.each([
    { cgo: true, kind: 'with C' },
    { cgo: false, kind: 'without C' },
  ])(`${name} $kind as ${account.name}`, { timeout: 3 * longestRunMs }, async ({ cgo }) => {
    const program = build(name, cgo)
    const scratch = makeScratch()
    const natively = await run(scratch, name, program, runNatively, account)
    const under = await run(scratch, name, program, runUnder, account)
    expect(natively.outcomes.size, natively.output).toBeGreaterThan(0)
    const differences = differencesOf(natively, under)
    expect(differences, `natively: ${natively.command}\n\nunder Trapline: ${under.command}`).toEqual([])
  })
}

describe.skipIf(!isThere)(`Go${reason}`, () => {
  for (const name of packages) declarePackage(name, thisUser)
  if (!canBecomeNobody) it.skip(`all packages as nobody (skipped: ${needsNobody})`)
  else for (const name of packages) declarePackage(name, otherUser)
  for (const { test, reason } of leftOut) it.skip(`${test} (skipped: ${reason})`)
})
