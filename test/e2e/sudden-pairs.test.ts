/**
 * Any one or two parts of a run are killed or stopped at any moment, in accesses, in daemons that hide, in evaluations
 * without end, in builds and in the making of evidence, while somebody reads what Trapline says, or nobody does, or
 * nobody is there: the rest ends, the cause is named where anybody listens, and nothing is left, as `kin` knows. As
 * many rounds as `KILL_ROUNDS` says (`npm run test:kill -- 300`), from seed `KILL_SEED`; `KILL_ROUND` is one of them
 * alone.
 */
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { at, base, configOf } from '../support/configs.js'
import { familyOf, type Member, type Part } from '../support/family.js'
import { Chance } from '../support/fuzz.js'
import { signalUnlessGone } from '../support/leftovers.js'
import { openPipe, type Pipe } from '../support/pipes.js'
import { cache, host, root } from '../support/places.js'
import { openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, trapline, type Ended, type Running } from '../support/trapline.js'

const rounds = Number(process.env.KILL_ROUNDS ?? 3)
const seed = Number(process.env.KILL_SEED ?? 1)
const onlyRound = process.env.KILL_ROUND === undefined ? undefined : Number(process.env.KILL_ROUND)
/**
 * The command of its own looks at the clock as well; other tests beside it would keep the machine too busy for that.
 */
const isTimed = process.env.KILL_ROUNDS !== undefined
const longestEndMs = 2_000
/** One that does not listen gets longer (bridge/model/running-model.ts). */
const modelMs = 1_500
/** What is stopped gets this to go on. */
const stoppedMs = 6_000
const roundMs = 90_000
const startMs = 100_000
const mostDelayMs = 1_000

type Signal = 'SIGCONT' | 'SIGKILL' | 'SIGSTOP' | 'SIGTERM' | 'SIGINT' | 'SIGHUP'
const listeners = ['reads', 'does not read', 'has gone'] as const

interface Scene {
  name: string
  args: string[]
  parts: Part[]
  cacheDirectory: string
  /** Something in it has made itself nobody's child. */
  hides: boolean
  /** What it is about goes on. */
  isReady(family: Member[]): boolean
}

const running: Part[] = ['launcher', 'reaper', 'deputy', 'keeper', 'host', 'model']
const building: Part[] = ['launcher', 'reaper', 'deputy', 'tool keeper', 'tool']
const loop = [host('loop'), '/dev/mem', `${base}`, '0', '1000000000']
const endless = { top: 'never_ends', sources: [join(root, 'test/e2e/cores/never_ends.sv')] }
/** Words of a command line that tell a program which has retitled itself. */
const retitled = 'xxxx'

/** What runs on and on, and the process that shows it. */
const programs = {
  loop: { command: loop, flags: [], model: 'axil_regs', by: 'host', shows: loop[0] },
  shown: { command: loop, flags: ['--show'], model: 'axil_regs', by: 'host', shows: loop[0] },
  'no access': {
    command: ['sh', '-c', 'while :; do :; done'],
    flags: [],
    model: 'axil_regs',
    by: 'host',
    shows: 'while',
  },
  daemon: {
    command: [host('daemon'), 'bare', '/dev/mem', `${base}`, 'stay'],
    flags: ['--wait-for-children'],
    model: 'axil_regs',
    by: 'host',
    shows: retitled,
  },
  'endless evaluation': {
    command: ['busybox', 'devmem', at(0), '32', '1'],
    flags: [],
    model: endless,
    // What its RTL has started.
    by: undefined,
    shows: 'sleep 1000',
  },
} as const

let common: Scratch
/** Without any model; and without anything that was compiled. */
let emptyCaches: string[]
/** With the model that a run needs, and not the one that evidence needs. */
let plainCache: string

beforeAll(async () => {
  common = openScratch()
  const [config, report] = [common.write('c.json', configOf('axil_regs')), join(common.path, 'report.json')]
  await trapline(common, ['build', '--config', common.write('e.json', configOf(endless))])
  await trapline(common, ['run', '--config', config, '--report', report, '--', 'busybox', 'devmem', at(4)])
  const { models } = JSON.parse(readFileSync(report, 'utf8')) as { models: { hash: string }[] }
  emptyCaches = [copyCache(['models', 'locks']), copyCache(['models', 'locks', 'runtime'])]
  plainCache = copyCache(['models', 'locks'])
  const place = join('models', models[0]?.hash ?? '')
  cpSync(join(cache, place), join(plainCache, place), { recursive: true })
})

afterAll(() => removeScratch(common))

function copyCache(without: string[]): string {
  const folder = common.folder()
  for (const name of readdirSync(cache).filter((one) => !without.includes(one)))
    cpSync(join(cache, name), join(folder, name), { recursive: true })
  return folder
}

function stageRun(scratch: Scratch, chance: Chance): Scene {
  const name = chance.pick(Object.keys(programs) as (keyof typeof programs)[])
  const { command, flags, model, by, shows = '' } = programs[name]
  const config = scratch.write('c.json', configOf(model as Parameters<typeof configOf>[0]))
  return {
    name,
    args: ['run', '--config', config, ...flags, '--', ...command],
    parts: running,
    cacheDirectory: cache,
    hides: name === 'daemon' || name === 'endless evaluation',
    isReady: (family) => family.some(({ part, command }) => part === by && command.includes(shows)),
  }
}

const hasTool = (family: Member[]) => family.some(({ part }) => part === 'tool')

/** A model is compiled, with what all models share or without. */
function stageBuild(scratch: Scratch, chance: Chance): Scene {
  const cacheDirectory = join(scratch.path, 'cache')
  cpSync(chance.pick(emptyCaches), cacheDirectory, { recursive: true })
  const config = scratch.write('c.json', configOf('axil_regs'))
  const args = ['run', '--config', config, '--', ...loop]
  return { name: 'build', args, parts: building, cacheDirectory, hides: false, isReady: hasTool }
}

/** A test has failed, and its evidence is made, for which a model is compiled. */
function stageEvidence(scratch: Scratch): Scene {
  const cacheDirectory = join(scratch.path, 'cache')
  cpSync(plainCache, cacheDirectory, { recursive: true })
  const config = scratch.write('c.json', configOf('axil_regs'))
  const program = ['sh', '-c', `busybox devmem ${at(4)} > /dev/null; exit 3`]
  const args = ['run', '--config', config, '--results', join(scratch.path, 'results'), '--', ...program]
  return { name: 'evidence', args, parts: building, cacheDirectory, hides: false, isReady: hasTool }
}

const stages = [stageRun, stageRun, stageRun, stageBuild, stageEvidence]

interface Hit {
  part: Part
  signal: Signal
}

function drawHits({ parts, hides }: Scene, chance: Chance): Hit[] {
  let left = [...parts]
  return Array.from({ length: chance.oneIn(3) ? 1 : 2 }, () => {
    const part = chance.pick(left)
    // Without both, what hides is nobody's (docs/trust.md).
    const isLast = (other: Part) => hides && [part, other].every((one) => one === 'reaper' || one === 'deputy')
    left = left.filter((other) => other !== part && !isLast(other))
    const signals = ['SIGKILL', 'SIGSTOP', ...(part === 'launcher' ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : [])]
    return { part, signal: chance.pick(signals) as Signal }
  })
}

async function play(round: number): Promise<string> {
  const chance = new Chance(seed, round)
  const scratch = openScratch()
  const scene = chance.pick(stages)(scratch, chance)
  const hits = drawHits(scene, chance)
  const listener = chance.pick(listeners)
  const what =
    `round ${round} of seed ${seed}: ${scene.name}, ` +
    `${hits.map(({ part, signal }) => `${signal} of the ${part}`).join(', ')}; who listens ${listener}`
  const pipe = openPipe(scratch)
  let said = ''
  const reading = setInterval(() => (said += pipe.read()), 20)
  try {
    const run = startTrapline(scratch, scene.args, {
      wrapper: [host('kin'), ...pipe.into],
      env: { TRAPLINE_CACHE: scene.cacheDirectory },
    })
    const isReady = () => expect(scene.isReady(familyOf(run.pid)), what).toBe(true)
    await vi.waitFor(isReady, { timeout: startMs, interval: 5 })
    if (listener !== 'reads') clearInterval(reading)
    turn(pipe, listener)
    await delay(chance.below(mostDelayMs))
    const { ended, tookMs } = await disturb(run, scene, hits, chance)
    said += pipe.read()
    expect(ended.stdout, what).not.toMatch(/^left /m)
    // A daemon that somebody else kills changes nothing about the program that left it, and that had ended well.
    const isDaemonHit = scene.name === 'daemon' && hits.some(({ part }) => part === 'host')
    if (!isDaemonHit) expect(ended.status, what).not.toBe(0)
    if (isTimed) expect(tookMs, what).toBeLessThan(longestEndMs + (scene.name === 'endless evaluation' ? modelMs : 0))
    if (listener === 'reads' && mustSay(hits)) expect(said, what).toMatch(/^trapline: .*\w/m)
    expect(said, what).not.toMatch(/^(trapline:)? {4}at /m)
    return `${what}: ${Math.round(tookMs)} ms`
  } finally {
    clearInterval(reading)
    pipe.close()
    removeScratch(scratch)
  }
}

function turn(pipe: Pipe, listener: (typeof listeners)[number]): void {
  if (listener === 'does not read') pipe.fill()
  if (listener === 'has gone') pipe.close()
}

/** Unless both are hit who could. */
function mustSay(hits: Hit[]): boolean {
  const silenced = hits.filter(({ part, signal }) => /launcher|reaper|deputy/.test(part) && /KILL|STOP/.test(signal))
  return silenced.length < 2
}

/** What need not end a run, as the loss of a reaper, does not keep it from ending: a signal does then. */
async function disturb(
  run: Running,
  scene: Scene,
  hits: Hit[],
  chance: Chance,
): Promise<{ ended: Ended; tookMs: number }> {
  let start = performance.now()
  for (const { part, signal } of hits) hit(run, part, signal, chance)
  const isStopped = hits.some(({ signal }) => signal === 'SIGSTOP')
  const patience = new AbortController()
  const isOver = await Promise.race([
    run.ended.then(() => true),
    delay((isStopped ? stoppedMs : 0) + longestEndMs, false, { signal: patience.signal }),
  ])
  patience.abort()
  if (isOver && isStopped) start += Math.min(stoppedMs, performance.now() - start)
  if (!isOver) {
    start = performance.now()
    hit(run, 'launcher', 'SIGTERM', chance)
    if (mayRest(scene, hits)) hit(run, 'launcher', 'SIGCONT', chance)
  }
  const ended = await run.ended
  return { ended, tookMs: performance.now() - start }
}

/** As by Ctrl-Z: a launcher that is stopped while no host runs, or any more, stays so. */
function mayRest({ parts }: Scene, hits: Hit[]): boolean {
  const isStopped = hits.some(({ part, signal }) => part === 'launcher' && signal === 'SIGSTOP')
  return isStopped && (parts === building || hits.some(({ part }) => /^(host|keeper|deputy)$/.test(part)))
}

/** It may not be there, or go in that moment. */
function hit(run: Running, part: Part, signal: Signal, chance: Chance): void {
  const found = familyOf(run.pid).filter((member) => member.part === part)
  if (found.length > 0) signalUnlessGone(chance.pick(found).pid, signal)
}

it(`${rounds} rounds`, { timeout: 600_000 + rounds * roundMs }, async () => {
  const failures: string[] = []
  for (let round = onlyRound ?? 0; round < rounds && (onlyRound ?? round) === round; round++) {
    const line = await play(round).catch((error: unknown) => {
      failures.push(String(error))
      return `FAILED ${String(error)}`
    })
    if (isTimed) console.log(line)
  }
  expect(failures).toEqual([])
})
