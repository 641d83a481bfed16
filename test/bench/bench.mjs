/**
 * `npm run bench`: what an access costs, and what it costs without us. All measures are taken in turns, round by round,
 * so that a machine whose speed drifts does so for all alike. Prints a table and whether the aims are met; a number
 * fails nothing, but with `--check` a line that became worse than the stored baseline does.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { check, storeBaseline } from './baseline.mjs'
import { measureCurves } from './curves.mjs'
import { writeDrawing } from './draw-curves.mjs'
import { lines, measuresOf } from './lines.mjs'
import { sources as ofProduct } from './measures.mjs'
import { linesFor, toReport, toText } from './report.mjs'
import { root, writeConfigs } from './setup.mjs'
import { sources as ofSimulators } from './simulators.mjs'
import { store } from './stored.mjs'

/**
 * @typedef {object} Source
 * @property {Record<string, string>} names of its measures, each with what it is in words
 * @property {(context: object) => Promise<Record<string, { median: number, p99?: number }>>} measure
 * @property {() => string | undefined} [missing]
 * @property {boolean} [isLong]
 *
 * @typedef {object} Results
 * @property {Record<string, string>} words
 * @property {Record<string, { median: number, p99?: number }[]>} values one a round
 * @property {Record<string, string>} reasons why there are none
 * @property {Set<string>} failed names of measures that broke, rather than were not there
 */

const usage = `usage: npm run bench -- [ROUNDS] [--only NAME]… [--long] [--json FILE] [--check]
       npm run bench -- --baseline FILE.json…
       npm run bench -- --curves [ROUNDS]
       npm run bench -- --draw

ROUNDS          how often each measure is taken, in turns; 7 if not said
--only NAME     one line of the aims, and what it needs; the table names them
--long          also what takes a minute or more: memtester, a large core, curves up to a million accesses
--json FILE     all of it as JSON, with the value of each round
--check         fails where a line is worse than test/bench/baseline.json says
--baseline      stores a new baseline, from the JSON files of several runs
--curves        measures curves instead, into test/bench/curves.json; 3 rounds if not said; draws them
--draw          draws docs/speed-curves.svg anew from that file
`

const curvesFile = join(import.meta.dirname, 'curves.json')
const allSources = [...ofProduct, ...ofSimulators]

async function main() {
  const { values: flags, positionals } = readArguments()
  if (flags.help) return void process.stdout.write(usage)
  if (flags.baseline) return await storeBaseline(positionals)
  if (flags.draw) return writeDrawing(JSON.parse(await readFile(curvesFile, 'utf8')))
  if (flags.curves) return await takeCurves(Number(positionals[0] ?? 3), flags.long)
  const rounds = Number(positionals[0] ?? 7)
  const unknown = flags.only.filter((name) => !lines.some((line) => line.name === name))
  if (!(rounds >= 1) || unknown.length > 0) throw new Error(unknown[0] ? `there is no line ${unknown[0]}` : usage)
  const selected = linesFor(flags.only, flags.long)
  await withContext(async (context) => {
    const sources = sourcesFor(selected, flags)
    const results = emptyResults(sources)
    await takeRounds(sources, results, context, rounds)
    const report = toReport(results, { rounds, long: flags.long, selected })
    process.stdout.write(toText(report, results.words))
    if (flags.json) await writeFile(flags.json, `${JSON.stringify(report, undefined, 2)}\n`)
    if (flags.check) await checkAll(selected, results, context)
  })
}

function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      long: { type: 'boolean', default: false },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      baseline: { type: 'boolean', default: false },
      curves: { type: 'boolean', default: false },
      draw: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
}

/** All of them, or those that the lines need. */
function sourcesFor(selected, { only, long }) {
  const needed = new Set(selected.flatMap(measuresOf))
  const isNeeded = ({ names }) => Object.keys(names).some((name) => needed.has(name))
  return only.length > 0 ? allSources.filter(isNeeded) : allSources.filter(({ isLong }) => long || !isLong)
}

function emptyResults(sources) {
  const words = Object.assign({}, ...sources.map(({ names }) => names))
  const values = Object.fromEntries(Object.keys(words).map((name) => [name, []]))
  return { words, values: { 'bare-signal': [], ...values }, reasons: {}, failed: new Set() }
}

async function takeCurves(rounds, long) {
  if (!(rounds >= 1)) throw new Error(usage)
  await withContext(async (context) => {
    const measured = await measureCurves(context, { rounds, long, say })
    await store(curvesFile, measured)
    writeDrawing(measured)
  })
}

async function withContext(work) {
  const folder = await mkdtemp(join(tmpdir(), 'trapline-bench-'))
  let running
  const echo = async () => (running ??= await startEcho(`unix:${join(folder, 'echo.sock')}`)).address
  try {
    say('building')
    await execa('make', ['--silent', '-C', 'test/bench'], { cwd: root, stderr: 'inherit' })
    await work({ folder, files: writeConfigs(folder), echo })
  } finally {
    await running?.stop()
    await rm(folder, { recursive: true })
  }
}

async function startEcho(address) {
  const child = execa(process.execPath, [join(import.meta.dirname, 'echo-bridge.mjs'), address])
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.catch(reject)
  })
  return {
    address,
    stop: async () => {
      child.stdin.end()
      await child
    },
  }
}

/** Each source once a round. One that breaks is named, and not asked again. */
async function takeRounds(sources, results, context, rounds) {
  const able = sources.filter((source) => !blame(source, results, source.missing?.()))
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`)
    for (const source of able) {
      if (Object.keys(source.names).some((name) => results.failed.has(name)) || (source.isLong && round > 1)) continue
      await takeOnce(source, results, context)
    }
  }
}

async function takeOnce(source, results, context) {
  try {
    const measured = await source.measure(context)
    for (const [name, value] of Object.entries(measured)) results.values[name].push(value)
  } catch (error) {
    const names = Object.keys(source.names)
    blame(source, results, `it failed: ${error.shortMessage ?? error.message}`)
    for (const name of names) {
      results.failed.add(name)
      results.values[name] = []
    }
    say(`${names.join(', ')}: ${error.message}`)
  }
}

function blame({ names }, results, reason) {
  if (reason) for (const name of Object.keys(names)) results.reasons[name] = reason
  return reason
}

async function checkAll(selected, results, context) {
  const again = async (line, rounds) => {
    const needed = new Set(measuresOf(line))
    const own = emptyResults(allSources)
    const sources = allSources.filter(({ names }) => Object.keys(names).some((name) => needed.has(name)))
    await takeRounds(sources, own, context, rounds)
    return own
  }
  const sentences = await check(selected, results, again)
  for (const sentence of sentences) process.stdout.write(`${sentence}\n`)
  if (sentences.length > 0) process.exitCode = 1
  else process.stdout.write('no line that the baseline has is worse\n')
}

function say(what) {
  process.stderr.write(`bench: ${what}\n`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 1
}
// The checkpoint of the benches stands still until its process ends.
process.exit()
