/**
 * Whatever is killed, alone or two at once, and whoever reads what we say: nothing is left. `kin` is the parent of all
 * that a run could leave, so this is known from outside, by the kernel's word.
 */
import { join } from 'node:path'
import { kill } from 'node:process'
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { findParts, type Part } from '../support/family.js'
import { openPipe, type Pipe } from '../support/pipes.js'
import { host } from '../support/places.js'
import { makeScratch, openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, trapline, type Running } from '../support/trapline.js'

const config = configOf('axil_regs')
const soon = { timeout: 100_000, interval: 20 }
/** Retitled, without an environment, and not to be looked into. */
const daemon = ['--wait-for-children', '--', host('daemon'), 'bare', '/dev/mem', `${base}`, 'stay']
const loop = ['--', host('loop'), '/dev/mem', `${base}`, '0', '1000000000']

/** Nobody waits for a compiler while the clock is looked at. */
beforeAll(async () => {
  const scratch = openScratch()
  const { status, stderr } = await trapline(scratch, ['build', '--config', scratch.write('c.json', config)])
  expect(status, stderr).toBe(0)
  removeScratch(scratch)
}, 600_000)

function start(scratch: Scratch, args: string[], wrapper: string[] = []): Running {
  const file = scratch.write('c.json', config)
  return startTrapline(scratch, ['run', '--config', file, ...args], { wrapper: [host('kin'), ...wrapper] })
}

type Signal = 'SIGKILL' | 'SIGSTOP'

/** It may have gone with the one before. */
function send(pid: number, signal: Signal): void {
  try {
    kill(pid, signal)
  } catch {
    return
  }
}

it.each<[Part, Signal, Part, Signal]>([
  ['launcher', 'SIGKILL', 'reaper', 'SIGKILL'],
  ['launcher', 'SIGKILL', 'deputy', 'SIGKILL'],
  ['launcher', 'SIGKILL', 'keeper', 'SIGKILL'],
  ['launcher', 'SIGKILL', 'reaper', 'SIGSTOP'],
  ['launcher', 'SIGKILL', 'model', 'SIGSTOP'],
  ['keeper', 'SIGKILL', 'reaper', 'SIGKILL'],
  ['keeper', 'SIGKILL', 'deputy', 'SIGKILL'],
])('%s by %s, and %s by %s', async (one, signal, other, otherSignal) => {
  const run = start(makeScratch(), daemon)
  await run.untilStderr(/has ended; waiting for/)
  const pids = findParts(run.pid, [other, one])
  // Both at once: it must not act between the two.
  if (one === 'launcher') send(pids[1] ?? 0, 'SIGSTOP')
  for (const [i, pid] of pids.entries()) send(pid, i === 0 ? otherSignal : signal)
  const { status, stdout, stderr } = await run.ended
  expect({ status, stdout }, stderr).toEqual({ status: one === 'launcher' ? 137 : 125, stdout: '' })
  // With the deputy, its models are gone as well.
  const cause = other === 'deputy' ? /was ended by Trapline|was killed by SIGKILL/ : /was ended by Trapline/
  expect(stderr).toMatch(one === 'launcher' ? /^trapline: the bridge was killed or crashed;/m : cause)
})

it('a model that is in an evaluation without end, and what its RTL has started', async () => {
  const scratch = makeScratch()
  const core = join(import.meta.dirname, 'cores/never_ends.sv')
  const rtl = ['--rtl', core, '--top', 'never_ends', '--map', `/dev/mem@${base}+0x100`]
  const write = ['busybox', 'devmem', `${base}`, '32', '1']
  const run = startTrapline(scratch, ['run', ...rtl, '--', ...write], { wrapper: [host('kin')] })
  await run.untilStderr(/it has begun/)
  const [launcher = 0] = findParts(run.pid, ['launcher'])
  kill(launcher, 'SIGKILL')
  expect(await run.ended).toMatchObject({ status: 137, stdout: '' })
})

function makePipe(scratch: Scratch): Pipe {
  const pipe = openPipe(scratch)
  onTestFinished(pipe.close)
  return pipe
}

const hasBegun = (run: Running) => vi.waitFor(() => findParts(run.pid, ['launcher', 'keeper', 'model']), soon)

it.each(['full', 'closed'] as const)('stderr is a %s pipe, and the launcher is killed', async (state) => {
  const scratch = makeScratch()
  const pipe = makePipe(scratch)
  const run = start(scratch, loop, pipe.into)
  const [launcher = 0] = await hasBegun(run)
  if (state === 'full') pipe.fill()
  else pipe.close()
  kill(launcher, 'SIGKILL')
  expect(await run.ended).toMatchObject({ status: 137, stdout: '' })
})

it('stderr is a full pipe while every access is shown, and a signal is obeyed', async () => {
  const scratch = makeScratch()
  const pipe = makePipe(scratch)
  pipe.fill()
  const run = start(scratch, ['--show', ...loop], pipe.into)
  const [launcher = 0] = await hasBegun(run)
  kill(launcher, 'SIGTERM')
  expect(await run.ended).toMatchObject({ status: 143, stdout: '' })
})

it('who reads late and slowly gets every line', async () => {
  const scratch = makeScratch()
  const pipe = makePipe(scratch)
  pipe.fill()
  const accesses = 4_000
  const run = start(scratch, ['--show', ...loop.slice(0, -1), `${accesses}`], pipe.into)
  await hasBegun(run)
  let hasEnded = false
  void run.ended.then(() => (hasEnded = true))
  let text = ''
  await vi.waitFor(() => {
    for (let more = pipe.read(); more !== ''; more = pipe.read()) text += more
    expect(hasEnded).toBe(true)
  }, soon)
  text += pipe.read()
  expect((await run.ended).status).toBe(0)
  expect(text.match(/trapline: .*dut\+0x/g)?.length).toBe(accesses)
})
