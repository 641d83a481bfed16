/**
 * A launcher, and a host with its agent, whose bridge says anything: every reply and every field of the contract. They
 * go on or end within their time; what ends them is one sentence and never a stack; no file outside of the run
 * directory is made, changed or removed, and nothing is left.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { constants } from 'node:os'
import { join, relative } from 'node:path'
import { execa, execaSync } from 'execa'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TraplineError } from '../../bridge/ground/errors.js'
import { connectFarBridge } from '../../bridge/host/far-bridge.js'
import { Draw, outside } from '../support/draw.js'
import { fuzz, fuzzTimeoutMs, type Chance } from '../support/fuzz.js'
import { memoryBytes, startDrawnBridge, startSpoiler } from '../support/drawn-bridge.js'
import { agent, host } from '../support/places.js'
import { openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline } from '../support/trapline.js'

/** A bridge's folder that can't be seen from here. */
const nowhere = '/trapline-nowhere'
const rates = [0, 3, 8, 20, 60]
const longestRunMs = 30_000
const longestAgentMs = 9_000
/** Of a bridge. */
const longestMs = 150
const longestRunOnBridgeMs = 2_000

let scratch: Scratch
beforeEach(() => {
  scratch = openScratch()
  rmSync(outside, { recursive: true, force: true })
})
afterEach(() => {
  removeScratch(scratch)
  expect(existsSync(outside)).toBe(false)
})

/**
 * What must stay as it is: a folder that the bridge may call its run directory, and has everything that one has, and
 * somebody's files beside the run directory.
 */
function makeSurroundings(folder: string): string {
  for (const name of ['beside', 'decoy/root/sys', 'decoy/nodes']) mkdirSync(join(folder, name), { recursive: true })
  for (const file of ['beside/x', 'beside/.profile', 'decoy/root/sys/x']) writeFileSync(join(folder, file), file)
  writeFileSync(join(folder, 'decoy/5.memory'), Buffer.alloc(memoryBytes))
  return join(folder, 'decoy')
}

/** Each file of a folder with its content and rights, but for what is the bridge's and its hosts' to write. */
function describe(folder: string): string[] {
  const isTheirs = (path: string) => /^(run\/|decoy\/(nodes\/|seen\.|5\.memory))/.test(relative(folder, path))
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: join(entry.parentPath, entry.name), entry }))
    .filter(({ path, entry }) => !isTheirs(path) && !entry.isSocket())
    .map(({ path, entry }) => `${path} ${statSync(path).mode} ${entry.isFile() ? readFileSync(path, 'latin1') : ''}`)
    .sort()
}

/** What it is for people; how it is shown is the log's affair. */
function requireSentence(error: unknown): void {
  if (!(error instanceof TraplineError)) throw error
  expect(error.message).toMatch(/^\w/)
}

/** Hosts of the launcher use the sockets that it has made. */
async function useSockets(directory: string, chance: Chance): Promise<void> {
  const sockets = readdirSync(directory).filter((name) => /^(clock|uio|stream)/.test(name))
  await Promise.all(
    sockets.map(async (name) => {
      const socket = connect(join(directory, name))
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.on('error', () => undefined).resume()
      socket.end(chance.bytes(40))
      setTimeout(() => socket.destroy(), 20)
      await closed
    }),
  )
}

it('a launcher goes on or says why not', { timeout: fuzzTimeoutMs }, async () => {
  let number = 0
  await fuzz(60, async (chance) => {
    const folder = join(scratch.path, String(++number))
    const decoy = makeSurroundings(folder)
    const directory = join(folder, 'run')
    mkdirSync(directory)
    const draw = new Draw(chance, chance.pick(rates))
    const before = describe(folder)
    const bridge = await startDrawnBridge({
      draw,
      chance,
      directory: chance.oneIn(3) ? decoy : nowhere,
      sockets: decoy,
    })
    // Some never answer; then they go away.
    const end = setTimeout(() => bridge.close(), longestMs)
    try {
      await using far = await connectFarBridge({ address: bridge.address, way: bridge.address, token: '', directory })
      await useSockets(directory, chance)
      await far.settle()
    } catch (error) {
      requireSentence(error)
    } finally {
      clearTimeout(end)
      bridge.close()
    }
    expect(describe(folder)).toEqual(before)
    rmSync(folder, { recursive: true })
  })
})

/** What a run says of accesses, of what a program is refused while it goes on, and of children that end with it. */
const aboutProgress = / access(?:es)?, p50 | is refused: |: the host gets SIGBUS$|\) was ended by Trapline: /

/** What the processes of a run say: sentences, and nothing that a bridge could have written there. */
function requireSentences(stderr: string, mostSentences: number): void {
  const lines = stderr.split('\n').filter((line) => line !== '')
  expect(lines.filter((line) => !/^trapline: (?!internal|\s*at )[^\p{Cc}]+$/u.test(line))).toEqual([])
  expect(lines.filter((line) => !aboutProgress.test(line)).length, stderr).toBeLessThanOrEqual(mostSentences)
}

/**
 * Of the program, and of itself where the bridge went wrong; never 126, for the agent is there whatever a bridge says.
 * SIGBUS is what a program gets for an error of the bus.
 */
const possibleEnds = [0, 125, 128 + constants.signals.SIGBUS]

it('a run ends with its program or by one sentence', { timeout: fuzzTimeoutMs }, async () => {
  await fuzz(4, async (chance) => {
    const decoy = makeSurroundings(scratch.path)
    const draw = new Draw(chance, chance.pick(rates))
    const before = describe(scratch.path)
    const bridge = await startDrawnBridge({
      draw,
      chance,
      directory: chance.oneIn(3) ? decoy : nowhere,
      sockets: decoy,
    })
    const run = startTrapline(scratch, ['run', '--bridge', bridge.address, '--', host('use_all')], {
      longestMs: longestRunMs,
    })
    const end = setTimeout(() => bridge.close(), longestRunOnBridgeMs)
    const { status, stderr } = await run.ended.finally(() => bridge.close())
    clearTimeout(end)
    rmSync(run.temporary, { recursive: true })
    expect(possibleEnds, stderr).toContain(status)
    requireSentences(stderr, 2)
    expect(describe(scratch.path)).toEqual(before)
  })
})

/** The agent that is to be tried, and what has to be loaded before it. */
function toPreload(): string {
  const { FUZZ_AGENT } = process.env
  if (FUZZ_AGENT === undefined) return agent
  const sanitizer = execaSync('gcc', ['-print-file-name=libasan.so']).stdout
  return `${sanitizer}:${FUZZ_AGENT}`
}

/** The address sanitizer does not know the agent's own stack, and says so. */
const aboutStacks = /^==\d+==WARNING: ASan is ignoring .*\nFalse positive .*\nFor details .*\n?/gm

it('an agent goes on, or ends its host by one sentence', { timeout: fuzzTimeoutMs }, async () => {
  const preload = toPreload()
  await fuzz(15, async (chance) => {
    makeSurroundings(scratch.path)
    const directory = join(scratch.path, 'run')
    mkdirSync(directory)
    writeFileSync(join(directory, '5.memory'), Buffer.alloc(memoryBytes))
    const before = describe(scratch.path)
    const draw = new Draw(chance, chance.pick(rates))
    const bridge = await startDrawnBridge({ draw, chance, directory, sockets: directory })
    const way = chance.oneIn(2) ? await startSpoiler(bridge, chance) : bridge
    const env = {
      LD_PRELOAD: preload,
      TRAPLINE_BRIDGE: way.address,
      TRAPLINE_RUN_DIR: directory,
      TRAPLINE_SILENCE_LIMIT: '2',
      ASAN_OPTIONS: 'handle_segv=0:handle_sigbus=0:allow_user_segv_handler=1:detect_leaks=0:exitcode=99',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    }
    const closeAll = () => [way, bridge].forEach((peer) => peer.close())
    const end = setTimeout(closeAll, longestRunOnBridgeMs)
    const { exitCode, signal, stderr, timedOut } = await execa(host('use_all'), {
      env,
      reject: false,
      timeout: longestAgentMs,
    })
    clearTimeout(end)
    closeAll()
    expect(timedOut, stderr).toBe(false)
    expect(signal === 'SIGBUS' ? 0 : exitCode, stderr).toBeOneOf([0, 125])
    requireSentences(stderr.replace(aboutStacks, ''), 2)
    expect(describe(scratch.path)).toEqual(before)
    rmSync(directory, { recursive: true })
  })
})
