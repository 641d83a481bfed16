/**
 * What outlives its program is waited for, or ended and named; the exit status tells. Daemons can't hide: neither
 * behind a session of their own, nor by what they do to their environment, their arguments and their descriptors.
 */
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process, { kill } from 'node:process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { findParts } from '../support/family.js'
import { leftoversOf, processesOf } from '../support/leftovers.js'
import { asNobody, cacheOfNobody, canBecomeNobody, needsNobody, nobody } from '../support/nobody.js'
import { host, root } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline, trapline } from '../support/trapline.js'

const config = configOf('axil_regs')
const daemon = (how: string, ...rest: string[]) => [host('daemon'), how, '/dev/mem', `${base}`, ...rest]
const ways = ['library', 'closed', 'bare']
const all = ['write 0x1111', 'read 0x1111', 'write 0x1112']
const ended = /\(pid (\d+)\) was ended by Trapline: it outlived \S+daemon; --wait-for-children waits for it$/

function isThere(pid: number): boolean {
  try {
    return kill(pid, 0)
  } catch {
    return false
  }
}

/** The pids in sentences of that pattern. */
const pidsIn = (sentences: string[], pattern: RegExp) =>
  sentences.flatMap((sentence) => pattern.exec(sentence)?.[1] ?? []).map(Number)

describe.each(ways)('a daemon by %s', (how) => {
  it('is ended and named', async () => {
    const scratch = makeScratch()
    const file = scratch.write('c.json', config)
    const report = join(scratch.path, 'report.json')
    const { status, sentences } = await trapline(scratch, [
      ...['run', '--config', file, '--report', report, '--', ...daemon(how, 'stay')],
    ])
    const pids = pidsIn(sentences, ended)
    expect({ status, there: pids.map(isThere) }).toEqual({ status: 125, there: [false] })
    const { failure, exitStatus } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, unknown>
    expect({ failure, exitStatus }).toEqual({ failure: expect.stringMatching(ended), exitStatus: 125 })
  })

  it('is waited for', async () => {
    const { status, log } = await runHost(makeScratch(), config, daemon(how), { flags: ['--wait-for-children'] })
    expect({ status, log: log.map(({ op, data }) => `${op} ${data.replace(/0x0*/, '0x')}`) }).toEqual({
      status: 0,
      log: all,
    })
  })
})

it.skipIf(!canBecomeNobody)(`one that nobody may look into (${needsNobody})`, async () => {
  const scratch = makeScratch()
  chmodSync(scratch.path, 0o777)
  const options = { wrapper: asNobody, owner: nobody, cwd: root, env: { TRAPLINE_CACHE: cacheOfNobody() } }
  const core = join(import.meta.dirname, 'cores/plain.v')
  const flags = ['--rtl', core, '--top', 'plain', '--map', `/dev/mem@${base}+0x1000`]
  const run = ['run', ...flags, '--', ...daemon('bare', 'stay')]
  const { status, sentences } = await trapline(scratch, run, options)
  expect({ status, sentences, there: pidsIn(sentences, ended).map(isThere) }).toMatchObject({
    status: 125,
    there: [false],
  })
})

it('beside a bridge of its own it is waited for, unless told otherwise', async () => {
  const scratch = makeScratch()
  const file = scratch.write('c.json', config)
  const bridge = startTrapline(scratch, ['serve', '--config', file, '--show'])
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const run = (flags: string[], ...rest: string[]) =>
    trapline(scratch, ['run', '--bridge', address, ...flags, '--', ...daemon('closed', ...rest)])
  const waited = await run([])
  expect(waited.status).toBe(0)
  expect(waited.sentences.at(-1)).toMatch(/^3 accesses, p50 /)
  const { status, sentences } = await run(['--no-wait-for-children'], 'stay')
  expect({ status, sentences, there: pidsIn(sentences, ended).map(isThere) }).toMatchObject({
    status: 125,
    there: [false],
  })
  bridge.kill('SIGTERM')
  expect((await bridge.ended).status).toBe(0)
})

/** A run that waits for a daemon, and the daemon's pid. */
async function startWaiting() {
  const scratch = makeScratch()
  const file = scratch.write('c.json', config)
  const run = startTrapline(scratch, [
    ...['run', '--config', file, '--wait-for-children', '--', ...daemon('bare', 'stay')],
  ])
  const [, pid] = await run.untilStderr(/daemon has ended; waiting for x+ \(pid (\d+)\)\n/)
  return { run, pid: Number(pid) }
}

it('a signal reaches what is waited for', async () => {
  const { run, pid } = await startWaiting()
  expect(isThere(pid)).toBe(true)
  run.kill('SIGTERM')
  expect((await run.ended).status).toBe(143)
  expect(isThere(pid)).toBe(false)
})

it('it ends with a launcher that is killed', async () => {
  const { run, pid } = await startWaiting()
  run.kill('SIGKILL')
  await run.ended
  await vi.waitFor(() => expect(isThere(pid)).toBe(false), { timeout: 20_000 })
})

it('a run whose keeper is killed is not green, and leaves nothing', async () => {
  const scratch = makeScratch()
  const file = scratch.write('c.json', config)
  const run = startTrapline(scratch, ['run', '--config', file, '--', 'sh', '-c', 'sleep 1000 & wait'])
  // Until then it is a copy of the shell, and would be named so.
  const isSleeping = () => processesOf(run.temporary).some(({ command }) => command === 'sleep 1000')
  await vi.waitFor(() => expect(isSleeping()).toBe(true), { timeout: 20_000 })
  const keepers = processesOf(run.temporary).filter(({ executable }) => executable.endsWith('/trapline-keeper'))
  keepers.forEach(({ pid }) => kill(pid, 'SIGKILL'))
  const { status, sentences } = await run.ended
  expect(status).toBe(125)
  expect(sentences).toContain('the keeper of sh was killed, so nobody knows how it ended')
  expect(sentences).toContainEqual(expect.stringMatching(/^sleep 1000 \(pid \d+\) was ended by Trapline: it outlived/))
})

it('a run that waits, and whose keeper and reapers are killed, is not green though its program was', async () => {
  const scratch = makeScratch()
  // Its models are another's: one of its own would end with its reaper, which is not green in any case.
  const bridge = startTrapline(scratch, ['serve', '--config', scratch.write('c.json', config)])
  onTestFinished(async () => {
    bridge.kill('SIGTERM')
    await bridge.ended
  })
  const [address] = await bridge.untilStdout(/^unix:.+$/m)
  const program = ['sh', '-c', 'sleep 1000 & exit 0']
  const run = startTrapline(scratch, ['run', '--bridge', address, '--wait-for-children', '--', ...program])
  const [, left] = await run.untilStderr(/sh has ended; waiting for sleep 1000 \(pid (\d+)\)\n/)
  const reapers = findParts(process.pid, ['reaper', 'deputy'])
  const [keeper = 0] = findParts(process.pid, ['keeper'])
  // So that neither does anything about the other.
  reapers.forEach((pid) => kill(pid, 'SIGSTOP'))
  kill(keeper, 'SIGKILL')
  reapers.forEach((pid) => kill(pid, 'SIGKILL'))
  const { status, sentences } = await run.ended
  expect({ status, sentences }).toMatchObject({
    status: 125,
    sentences: expect.arrayContaining([
      'the keeper of sh and both reapers were killed, so nobody knows what sh has left; look for it with `ps`',
    ]) as string[],
  })
  if (isThere(Number(left))) kill(Number(left), 'SIGKILL')
})

it('a reaper that was stopped ends with its launcher, though its deputy is gone', async () => {
  const scratch = makeScratch()
  const file = scratch.write('c.json', config)
  const run = startTrapline(scratch, ['run', '--config', file, '--', 'sh', '-c', 'echo here; sleep 1000 & wait'])
  await run.untilStdout(/here/)
  const [reaper = 0, deputy = 0] = findParts(process.pid, ['reaper', 'deputy'])
  kill(reaper, 'SIGSTOP')
  kill(deputy, 'SIGKILL')
  kill(run.pid, 'SIGKILL')
  await run.ended
  await vi.waitFor(() => expect(leftoversOf(run.temporary)).toEqual([]), { timeout: 20_000 })
})
