/**
 * Host, bridge or model is killed or stopped at any moment: the rest ends, the cause is named, nothing is left. As many
 * rounds as `KILL_ROUNDS` says (`npm run test:kill -- 200`), from seed `KILL_SEED`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { base, configOf } from '../support/configs.js'
import { Chance } from '../support/fuzz.js'
import { processesOf } from '../support/leftovers.js'
import { cache, host } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { startTrapline, trapline, type Running } from '../support/trapline.js'

const rounds = Number(process.env.KILL_ROUNDS ?? 12)
const seed = Number(process.env.KILL_SEED ?? 1)
/** Rounds at once: those with a stopped process mostly wait. */
const lanes = 2
const roundMs = 30_000
const startMs = 20_000
const mostDelayMs = 1_000

/** How soon a run ends; a stopped process is given 5 s, seen once a second, to go on. */
const patienceMs = { SIGKILL: 2_000, SIGSTOP: 8_000 }

const victims = ['host', 'bridge', 'model'] as const
type Victim = (typeof victims)[number]

/** Accesses without end, and no access at all. */
const programs = [
  { name: 'loop', command: [host('loop'), '/dev/mem', `${base}`, '0', '1000000000'] },
  { name: 'sh', command: ['sh', '-c', 'while :; do :; done'] },
]

const causes: Record<Victim, Record<keyof typeof patienceMs, RegExp>> = {
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
}

function findVictim(run: Running, victim: Victim, command: string): number {
  const processes = processesOf(run.temporary)
  const model = processes.find(({ executable }) => executable.startsWith(cache))
  const running = processes.find((one) => one.command.startsWith(command))
  const found = { host: running?.pid, bridge: model && run.pid, model: model?.pid }[victim]
  if (found === undefined) throw new Error(`the ${victim} is not there yet`)
  return found
}

async function play(round: number): Promise<void> {
  const chance = new Chance(seed, round)
  const [victim, signal] = [chance.pick(victims), chance.pick(['SIGKILL', 'SIGSTOP'] as const)]
  const { name, command } = chance.pick(programs)
  const what = `round ${round} of seed ${seed}: ${signal} of the ${victim} (${name})`
  const scratch = openScratch()
  const config = scratch.write('c.json', configOf('axil_regs'))
  const run = startTrapline(scratch, ['run', '--config', config, '--', ...command])
  const ended = run.ended.then((end) => ({ ...end, atMs: performance.now() }))
  ended.catch(() => undefined)
  const pid = await vi.waitFor(() => findVictim(run, victim, command.join(' ')), { timeout: startMs, interval: 5 })
  await delay(chance.below(mostDelayMs))
  const start = performance.now()
  process.kill(pid, signal)
  const { status, sentences, atMs } = await ended
  expect(sentences.join('\n'), what).toMatch(causes[victim][signal])
  expect(status, what).not.toBe(0)
  expect(atMs - start, what).toBeLessThan(patienceMs[signal])
  removeScratch(scratch)
}

it(`${rounds} rounds`, { timeout: 240_000 + rounds * roundMs }, async () => {
  const scratch = openScratch()
  await trapline(scratch, ['build', '--config', scratch.write('c.json', configOf('axil_regs'))])
  removeScratch(scratch)
  let next = 0
  const playNext = async (): Promise<void> => {
    while (next < rounds) await play(next++)
  }
  await Promise.all(Array.from({ length: lanes }, playNext))
})
