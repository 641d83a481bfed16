/**
 * A bridge that is none of ours: whatever it says, the launcher ends with one sentence about it and exit status 125,
 * its program with it, and nothing outside of its run directory is made, changed or linked to.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { goodPlace, startHostileBridge, type Lies } from '../support/hostile-bridge.js'
import { makeScratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'

const up = '../'.repeat(12)

const dmaBuffer = {
  ...{ handle: 1, name: 'x', kind: 'DEVICE_KIND_DMA_BUFFER', path: '/dev/udmabuf0', base: '0', size: '4096' },
  ...{ onError: 'ERROR_POLICY_SIGBUS', widthBytes: 1 },
}

/** What it says about a folder that is not the launcher's, and which words the launcher has for that. */
type Case = [string, (outside: string) => Lies, RegExp]

const cases: Case[] = [
  [
    'a link to somewhere else',
    (outside) => ({ place: { ...goodPlace, directory: join(outside, 'bridge'), sockets: ['../../.bash_login'] } }),
    /names '\.\.\/\.\.\/\.bash_login', which can be no file of a run directory$/,
  ],
  [
    'a socket of an absolute name',
    (outside) => ({ place: { ...goodPlace, sockets: [`${outside}/socket`] } }),
    /names '\/.*\/socket', which can be no file/,
  ],
  [
    'a file outside',
    (outside) => ({ replies: [{ file: { path: `${up}${outside}/pwned`, contents: Buffer.from('x') } }] }),
    /sends the file '\.\.\/.*', which is outside of what it may mirror$/,
  ],
  [
    'a file in place of a folder',
    () => ({
      replies: ['root/sys/a', 'root/sys'].map((path) => ({ file: { path, contents: Buffer.from('x') } })),
    }),
    /not everything can be mirrored: its file 'root\/sys' can't be written \(E\w+/,
  ],
  [
    'a place behind all memory',
    () => ({ replies: [{ memory: { id: 1, name: '1.memory', position: '18446744073709551615', size: 16 } }] }),
    /asks for 16 bytes at 18446744073709551615 of 1\.memory, which has 4096 bytes$/,
  ],
  [
    '4 GiB at once',
    () => ({ replies: [{ memory: { id: 1, name: '1.memory', position: '0', size: 4294967295 } }] }),
    /asks to read 4294967295 and write 0 bytes of 1\.memory; one of them, to 4096, is possible$/,
  ],
  [
    'more memory than there is',
    () => ({ place: { ...goodPlace, memories: [{ name: '1.memory', size: String(1n << 46n) }] } }),
    /has \d+ bytes left where 70368744177664 are due; set TMPDIR to a larger place$/,
  ],
  [
    'words that steer a terminal',
    () => ({ refusal: { code: 9, details: 'go away\x1b[2J\ntrapline: all is well' } }),
    /can't be used: go away\\x1b\[2J\\ntrapline: all is well$/,
  ],
]

it('memory that is outside is refused by the program itself', async () => {
  const scratch = makeScratch()
  const victim = scratch.write('victim', 'as it was')
  const address = await startHostileBridge({ attach: { devices: [{ ...dmaBuffer, backing: `${up}${victim}` }] } })
  const { status, stderr } = await trapline(scratch, ['run', '--bridge', address, '--', 'true'])
  expect([status, stderr]).toEqual([
    125,
    expect.stringMatching(/names the file '\.\.\/.*', which is not in the run directory/),
  ])
  expect(readFileSync(victim, 'utf8')).toBe('as it was')
})

it.each(cases)('%s', async (_name, lie, sentence) => {
  const scratch = makeScratch()
  const outside = join(scratch.path, 'outside')
  mkdirSync(join(outside, 'bridge/deep'), { recursive: true })
  // What makes a launcher believe that it sees the bridge's folder.
  const clock = createServer().listen(join(outside, 'bridge/clock'))
  onTestFinished(() => void clock.close())
  scratch.write('outside/victim', 'as it was')
  const before = readdirSync(scratch.path, { recursive: true }).sort()
  const address = await startHostileBridge(lie(outside))
  const { status, stdout, stderr } = await trapline(scratch, ['run', '--bridge', address, '--', 'sleep', '1000'])
  expect([status, stdout]).toEqual([125, ''])
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toEqual([expect.stringMatching(sentence)])
  expect(lines[0]).toMatch(/^trapline: (of )?the (memory of the )?bridge at 127\.0\.0\.1:\d+[: ]/)
  const after = readdirSync(scratch.path, { recursive: true }).filter((name) => !/^t\d+$/.test(String(name)))
  expect(after.sort()).toEqual(before)
  expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('as it was')
})

/** What it leaves unanswered while it beats, and the words for that. */
const silences: [Lies, RegExp][] = [
  [{ leaves: { begin: 1 } }, /WatchBegin/],
  [{ leaves: { sync: 1 } }, /WatchSync/],
  // The second one comes when the program has ended.
  [{ leaves: { sync: 2 } }, /WatchSync/],
  [{ leavesAttach: true, hidesCheckIns: true }, /the Attach of a program/],
]

it('a bridge that beats and does not answer keeps nobody, and is named with what it owes', async () => {
  const run = async (lies: Lies) => {
    const address = await startHostileBridge(lies)
    const { status, stdout, stderr } = await trapline(makeScratch(), ['run', '--bridge', address, '--', 'true'])
    return { status, stdout, lines: stderr.trimEnd().split('\n') }
  }
  const ends = await Promise.all(silences.map(([lies]) => run(lies)))
  for (const [i, [, what]] of silences.entries()) {
    expect(ends[i]).toEqual({ status: 125, stdout: '', lines: [expect.stringMatching(what)] })
    expect(ends[i]?.lines[0]).toMatch(
      /^trapline: the bridge at 127\.0\.0\.1:\d+ is there, but has not answered .* for 10 s; see/,
    )
  }
})

it('a bridge that moves memory between accesses of its models is waited for', async () => {
  const address = await startHostileBridge({ moves: 14, attach: { clockSocket: '' } })
  const ended = await trapline(makeScratch(), ['run', '--bridge', address, '--', 'sh', '-c', 'echo here; exit 3'])
  expect(ended).toMatchObject({ status: 3, stdout: 'here\n', stderr: '' })
})

it('that a bridge tells of no program takes nothing from one whose agent is there', async () => {
  const good = await startHostileBridge({ hidesCheckIns: true, attach: { clockSocket: '' } })
  const run = (address: string, ...program: string[]) =>
    trapline(makeScratch(), ['run', '--bridge', address, '--', ...program])
  // Longer than a launcher waits before it looks for the agent.
  expect(await run(good, 'sh', '-c', 'sleep 1.5; exit 3')).toMatchObject({ status: 3, stderr: '' })
  const attach = { devices: [{ ...dmaBuffer, backing: '../x' }] }
  const bad = await run(await startHostileBridge({ hidesCheckIns: true, attach }), 'true')
  expect(bad).toMatchObject({ status: 125, sentences: [expect.stringMatching(/^the bridge names the file '\.\.\/x'/)] })
})
