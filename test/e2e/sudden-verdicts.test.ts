/**
 * A regression that fails is ended at any moment: `trapline run --results` and a vitest file, with the model of the
 * evidence built and not. `trapline report` never calls it passed. As many rounds as `KILL_ROUNDS` says, from seed
 * `KILL_SEED`.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeAll, afterAll, expect, it, vi } from 'vitest'
import { at, configOf } from '../support/configs.js'
import { Chance } from '../support/fuzz.js'
import { processesOf, signalUnlessGone, type RunProcess } from '../support/leftovers.js'
import { cache, commandLine } from '../support/places.js'
import { openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { trapline } from '../support/trapline.js'
import { makeVitestFolder, start, startVitest } from '../support/vitest-folder.js'

const rounds = Number(process.env.KILL_ROUNDS ?? 6)
const seed = Number(process.env.KILL_SEED ?? 1)
/**
 * The command of its own looks at the clock as well; other tests beside it would keep the machine too busy for that.
 */
const isTimed = process.env.KILL_ROUNDS !== undefined
const longestEndMs = 2_000
/** What a failing regression takes with everything built. */
const usualMs = 4_000
/** A model may have to be compiled for each. */
const roundMs = 60_000

const signals = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const

let common: Scratch
/** Holds the model that a run needs, and not the one that evidence needs. */
let coldCache: string

beforeAll(async () => {
  common = openScratch()
  const config = common.write('c.json', configOf('axil_regs'))
  const report = join(common.path, 'report.json')
  await trapline(common, ['run', '--config', config, '--report', report, '--', 'busybox', 'devmem', at(4)])
  const { models } = JSON.parse(readFileSync(report, 'utf8')) as { models: { hash: string }[] }
  coldCache = join(common.path, 'cold')
  mkdirSync(coldCache)
  for (const name of readdirSync(cache).filter((one) => !['models', 'runtime', 'locks'].includes(one)))
    cpSync(join(cache, name), join(coldCache, name), { recursive: true })
  const place = join('models', models[0]?.hash ?? '')
  cpSync(join(cache, place), join(coldCache, place), { recursive: true })
}, 600_000)

afterAll(() => removeScratch(common))

/** Something that runs, and whose processes all have this TMPDIR. */
interface Regression {
  pid: number
  temporary: string
  results: string
  ended: Promise<unknown>
}

type Start = (scratch: Scratch, cacheDirectory: string) => Regression

const ways: Record<'run' | 'vitest', Start> = {
  run(scratch, cacheDirectory) {
    const config = scratch.write('c.json', configOf('axil_regs'))
    const results = join(scratch.path, 'results')
    const program = ['sh', '-c', `for i in 1 2 3; do busybox devmem ${at(4)}; done; exit 3`]
    const flags = ['--config', config, '--results', results]
    const running = start(scratch, scratch.path, { TRAPLINE_CACHE: cacheDirectory }, [
      commandLine,
      ...['run', ...flags, '--', ...program],
    ])
    return { ...running, results }
  },

  vitest(scratch, cacheDirectory) {
    const folder = makeVitestFolder(scratch, {
      'fails.test.ts': `import { expect, test } from 'trapline/vitest'
test.override('setup', { config: ${JSON.stringify(configOf('axil_regs'))} })
test('passes', async ({ bench }) => expect(await bench.read('dut', 4)).toBeGreaterThan(0n))
test('fails', async ({ bench }) => expect((await bench.run('busybox', ['devmem', '${at(4)}'])).stdout).toBe('0x0'))
test('passes as well', async ({ bench }) => expect(await bench.read('dut', 4)).toBeGreaterThan(0n))
`,
    })
    const running = startVitest(scratch, folder, { TRAPLINE_CACHE: cacheDirectory })
    return { ...running, results: join(folder, 'trapline-results') }
  },
}

/** What comes of it when nobody disturbs it: how long it takes is where the moments lie. */
async function measure(way: keyof typeof ways): Promise<number> {
  // The evidence's model may have to be built once.
  const firstMs = await trip(way)
  return isTimed ? await trip(way) : Math.min(firstMs, usualMs)
}

async function trip(way: keyof typeof ways): Promise<number> {
  const scratch = openScratch()
  const start = performance.now()
  const regression = ways[way](scratch, cache)
  await regression.ended
  const tookMs = performance.now() - start
  expect(await judge(scratch, regression.results)).toMatch(/^1 of \d did not pass: failed$/)
  removeScratch(scratch)
  return tookMs
}

/** `1 of 3 did not pass: failed`; all that a report says is held to be one. */
async function judge(scratch: Scratch, results: string): Promise<string> {
  const [page, junit, json] = ['page.html', 'junit.xml', 'report.json'].map((name) => join(scratch.path, name))
  const outputs = ['-o', page ?? '', '--junit', junit ?? '', '--json', json ?? '']
  const { status, stderr } = await trapline(scratch, ['report', ...outputs, results])
  if (status === 125) return stderr
  const told = JSON.parse(readFileSync(json ?? '', 'utf8')) as {
    passed: boolean
    results: { suite: string; status: string }[]
  }
  // The verdict came first: there is no evidence that has none.
  expect(told.results.map(({ suite }) => suite)).not.toContain('evidence without a result')
  const bad = told.results.map((one) => one.status).filter((one) => one !== 'passed')
  const sentence = `${bad.length} of ${told.results.length}`
  const isUnfinished = bad.includes('begun')
  expect({ status, passed: told.passed }).toEqual({ status: isUnfinished ? 1 : 0, passed: false })
  const title = told.results.length === 1 ? 'the test' : `${sentence} tests`
  expect(readFileSync(page ?? '', 'utf8')).toContain(`<h1 class="bad">${title} did not pass`)
  const counts = /<testsuites tests="(\d+)" failures="(\d+)" errors="(\d+)"/.exec(readFileSync(junit ?? '', 'utf8'))
  expect(Number(counts?.[2]) + Number(counts?.[3])).toBe(bad.length)
  return `${sentence} did not pass: ${bad.sort().join(' ')}`
}

/** Nothing was begun, or it is known not to have passed. */
const acceptable = /^(trapline: (there is no …\.result\.json in|\S+ can't be read)|[1-9]\d* of \d+ did not pass)/

interface Round {
  way: keyof typeof ways
  isCold: boolean
  signal: (typeof signals)[number]
  afterMs: number
}

async function play(what: string, { way, isCold, signal, afterMs }: Round): Promise<string> {
  const scratch = openScratch()
  const cacheDirectory = isCold ? join(scratch.path, 'cache') : cache
  if (isCold) cpSync(coldCache, cacheDirectory, { recursive: true })
  const { pid, temporary, results, ended } = ways[way](scratch, cacheDirectory)
  ended.catch(() => undefined)
  await Promise.race([delay(afterMs), ended])
  const start = performance.now()
  signalUnlessGone(pid, signal)
  const isLate = !existsSync(`/proc/${pid}`)
  await vi.waitFor(() => expect(isRunning(pid), what).toBe(false), { timeout: 20_000, interval: 10 })
  const tookMs = performance.now() - start
  if (isTimed && signal !== 'SIGKILL') expect(tookMs, what).toBeLessThan(longestEndMs)
  await ended
  await untilNoneIsLeft(temporary, signal, what)
  const verdict = await judge(scratch, results)
  expect(verdict, what).toMatch(acceptable)
  removeScratch(scratch)
  return `${what}: ${isLate ? 'too late; ' : ''}${Math.round(tookMs)} ms, ${verdict.split('\n')[0]}`
}

/** Nobody could end compilers after SIGKILL: they would come to their own end. Bridge, models and hosts have to go. */
async function untilNoneIsLeft(temporary: string, signal: string, what: string): Promise<void> {
  const isOurs = ({ executable, command }: RunProcess) =>
    /^(node|model|busybox)/.test(basename(executable)) || command.includes('busybox')
  const left = () => processesOf(temporary).filter((one) => signal !== 'SIGKILL' || isOurs(one))
  const lines = () => left().map(({ command }) => command)
  await vi.waitFor(() => expect(lines(), what).toEqual([]), { timeout: 20_000, interval: 20 })
  for (let alive = processesOf(temporary); alive.length > 0; alive = processesOf(temporary)) {
    for (const { pid } of alive) signalUnlessGone(pid, 'SIGKILL')
    await delay(20)
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return false
  }
}

it(`${rounds} rounds`, { timeout: 600_000 + rounds * roundMs }, async () => {
  const spans = { run: await measure('run'), vitest: await measure('vitest') }
  const compileMs = 8_000
  for (let round = 0; round < rounds; round++) {
    const chance = new Chance(seed, round)
    const way = round % 2 === 0 ? 'run' : 'vitest'
    const isCold = (round >> 1) % 2 === 1
    const signal = signals[Math.floor(round / 2) % signals.length] ?? 'SIGKILL'
    const afterMs = chance.below(Math.round(spans[way] + (isCold ? compileMs : 0)))
    const what = `round ${round} of seed ${seed}: ${signal} of ${way} after ${afterMs} ms, ${isCold ? 'cold' : 'warm'}`
    const line = await play(what, { way, isCold, signal, afterMs })
    if (isTimed) console.log(line)
  }
})
