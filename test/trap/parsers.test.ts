/**
 * The agent and a bridge that sends what it should not: the bounded run, and that it would find a rule that is broken.
 */
import { join } from 'node:path'
import { execa } from 'execa'
import { beforeAll, expect, it } from 'vitest'
import { root } from '../support/places.js'

const folder = join(root, 'test/trap/parsers')
const fewConversations = '8000'

async function fuzz(name: string, ...flags: string[]) {
  return await execa(join(root, 'build/test', name), flags, { reject: false, cwd: root, all: true })
}

beforeAll(async () => {
  await execa('make', ['--silent', '-C', folder], { cwd: root })
}, 600_000)

it('an error, never a crash or a hang, and a good bridge is understood afterwards', { timeout: 600_000 }, async () => {
  const { exitCode, all } = await fuzz('fuzz-agent', '--count', fewConversations)
  expect(all).toBe(`fuzz-agent: ${fewConversations} conversations, all stood, seed 1`)
  expect(exitCode).toBe(0)
})

it('a mailbox that holds garbage hurts nobody, and a good one is understood afterwards', async () => {
  const { exitCode, all } = await fuzz('fuzz-mailboxes', '--count', '2000')
  expect(all).toBe('fuzz-mailboxes: 2000 conversations, all stood, seed 1')
  expect(exitCode).toBe(0)
})

it.each([
  { rule: 'count <= LANE_DATA_BYTES ? count : 0', broken: 'count', finding: /heap-buffer-overflow|more data than/ },
  { rule: 'width <= LANE_DATA_BYTES ? width : 0', broken: 'width', finding: /heap-buffer-overflow|no access is/ },
  { rule: '== mailbox->session', broken: '!= 0', finding: /another session|nobody gave/ },
])('finds that a mailbox is no longer asked whether $rule', async ({ rule, broken, finding }) => {
  const change = `CHANGE=s/${rule}/${broken}/`
  await execa('make', ['--silent', '-C', folder, 'broken-mailbox', change], { cwd: root })
  const { exitCode, all } = await fuzz('fuzz-mailboxes-broken', '--count', '2000')
  expect(all).toMatch(finding)
  expect(exitCode).toBe(1)
})

/** One `sed` each: a buffer that is taken for larger than it is, a sentence that may control a terminal. */
const brokenRules = [
  {
    file: 'lane/http2',
    change: 's/count > sizeof call.in - call.in_length/count > 2 * sizeof call.in/',
    finding: /Sanitizer|runtime error/,
  },
  {
    file: 'ground/report',
    change: 's/is_control ?/is_control \\&\\& false ?/',
    finding: /it says control characters of the bridge's/,
  },
]

it.each(brokenRules)('finds a broken rule of $file', { timeout: 600_000 }, async ({ file, change, finding }) => {
  await execa('make', ['--silent', '-C', folder, 'broken', `FILE=${file}`, `CHANGE=${change}`], { cwd: root })
  const { exitCode, all } = await fuzz('fuzz-agent-broken', '--count', fewConversations)
  expect(all).toMatch(finding)
  expect(all).toMatch(/^ {2}repeat with: .*fuzz-agent-broken --seed 1 --case \d+$/m)
  expect(exitCode).toBe(1)
})
