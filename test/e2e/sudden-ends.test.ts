/**
 * Host, bridge, model, a bridge that serves or the network to it is killed or stopped at any moment: the rest ends, the
 * cause is named, nothing is left. As many rounds as `KILL_ROUNDS` says (`npm run test:kill -- 200`), from seed
 * `KILL_SEED`.
 */
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { makeAuthority } from '../support/certificates.js'
import { at, base, configOf } from '../support/configs.js'
import { Chance } from '../support/fuzz.js'
import { processesOf } from '../support/leftovers.js'
import { cache, host } from '../support/places.js'
import { openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { serve, ways, type Identities, type Served } from '../support/served.js'
import { startTrapline, trapline, type Ended, type Running } from '../support/trapline.js'

const rounds = Number(process.env.KILL_ROUNDS ?? 8)
const seed = Number(process.env.KILL_SEED ?? 1)
/**
 * The command of its own looks at the clock as well; other tests beside it would keep the machine too busy for that.
 */
const isTimed = process.env.KILL_ROUNDS !== undefined
/** Rounds at once: those with a stopped process mostly wait. */
const lanes = 2
const roundMs = 30_000
const startMs = 20_000
const mostDelayMs = 1_000
/** A host that was lost between Attach and Transact keeps its session for ten seconds, any other loses it at once. */
const forgetMs = 12_000

type Signal = 'SIGKILL' | 'SIGSTOP'
type Victim = 'host' | 'bridge' | 'model' | 'serve' | 'connection'
const victims: Victim[] = ['host', 'bridge', 'model', 'serve', 'connection']

/** Accesses without end, and no access at all. */
const programs = [
  { name: 'loop', command: [host('loop'), '/dev/mem', `${base}`, '0', '1000000000'] },
  { name: 'sh', command: ['sh', '-c', 'while :; do :; done'] },
]

const wasKilled =
  /^the bridge at \S+ was killed, or the connection to it broke \(.+\); look whether it is still there$/m
const isSilent =
  /^the bridge at \S+ has said nothing for 10 s; look whether it was stopped, and whether the network to it works$/m

const causes: Record<Victim, Record<Signal, RegExp>> = {
  host: {
    SIGKILL: /(loop|sh) (was killed by SIGKILL|ended with status 137 before the agent checked in)/,
    SIGSTOP: /(loop|sh) (was stopped and did not go on within 5 s|runs without the agent)/,
  },
  bridge: {
    SIGKILL: /^the bridge was killed or crashed; its hosts are ended$/m,
    SIGSTOP: /^the bridge was stopped and did not go on within 5 s; its hosts are ended$/m,
  },
  model: {
    SIGKILL: /^model dut was killed by SIGKILL$/m,
    SIGSTOP: /^model dut was stopped and did not go on within 5 s$/m,
  },
  serve: { SIGKILL: wasKilled, SIGSTOP: isSilent },
  connection: { SIGKILL: wasKilled, SIGSTOP: isSilent },
}

/** How soon a run ends; what is stopped has its limit in seconds, and what is left of it then two more. */
function patienceMsOf(victim: Victim, signal: Signal): number {
  if (signal === 'SIGKILL') return 2_000
  return victim === 'serve' || victim === 'connection' ? 13_000 : 8_000
}

interface Scene {
  run: Running
  /** Throws while it is not there yet. */
  findVictim(): number
  /** Looks at what should go on. */
  conclude(): Promise<void>
}

type Stage = (scratch: Scratch, chance: Chance, victim: Victim, command: string[]) => Promise<Scene>

function findHost(run: Running, command: string[]): number | undefined {
  return processesOf(run.temporary).find((one) => one.command.startsWith(command.join(' ')))?.pid
}

function require(pid: number | undefined): number {
  if (pid === undefined) throw new Error('it is not there yet')
  return pid
}

/** All by one command. */
const stageRun: Stage = async (scratch, _chance, victim, command) => {
  const config = scratch.write('c.json', configOf('axil_regs'))
  const run = startTrapline(scratch, ['run', '--config', config, '--', ...command])
  const findModel = () => processesOf(run.temporary).find(({ executable }) => executable.startsWith(cache))?.pid
  const findVictim = () => {
    const found = { host: findHost(run, command), model: findModel(), bridge: findModel() && run.pid }
    return require(found[victim as keyof typeof found])
  }
  return { run, findVictim, conclude: async () => undefined }
}

let identities: Identities

/** The bridge serves, and its host is beyond a network, or at least another process's. */
const stageServe: Stage = async (scratch, chance, victim, command) => {
  const way = chance.pick(victim === 'serve' ? ways : (['tcp', 'tls'] as const))
  const served = await serve(scratch, configOf('axil_regs'), way, identities)
  const run = served.start(command)
  const findVictim = () => {
    require(findHost(run, command))
    return require(victim === 'serve' ? served.bridge.pid : served.relay)
  }
  const conclude = victim === 'serve' ? () => concludeServe(served) : () => concludeConnection(served)
  return { run, findVictim, conclude }
}

/** Killed it leaves nothing; stopped it may go on, as if nothing had been. */
async function concludeServe(served: Served): Promise<void> {
  if (isThere(served.bridge.pid)) {
    process.kill(served.bridge.pid, 'SIGCONT')
    expect(await requireService(served)).toMatchObject({ status: 0 })
  } else expect(await served.bridge.ended).toMatchObject({ status: 137 })
  served.endRelay()
}

/** The bridge has noted its loss, once, and serves the next one, also while the lost connection is still open. */
async function concludeConnection(served: Served): Promise<void> {
  const { status, sentences } = await requireService(served)
  expect(status).toBe(0)
  expect(sentences.filter((sentence) => sentence.startsWith('lost '))).toEqual([
    expect.stringMatching(
      /^lost the launcher at 127\.0\.0\.1:\d+: (it was killed, or the connection broke|it has said nothing for 10 s); /,
    ),
  ])
}

/** Serves another host, forgets the one that was lost, and ends as it should. */
async function requireService(served: Served): Promise<Ended> {
  const next = await served.start(['busybox', 'devmem', at(4), '32'], served.address).ended
  expect(next).toMatchObject({
    status: 0,
    stdout: '0x54524150\n',
    sentences: [expect.stringMatching(/^1 access, p50 /)],
  })
  served.endRelay()
  const forgotten = { timeout: forgetMs, interval: 20 }
  await vi.waitFor(async () => expect(await served.countSessions(), served.way).toBe(0), forgotten)
  served.bridge.kill('SIGTERM')
  return await served.bridge.ended
}

function isThere(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}

const stages: Record<Victim, Stage> = {
  host: stageRun,
  bridge: stageRun,
  model: stageRun,
  serve: stageServe,
  connection: stageServe,
}

async function play(round: number): Promise<void> {
  const chance = new Chance(seed, round)
  const [victim, signal] = [chance.pick(victims), chance.pick(['SIGKILL', 'SIGSTOP'] as const)]
  const { name, command } = chance.pick(programs)
  const what = `round ${round} of seed ${seed}: ${signal} of the ${victim} (${name})`
  const scratch = openScratch()
  const scene = await stages[victim](scratch, chance, victim, command)
  const ended = scene.run.ended.then((end) => ({ ...end, atMs: performance.now() }))
  ended.catch(() => undefined)
  const pid = await vi.waitFor(() => scene.findVictim(), { timeout: startMs, interval: 5 })
  await delay(chance.below(mostDelayMs))
  const start = performance.now()
  process.kill(pid, signal)
  const { status, sentences, atMs } = await ended
  expect(sentences.join('\n'), what).toMatch(causes[victim][signal])
  expect(status, what).not.toBe(0)
  if (isTimed) expect(atMs - start, what).toBeLessThan(patienceMsOf(victim, signal))
  await scene.conclude()
  removeScratch(scratch)
}

it(`${rounds} rounds`, { timeout: 600_000 + rounds * roundMs }, async () => {
  const scratch = openScratch()
  await trapline(scratch, ['build', '--config', scratch.write('c.json', configOf('axil_regs'))])
  const ca = makeAuthority(scratch)
  identities = { ca, bridge: ca.sign('bridge'), host: ca.sign('host') }
  let next = 0
  const playNext = async (): Promise<void> => {
    while (next < rounds) await play(next++)
  }
  await Promise.all(Array.from({ length: lanes }, playNext))
  removeScratch(scratch)
})
