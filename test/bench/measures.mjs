/**
 * What is measured of the product itself. A source measures what its names say, for a moment, and resolves to
 * `{ NAME: { median, p99 } }` in nanoseconds; p99 is absent where a value is not one of many. `missing` says in words
 * why a source can't be measured here.
 */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { execa, execaSync } from 'execa'
import { startBridge } from '../../build/bridge/index.js'
import { configSchema } from '../../build/bridge/config/schema.js'
import { openBench } from '../../build/bridge/vitest/bench.js'
import { base, commandLine, config, hasPosted, largeConfig, programs, root } from './setup.mjs'
import { median, summarize } from './statistics.mjs'

const echoAccesses = 3000
const mailboxAccesses = 20_000
const threadAccesses = 16_000
const idleCycles = 2_000_000
const largeIdleCycles = 50_000
const copyBytes = 1 << 20
const beatBytes = 4

/** @type {import('./bench.mjs').Source[]} */
export const sources = [
  {
    names: {
      'bare-signal': 'bare SIGSEGV round trip',
      'trap-load': 'trapped access answered in the agent: load',
      'trap-store': '  store',
      'trap-vector-load': '  256-bit load',
      'trap-locked-add': '  locked addition (a read and a write)',
    },
    measure: async () => toSpreads(await run(join(programs, 'trap_cost'), ['1'])),
  },
  { names: { recorded: 'access to a real device (a file), recorded' }, measure: measureRecorded },
  {
    names: { 'bare-model': 'bare Verilator access of the same model' },
    measure: async () => ({ 'bare-model': await bareAccess('1000') }),
  },
  {
    names: {
      'bare-idle': 'a cycle of it in which nothing is asked',
      idle: '  with bus functional model, checkers and mailbox',
    },
    measure: async () => {
      const bare = await bareRounds('bare_access', ['5', `${idleCycles / 5}`, 'idle'])
      return { 'bare-idle': bare, idle: await idleCycle(config, idleCycles) }
    },
  },
  {
    names: {
      'bare-idle-large': 'such a cycle of a core of 28,000 lines',
      'idle-large': '  with bus functional model, checkers and mailbox',
    },
    isLong: true,
    measure: measureLargeIdle,
  },
  { names: { echo: 'the same gRPC stream, a grpc-js echo' }, measure: measureEcho },
  {
    names: { grpc: 'gRPC access end to end' },
    measure: ({ files }) => measureAccess('grpc', ['run', '--config', files.regs], echoAccesses),
  },
  {
    names: { shm: 'shm access end to end' },
    measure: ({ folder, files }) => measureMailbox('shm', files.regs, folder),
  },
  {
    names: { 'shm-static': '  of a static program, the agent beside it' },
    measure: ({ folder, files }) => measureMailbox('shm-static', files.regs, folder, { program: 'access_cost_static' }),
  },
  {
    names: { 'shm-one-core': '  on one processor' },
    missing: () => (cpus().length > 1 ? unlessThere('taskset') : 'this machine has one processor only'),
    measure: ({ folder, files }) =>
      measureMailbox('shm-one-core', files.regs, folder, { prefix: ['taskset', '-c', '0'] }),
  },
  {
    names: { patched: '  of an instruction that --patch has replaced' },
    measure: ({ folder, files }) => measureMailbox('patched', files.regs, folder, { flags: ['--patch'] }),
  },
  {
    names: { posted: 'a posted write by gRPC, of many' },
    missing: () => (hasPosted ? undefined : 'this Trapline has no posted writes'),
    measure: measurePosted,
  },
  {
    names: { 'shm-copy': 'memcpy of 1 MiB into axi4_ram by shm', 'bare-copy': '  the same beats in bare Verilator' },
    measure: measureCopy,
  },
  ...['grpc', 'shm'].map((lane) => ({
    names: { [`${lane}-1-thread`]: `an access by ${lane}, of one thread`, [`${lane}-8-threads`]: '  of eight threads' },
    measure: (context) => measureThreads(lane, context),
  })),
  {
    names: { 'model-start': 'model start, from the cache' },
    measure: measureModelStart,
  },
  {
    names: {
      'plain-call': 'getppid under Trapline',
      'bare-call': '  natively',
      'plain-read': 'pread of a plain file under Trapline',
      'bare-read': '  natively',
      'plain-open': 'open and close of a plain file under Trapline',
      'bare-open': '  natively',
      'plain-exec': 'a program started and ended under Trapline',
      'bare-exec': '  natively',
    },
    measure: measureCalls,
  },
  { names: { 'bare-node': 'node -e 0' }, measure: async () => timeNode('bare-node', '-e', '0') },
  {
    names: { 'empty-run': 'trapline run -- true' },
    measure: ({ files }) => timeNode('empty-run', commandLine, 'run', '--config', files.regs, '--', 'true'),
  },
  {
    names: {
      'fresh-bench': 'a test of trapline/vitest with fresh models, one read',
      'warm-bench': '  from a checkpoint',
    },
    measure: async () => ({ 'fresh-bench': await timeBench({}), 'warm-bench': await timeBench({ warmUp }) }),
  },
  {
    names: { memtester: 'memtester, all tests on 4 KiB of axi4_ram, by shm' },
    isLong: true,
    missing: () => (existsSync('/usr/sbin/memtester') ? undefined : 'no /usr/sbin/memtester (memtester of Debian)'),
    measure: measureMemtester,
  },
]

function unlessThere(command) {
  return execaSync('sh', ['-c', `command -v ${command}`], { reject: false }).failed ? `no ${command}` : undefined
}

export async function run(program, args, options = {}) {
  const { stdout } = await execa(program, args, { cwd: root, ...options })
  return stdout.split('\n').map((line) => line.split(' '))
}

/** Lines of NAME MEDIAN P99 MEAN. */
function toSpreads(lines) {
  return Object.fromEntries(lines.map(([name, median, p99]) => [name, { median: Number(median), p99: Number(p99) }]))
}

/** Of short groups, each the mean of many accesses: one is too short to be timed. */
export async function bareAccess(count) {
  return await bareRounds('bare_access', ['400', count])
}

async function bareRounds(program, args) {
  const lines = await run(join(programs, program), args)
  return { median: median(lines.map(([ns]) => Number(ns))) }
}

async function measureLargeIdle() {
  await execa('make', ['--silent', '-C', 'test/bench', 'bare_large'], { cwd: root, stderr: 'inherit' })
  const bare = await bareRounds('bare_large', ['5', `${largeIdleCycles / 5}`, 'idle'])
  return { 'bare-idle-large': bare, 'idle-large': await idleCycle(largeConfig, largeIdleCycles) }
}

/**
 * A cycle in which nobody asks for anything, with all that is around the model, in CPU time of its process: a part that
 * is long enough to hide the round trip of its request is seldom left alone. So are the cycles of the bare one.
 */
async function idleCycle(ofModel, cycles) {
  const bridge = await startBridge({ config: configSchema.parse(ofModel), configDirectory: root })
  try {
    const model = await bridge.models.start(Object.keys(ofModel.models)[0])
    const spent = async () => Number((await readFile(`/proc/${model.hello.pid}/schedstat`, 'latin1')).split(' ')[0])
    const start = await spent()
    await model.link.call({ advance: { cycles } }, 'done')
    return { median: ((await spent()) - start) / cycles }
  } finally {
    await bridge[Symbol.asyncDispose]()
  }
}

/** The same agent and stream, but a grpc-js server that answers by itself: what is left without bridge and model. */
async function measureEcho({ echo }) {
  return await measureAccess('echo', ['run', '--bridge', await echo()], echoAccesses)
}

/** The whole way: host, agent, bridge and model, and back. */
export async function measureAccess(name, trapline, count, options = {}) {
  const { prefix = [], more = [], program = 'access_cost' } = options
  const args = ['/dev/mem', `${base}`, `${count}`, ...more]
  const lines = await runTrapline(trapline, [join(programs, program), ...args], prefix)
  return { [name]: toSpreads(lines).access }
}

async function runTrapline(trapline, program, prefix = []) {
  const [first, ...rest] = [...prefix, process.execPath, commandLine, ...trapline, '--', ...program]
  return await run(first, rest)
}

/** The recording is read behind the program's back; what it waits for is the signal and the device. */
async function measureRecorded({ folder }) {
  const [device, recording] = ['device', 'recording.jsonl'].map((name) => join(folder, name))
  await writeFile(device, Buffer.alloc(4096))
  const trapline = ['run', '--record', recording, '--hardware', `${device}@${base}+4096`]
  return await measureAccess('recorded', trapline, mailboxAccesses)
}

async function measureMailbox(name, file, folder, { flags = [], ...options } = {}) {
  return await byMailbox(folder, (lane) =>
    measureAccess(name, ['run', '--config', file, ...lane, ...flags], mailboxAccesses, options),
  )
}

/** Fails where the run was told to go by gRPC: then it measured something else. */
export async function byMailbox(folder, measure) {
  const report = join(folder, 'report.json')
  const values = await measure(['--lane', 'shm', '--report', report])
  const { lanes } = JSON.parse(await readFile(report, 'utf8'))
  await rm(report)
  if (!(lanes?.shm > 1000)) throw new Error(`the run did not go by shm: ${JSON.stringify(lanes)}`)
  return values
}

async function measurePosted({ files }) {
  const args = [join(programs, 'access_cost'), '/dev/mem', `${base}`, '64000', '1', 'write']
  const lines = await runTrapline(['run', '--config', files.posted], args)
  return { posted: { median: Number(lines.find(([name]) => name === 'sustained')[1]) } }
}

/** In parts, which are less often disturbed than the whole is. */
async function measureCopy({ folder, files }) {
  const beats = copyBytes / beatBytes
  const report = join(folder, 'copy.json')
  const program = [join(programs, 'copy_cost'), '/dev/mem', `${base}`, `${copyBytes}`, '2']
  const flags = ['run', '--config', files.ram, '--lane', 'shm', '--report', report, '--seed', '1']
  const copies = await runTrapline(flags, program)
  const { writes, lanes } = JSON.parse(await readFile(report, 'utf8'))
  if (!(lanes.shm > writes / 2)) throw new Error(`the copies did not go by shm: ${JSON.stringify(lanes)}`)
  const length = Math.max(1, Math.min(256, Math.round((beats * 2) / writes)))
  const part = beats / 64
  const bare = await run(join(programs, 'bare_copy'), ['128', `${part}`, `${length}`])
  return {
    'shm-copy': toSpreads(copies).copy,
    'bare-copy': { median: 64 * median(bare.map((line) => Number(line[1]))) },
  }
}

async function measureThreads(lane, { files }) {
  const flags = ['run', '--config', files.regs, '--lane', lane]
  const count = lane === 'grpc' ? threadAccesses / 4 : threadAccesses
  const cost = async (threads) => {
    const program = [join(programs, 'thread_cost'), '/dev/mem', `${base}`, `${threads}`, `${count}`]
    return toSpreads(await runTrapline(flags, program)).threads
  }
  return { [`${lane}-1-thread`]: await cost(1), [`${lane}-8-threads`]: await cost(8) }
}

/** From the wish for a model that stands in the cache to its first word. */
async function measureModelStart() {
  const bridge = await startBridge({ config: configSchema.parse(config), configDirectory: root })
  try {
    const start = performance.now()
    await bridge.models.start('regs')
    return { 'model-start': since(start) }
  } finally {
    await bridge[Symbol.asyncDispose]()
  }
}

function since(start) {
  return { median: (performance.now() - start) * 1e6 }
}

/** What has nothing to do with a device. */
async function measureCalls({ files }) {
  const program = join(programs, 'call_cost')
  const flags = ['run', '--config', files.regs]
  return toSpreads([...(await run(program, ['bare-'])), ...(await runTrapline(flags, [program, 'plain-']))])
}

/** From the command to its end. */
async function timeNode(name, ...args) {
  const spent = []
  for (let i = 0; i < 3; i++) {
    const start = performance.now()
    await execa(process.execPath, args, { cwd: root })
    spent.push(since(start).median)
  }
  return { [name]: { median: summarize(spent).median } }
}

const warmUp = (bench) => bench.write('regs0', 0, 1)

/** What a test pays for models of its own: opened, read once, ended. */
async function timeBench(setup) {
  const start = performance.now()
  const bench = await openBench({ config, seed: 1, ...setup })
  await bench.read('regs0', 0)
  await bench[Symbol.asyncDispose]()
  return since(start)
}

async function measureMemtester({ folder, files }) {
  const program = ['/usr/sbin/memtester', '-p', `0x${base.toString(16)}`, '-d', '/dev/mem', '4K', '1']
  const start = performance.now()
  await byMailbox(folder, async (flags) => {
    await runTrapline(['run', '--config', files.memtester, ...flags], program)
    return {}
  })
  return { memtester: since(start) }
}
