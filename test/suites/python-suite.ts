/**
 * CPython's own tests (Debian: libpython3.N-testsuite), a module at a time as `python3 -m test` runs it: natively,
 * under Trapline, and under Trapline with a window in every process. A program that touches no device is to get the
 * same answers in all three, test by test.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa, execaSync } from 'execa'
import { XMLParser } from 'fast-xml-parser'
import { configOf } from '../support/configs.js'
import { asNobody, cacheOfNobody, nobody } from '../support/nobody.js'
import { commandLine, root } from '../support/places.js'
import type { Scratch } from '../support/scratch.js'
import { cleanEnvironment, runHost } from '../support/trapline.js'

const minuteMs = 60_000
/** Of one run of one module; Python shows where it stands in a test that takes longer than half of it, and ends. */
export const longestRunMs = 15 * minuteMs

/** Debian's: another one that PATH may have has no such tests, or others. */
const python = '/usr/bin/python3'
/** What needs a display, the internet, much processor time or much disk space is left out. */
const resources = 'all,-gui,-urlfetch,-cpu,-largefile,-audio'

const device = '/dev/registers-of-tests'
const library = join(root, 'build/test/suites/libwindow_everywhere.so')
/** The device has none of the time that they wait: what is compared is not how fast a model is. */
const config = {
  ...configOf('axil_regs'),
  maxSleepCycles: 1,
  devices: { dut: { kind: 'char' as const, path: device, size: 0x1000, model: 'dut' } },
}

export type Way = 'natively' | 'under Trapline' | 'with a window'

/** Who runs it. */
export interface Account {
  name: string
  wrapper: string[]
  id?: number
}

export const thisUser: Account = { name: process.getuid?.() === 0 ? 'root' : 'this user', wrapper: [] }
export const otherUser: Account = { name: 'nobody', wrapper: asNobody, id: nobody }

export interface Part {
  /** As `python3 -m test` names it. */
  module: string
  /** Its own servers count as network, and others' on the internet do. */
  hasServers?: boolean
  /** Only tests whose names match one of these (its `-m`). */
  only?: string[]
}

/** Names of tests that are not run, as its `-i` takes them. */
export type LeftOut = string[]

export interface Outcome {
  kind: string
  text: string
}

/** What a run of a module came to. */
export interface Result {
  status: number
  outcomes: Map<string, Outcome>
  output: string
  /** Started again by hand, it does the same. */
  command: string
  reads: number
}

const found = execaSync(
  python,
  ['-c', "import pkgutil, test; print(*[m.name for m in pkgutil.iter_modules(test.__path__)], sep='\\n')"],
  { reject: false },
)
const there = new Set(found.exitCode === 0 ? found.stdout.split('\n') : [])
const hasSuite = there.has('test_os')
/** For names of tests that are skipped. */
export const unlessSuite = hasSuite ? '' : ` (skipped: ${python} has no tests, which Debian's python3-full brings)`

/** Modules come and go from one Python to the next. */
export function hasModule(module: string): boolean {
  return hasSuite && there.has(module)
}

export async function buildWindow(): Promise<void> {
  mkdirSync(join(root, 'build/test/suites'), { recursive: true })
  const source = join(import.meta.dirname, 'window_everywhere.c')
  const flags = ['-std=c17', '-O2', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', '-fPIC', '-shared']
  await execa('gcc', [...flags, `-DDEVICE="${device}"`, '-o', library, source])
}

/** Runs the module in a folder of its own. One that is skipped as a whole has one outcome, under its own name. */
export async function runModule(
  scratch: Scratch,
  way: Way,
  part: Part,
  leftOut: LeftOut,
  account: Account,
): Promise<Result> {
  const folder = makeFolder(scratch, account)
  const results = join(folder, 'results.xml')
  const program = [
    ...['env', `TMPDIR=${folder}`, `HOME=${folder}`, ...(way === 'with a window' ? [`LD_PRELOAD=${library}`] : [])],
    ...[
      python,
      '-m',
      'test',
      '-v',
      '-u',
      part.hasServers ? resources : `${resources},-network`,
      '--timeout',
      `${longestRunMs / 2000}`,
      '--junit-xml',
      results,
    ],
    ...(part.only ?? []).flatMap((pattern) => ['-m', pattern]),
    ...leftOut.flatMap((pattern) => ['-i', pattern]),
    part.module,
  ]
  const run = way === 'natively' ? runNatively : runUnder
  const { status, output, reads, command } = await run(scratch, program, folder, account)
  const outcomes = existsSync(results) ? readOutcomes(readFileSync(results, 'utf8')) : new Map<string, Outcome>()
  const [text] = new RegExp(`^${part.module} skipped.*$`, 'm').exec(output) ?? []
  if (outcomes.size === 0 && text !== undefined) outcomes.set(part.module, { kind: 'skipped', text })
  return { status, output, reads, command, outcomes }
}

/** Some of their children go on for a while. */
const flags = ['--wait-for-children']

type Ran = Omit<Result, 'outcomes'>

export async function runNatively(_scratch: Scratch, program: string[], cwd: string, account: Account): Promise<Ran> {
  const [name = '', ...args] = [...account.wrapper, ...program]
  const { exitCode, all, signal } = await execa(name, args, {
    ...{ cwd, env: cleanEnvironment(), extendEnv: false, stdin: 'ignore', reject: false, all: true },
    ...{ timeout: longestRunMs, forceKillAfterDelay: 5_000 },
  })
  return { status: exitCode ?? 128, output: `${all}\n${signal ?? ''}`, reads: 0, command: shell([name, ...args]) }
}

export async function runUnder(scratch: Scratch, program: string[], cwd: string, account: Account): Promise<Ran> {
  const { status, stdout, stderr, log } = await runHost(scratch, config, program, {
    ...{ cwd, wrapper: account.wrapper, longestMs: longestRunMs, flags },
    ...(account.id !== undefined && { owner: account.id, env: { TRAPLINE_CACHE: cacheOfNobody() } }),
  })
  const run = ['node', commandLine, 'run', '--config', join(scratch.path, 'trapline.config.json'), ...flags, '--']
  const command = shell([...account.wrapper, ...run, ...program])
  return { status, output: `${stdout}\n${stderr}`, reads: log.length, command }
}

export function makeFolder(scratch: Scratch, { id }: Account): string {
  const folder = scratch.folder()
  if (id !== undefined) {
    chmodSync(scratch.path, 0o777)
    chownSync(folder, id, id)
  }
  return folder
}

function shell(words: string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ')
}

/** In words, one for each test whose outcome is another; empty if there is none. */
export function differencesOf(natively: Result, other: Result): string[] {
  const ids = [...new Set([...natively.outcomes.keys(), ...other.outcomes.keys()])].sort()
  const found = ids.flatMap((id) => compare(id, natively, other))
  if (found.length > 0 || natively.status === other.status) return found
  return [`status ${natively.status} natively, ${other.status} under Trapline; it ends with\n${endOf(other.output)}`]
}

const absent: Outcome = { kind: 'did not come to it', text: '' }

function compare(id: string, natively: Result, other: Result): string[] {
  const [before, after] = [natively.outcomes.get(id) ?? absent, other.outcomes.get(id) ?? absent]
  if (before.kind === after.kind) return []
  const isEarly = other.outcomes.size === 0
  if (isEarly && id !== [...natively.outcomes.keys()].sort()[0]) return []
  return [
    isEarly
      ? `it ended before it had results, with status ${other.status}; its last words:\n${endOf(other.output)}`
      : [`${id}`, `natively: ${before.kind} ${before.text}`, `under Trapline: ${after.kind} ${after.text}`].join('\n'),
  ]
}

function endOf(output: string): string {
  return output.slice(-4_000)
}

interface Words {
  '#text'?: string
  message?: string
}

interface Case {
  name: string
  status?: string
  skipped?: string | Words
  failure?: string | Words
  error?: string | Words
}

/** Severest last: a test with parts (subTest) has several entries. */
const kinds = ['passed', 'skipped', 'failed'] as const

function readOutcomes(xml: string): Map<string, Outcome> {
  const parser = new XMLParser({
    ...{ ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false, processEntities: true },
    isArray: (name) => name === 'testcase' || name === 'testsuite',
  })
  const { testsuites } = parser.parse(xml) as { testsuites: { testsuite?: { testcase?: Case[] }[] } }
  const outcomes = new Map<string, Outcome>()
  for (const one of (testsuites.testsuite ?? []).flatMap(({ testcase = [] }) => testcase)) {
    const [before, after] = [outcomes.get(one.name), toOutcome(one)]
    if (!before || severity(after) > severity(before)) outcomes.set(one.name, after)
  }
  return outcomes
}

function severity({ kind }: Outcome): number {
  return kinds.findIndex((one) => one === kind)
}

function toOutcome({ skipped, failure, error }: Case): Outcome {
  const broken = failure ?? error
  if (broken !== undefined) return { kind: 'failed', text: wordsOf(broken) }
  return skipped === undefined ? { kind: 'passed', text: '' } : { kind: 'skipped', text: wordsOf(skipped) }
}

function wordsOf(words: string | Words): string {
  return typeof words === 'string' ? words : (words['#text'] ?? words.message ?? '')
}
