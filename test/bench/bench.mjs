/**
 * `npm run bench`: what an access costs, and what it costs without us. All measures are taken in turns, round by round,
 * so that a machine whose speed drifts does so for all alike. Prints a table and whether the aims are met; a number
 * never fails anything.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import * as measures from './measures.mjs'
import { measureAccess, measureIdle, simulators, skipped } from './simulators.mjs'
import { ratiosOf, summarize } from './statistics.mjs'

const rounds = Number(process.argv[2] ?? 7)
const aims = {
  trapOverSignal: 1.3,
  grpcUs: 90,
  cocotbOverCocotbext: 0.5,
  idleMs: 5,
  runOverNode: 3,
  idleOverBare: 0.7,
}

/** @type {[name: string, words: string][]} */
const rows = [
  ['bare-signal', 'bare SIGSEGV round trip'],
  ['trap-load', 'trapped access answered in the agent: load'],
  ['trap-store', '  store'],
  ['trap-vector-load', '  256-bit load'],
  ['trap-locked-add', '  locked addition (a read and a write)'],
  ['bare-model', 'bare Verilator access of the same model'],
  ['bare-idle', 'a cycle of it in which nothing is asked'],
  ['idle', '  with bus functional model, checkers and mailbox'],
  ['echo', 'the same gRPC stream, a grpc-js echo'],
  ['grpc', 'gRPC access end to end'],
  ...simulators.flatMap(({ name, title }) => [
    [`${name}-ours`, `access under cocotb on ${title}: our manager`],
    [`${name}-cocotbext`, '  cocotbext-axi'],
    [`${name}-idle`, '  a model that waits for a second: its CPU time'],
  ]),
  ['model-start', 'model start, from the cache'],
  ['bare-node', 'node -e 0'],
  ['empty-run', 'trapline run -- true'],
  ['fresh-bench', 'a test of trapline/vitest with fresh models, one read'],
  ['warm-bench', 'the same from a checkpoint'],
]

for (const words of skipped) say(`skipped: ${words}`)

const folder = await mkdtemp(join(tmpdir(), 'trapline-bench-'))
try {
  const values = await measureAll(folder)
  printTable(values)
  printAims(values)
} finally {
  await rm(folder, { recursive: true })
}
// The checkpoint of the benches stands still until its process ends.
process.exit()

async function measureAll(folder) {
  say('building')
  await execa('make', ['--silent', '-C', 'test/bench'], { cwd: measures.root, stderr: 'inherit' })
  const configFile = join(folder, 'trapline.config.json')
  await writeFile(configFile, JSON.stringify(measures.config))
  await measures.measureEmptyRun(configFile)
  const echo = await startEcho(`unix:${join(folder, 'echo.sock')}`)
  const inTurn = [
    () => measures.measureTraps(),
    () => measures.measureBareModel(),
    () => measures.measureIdle(),
    () => measures.measureEcho(echo.address),
    () => measures.measureGrpc(configFile),
    ...simulators.flatMap((one) => [() => measureAccess(one, join(folder, 'cocotb')), () => measureIdle(one)]),
    () => measures.measureModelStart(),
    () => measures.measureBareNode(),
    () => measures.measureEmptyRun(configFile),
    () => measures.measureBenches(),
  ]
  const values = Object.fromEntries(rows.map(([name]) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`)
    for (const measure of inTurn) for (const [name, value] of Object.entries(await measure())) values[name].push(value)
  }
  await echo.stop()
  return values
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

function printTable(values) {
  const width = Math.max(...rows.map(([, words]) => words.length)) + 2
  const print = (...cells) =>
    process.stdout.write(
      `${cells[0].padEnd(width)}${cells
        .slice(1)
        .map((cell) => cell.padStart(12))
        .join('')}\n`,
    )
  process.stdout.write(`\n${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}, ${rounds} rounds\n\n`)
  print('', 'median', '25 %', '75 %', '× signal')
  for (const [name, words] of rows) {
    if (values[name].length === 0) continue
    const { median, from, to } = summarize(values[name])
    const ratio = summarize(ratiosOf(values[name], values['bare-signal'])).median
    print(words, toTime(median), toTime(from), toTime(to), ratio < 1000 ? ratio.toFixed(2) : '')
  }
}

function printAims(values) {
  const trap = summarize(ratiosOf(values['trap-load'], values['bare-signal'])).median
  const grpcUs = summarize(values.grpc).median / 1000
  const overEcho = summarize(ratiosOf(values.grpc, values.echo)).median
  const overModel = summarize(ratiosOf(values.grpc, values['bare-model'])).median
  const overNode = summarize(ratiosOf(values['empty-run'], values['bare-node'])).median
  const idle = summarize(ratiosOf(values['bare-idle'], values.idle)).median
  process.stdout.write(
    [
      '',
      `trapped access / bare signal   ${trap.toFixed(2)}  aim at most ${aims.trapOverSignal}: ` +
        `${verdictOf(trap <= aims.trapOverSignal)}`,
      `gRPC access                    ${grpcUs.toFixed(1)} us  aim at most ${aims.grpcUs} us: ` +
        `${verdictOf(grpcUs <= aims.grpcUs)}`,
      `gRPC access / echo             ${overEcho.toFixed(2)}`,
      `gRPC access / bare Verilator   ${overModel.toFixed(0)}`,
      `trapline run / node -e 0       ${overNode.toFixed(1)}  aim at most ${aims.runOverNode}: ` +
        `${verdictOf(overNode <= aims.runOverNode)}`,
      `idle cycles/s / bare Verilator ${idle.toFixed(2)}  aim at least ${aims.idleOverBare}: ` +
        `${verdictOf(idle >= aims.idleOverBare)}`,
      ...cocotbLines(values),
      '',
    ].join('\n'),
  )
}

function cocotbLines(values) {
  return simulators.flatMap(({ name, title }) => {
    const ratio = summarize(ratiosOf(values[`${name}-ours`], values[`${name}-cocotbext`])).median
    const idleMs = summarize(values[`${name}-idle`]).median / 1e6
    return [
      `${title}:`,
      `  our manager / cocotbext-axi  ${ratio.toFixed(2)}  aim at most ${aims.cocotbOverCocotbext}: ` +
        `${verdictOf(ratio <= aims.cocotbOverCocotbext)}`,
      `  a second of waiting          ${idleMs.toFixed(1)} ms  aim below ${aims.idleMs} ms: ` +
        `${verdictOf(idleMs < aims.idleMs)}`,
    ]
  })
}

function verdictOf(isMet) {
  return isMet ? 'met' : 'NOT MET'
}

function toTime(ns) {
  if (ns < 1e3) return `${ns.toFixed(0)} ns`
  if (ns < 1e6) return `${(ns / 1e3).toFixed(1)} us`
  return `${(ns / 1e6).toFixed(ns < 1e7 ? 1 : 0)} ms`
}

function say(what) {
  process.stderr.write(`bench: ${what}\n`)
}
