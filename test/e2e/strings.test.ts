/**
 * Repeated string instructions, and calls that read or write many registers, are one message each, and nothing but the
 * clock on the wall shows it: the bus, the log, the registers of the program and all that is said of a run are as if
 * each element had come alone.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, configOf, sampleModel } from '../support/configs.js'
import { startHostileBridge } from '../support/hostile-bridge.js'
import { host } from '../support/places.js'
import { unlessPython } from '../support/python.js'
import { makeScratch } from '../support/scratch.js'
import { onTheirSimulator, underCocotb } from '../support/simulators.js'
import { runHost, trapline } from '../support/trapline.js'

type Lane = 'grpc' | 'shm'

const uneven = { top: 'uneven_apb', sources: [join(import.meta.dirname, 'cores/uneven_apb.sv')] }
const ram = sampleModel('axil_ram', { Depth: 512 })

interface Asked {
  config: TraplineConfig
  jobs: string[]
  flags?: string[]
  /** The program makes system calls; its registers have so many bytes. */
  callsOf?: number
}

/** `most`: elements of one instruction, or registers of one call; 0: all of them. */
function programFor({ jobs, callsOf }: Pick<Asked, 'jobs' | 'callsOf'>, most: number): string[] {
  return callsOf === undefined
    ? [host('strings'), '/dev/mem', String(base), String(0x1000), String(most), ...jobs]
    : [host('calls'), '/dev/mem', String(base), String(most * callsOf), ...jobs]
}

/** What a run shows, but for what no two runs have in common. */
async function run(lane: Lane, most: number, asked: Asked) {
  const { config, flags = [] } = asked
  const scratch = makeScratch()
  const report = join(scratch.path, 'report.json')
  const program = programFor(asked, most)
  const all = ['--lane', lane, '--seed', '7', '--report', report, '--call-stacks', ...flags]
  const { status, stdout, sentences, log } = await runHost(scratch, config, program, { flags: all })
  const { reads, writes, errorCount, lint, polls } = JSON.parse(readFileSync(report, 'utf8'))
  const own = (sentence: string) => !/^(building|--lane shm) | accesses? \(/.test(sentence)
  return {
    ...{ status, stdout, reads, writes, errorCount, lint, polls },
    sentences: sentences
      .filter(own)
      .map((words) => words.replaceAll(/pc 0x[0-9a-f]+/g, 'pc'))
      .sort(),
    log: log.map((access) => ({ ...access, pid: 0, tid: 0, pc: 0, wallNs: 0 })),
  }
}

const copies = [
  ...['movs:4:up:0:512', 'load:4:up:0:512', 'stos:1:up:100:300', 'movs:4:down:2044:512', 'load:8:down:2040:256'],
  ...['load:1:up:3:1500', 'movs:8:up:16:3', 'load:2:down:1000:500', 'stos:8:down:1024:100', 'stos:2:up:8:5'],
]
/** The first has left its place in all of them when it comes to an error. */
const refused = ['movs:2:up:1000:600', 'load:4:up:2000:20', 'load:4:down:2080:10', 'stos:8:up:2001:8']
const memory = { size: 0x1000, bursts: false }
const hanging = (jobs: string[]) => ({ jobs, flags: ['--max-cycles', '50'] })

const golden = join(import.meta.dirname, 'cores/uneven_apb.golden.mjs')

const cases: Record<string, Asked> = {
  'AXI4-Lite': { config: configOf(ram), jobs: [...copies, ...refused] },
  'AXI4-Lite of 64 bits, held back': {
    config: configOf(sampleModel('axil_ram', { Depth: 256, DataWidth: 64 })),
    jobs: [...copies, ...refused],
    flags: ['--stall', '40'],
  },
  'AXI4-Lite, with cycles in between, each access looked over': {
    config: { ...configOf(ram), minCyclesPerAccess: 5, pollAcceleration: 1000 },
    jobs: [...copies, ...refused],
    flags: ['--lint'],
  },
  'AXI4 whose device takes no bursts': {
    config: configOf(sampleModel('axi4_ram', { AddrWidth: 12, Depth: 512 }), memory),
    jobs: [...copies, ...refused],
  },
  'a memory that is reached from behind': {
    config: configOf(sampleModel('axi4_ram', { AddrWidth: 12, Depth: 512 }), { ...memory, backdoor: 'memory_q' }),
    jobs: [...copies, ...refused],
  },
  'a bus that ends before its device': {
    config: configOf(sampleModel('axil_ram', { AddrWidth: 6, Depth: 16 }), { size: 0x80 }),
    jobs: ['movs:4:up:0:16', 'load:2:up:52:12', 'movs:4:up:0:32', 'load:8:down:72:5', 'movs:8:up:120:3'],
  },
  APB: { config: configOf(uneven), jobs: [...copies, ...refused] },
  'APB that hangs in the midst of a write': {
    config: configOf(uneven),
    ...hanging(['movs:4:up:0:9', 'stos:4:up:4000:30']),
  },
  'APB that hangs in the midst of a read': { config: configOf(uneven), ...hanging(['load:2:up:4001:60']) },
  'a golden model': {
    config: { ...configOf(uneven), goldens: { twin: { file: golden } } },
    jobs: [...copies, ...refused],
    flags: ['--model', 'dut=twin'],
  },
  'RTL and a golden model in lockstep': {
    config: { ...configOf(uneven), goldens: { twin: { file: golden } } },
    jobs: ['movs:4:down:2044:512', 'load:1:up:3:1500', ...refused],
    flags: ['--lockstep', 'twin'],
  },
  'errors that read as ones': { config: configOf(ram, { onError: 'ones' }), jobs: [...copies, ...refused] },
  'errors that end the program': { config: configOf(ram, { onError: 'abort' }), jobs: refused },
  'posted writes': { config: configOf(ram, { posted: true }), jobs: copies },
  'each access shown': { config: configOf(ram), jobs: [...copies, ...refused], flags: ['--show'] },
}

const calls = [
  ...['pwrite:0:2048', 'pread:0:2048', 'pread:16:1001', 'pwrite:104:303', 'pread:96:312', 'pread:1024:5'],
  ...['pwrite:0:512:200', 'pread:0:512:200', 'pread:64:64:2', 'pwrite:1000:1100', 'pread:2000:100', 'pread:3000:8'],
]
/** An aligned register of a call has the same place in it whether it is the only one or one of many. */
const callCases: Record<string, Asked> = {
  'AXI4-Lite': { config: configOf(ram), jobs: calls, callsOf: 4 },
  'AXI4-Lite of 64 bits, each access looked over': {
    config: configOf(sampleModel('axil_ram', { Depth: 256, DataWidth: 64 })),
    ...{ jobs: calls, callsOf: 8, flags: ['--lint'] },
  },
  'a bus that ends before its device': {
    config: configOf(sampleModel('axil_ram', { AddrWidth: 6, Depth: 16 }), { size: 0x80 }),
    ...{ jobs: ['pwrite:0:200', 'pread:0:200', 'pread:0:64', 'pread:64:64', 'pread:120:8', 'pread:200:8'], callsOf: 4 },
  },
  'APB that hangs': { config: configOf(uneven), ...hanging(['pwrite:0:36', 'pread:3996:90']), callsOf: 4 },
  'errors that read as ones': { config: configOf(ram, { onError: 'ones' }), jobs: calls, callsOf: 4 },
  'errors that end the program': {
    config: configOf(ram, { onError: 'abort' }),
    ...{ jobs: ['pwrite:0:512', 'pwrite:1000:1100'], callsOf: 4 },
  },
  'posted writes': { config: configOf(ram, { posted: true }), jobs: calls.slice(0, 6), callsOf: 4 },
  'each access shown': { config: configOf(ram), jobs: calls, callsOf: 4, flags: ['--show'] },
}

/** An access takes longer there. */
const simulated: Asked = {
  config: configOf({ ...underCocotb, ...uneven }),
  jobs: [
    ...['movs:4:up:1000:20', 'load:1:up:1003:30', 'stos:8:down:1024:9', 'movs:4:up:2000:12', 'load:4:up:2000:20'],
    ...['movs:2:down:2060:9'],
  ],
}

async function expectAlike(asked: Asked): Promise<void> {
  const shown = await run('grpc', 1, asked)
  expect(shown.log.length).toBeGreaterThanOrEqual(10)
  expect(await run('grpc', 0, asked)).toEqual(shown)
  expect(await run('shm', 0, asked)).toEqual(shown)
}

it.each(Object.entries(cases))('%s: one message and many are alike, by both lanes', (_name, asked) =>
  expectAlike(asked),
)

it.each(Object.entries(callCases))('calls on %s: one message and many are alike, by both lanes', (_name, asked) =>
  expectAlike(asked),
)

it.skipIf(unlessPython !== '')(`the same ${onTheirSimulator}${unlessPython}`, () => expectAlike(simulated))

const device = {
  ...{ handle: 1, name: 'x', kind: 'DEVICE_KIND_MEM', path: '/dev/mem', base: String(base), size: '4096' },
  ...{ onError: 'ERROR_POLICY_SIGBUS', widthBytes: 4 },
}

interface Heard {
  seq: string
  offset: string
  operation: string
  widthBytes: number
  elements: number
  data: Buffer
}

/** What a bridge hears of a program that does these jobs, and how that ends. */
async function heardBy(jobs: string[], stringBytes: number, completion: object | ((heard: Heard) => object)) {
  return heardFrom(programFor({ jobs }, 0), stringBytes, completion)
}

async function heardFrom(program: string[], stringBytes: number, completion: object | ((heard: Heard) => object)) {
  const heard: Heard[] = []
  const attach = { devices: [{ ...device, stringBytes }] }
  const answer = (access: Heard) => {
    heard.push(access)
    const own = typeof completion === 'function' ? completion(access) : completion
    return { status: 'STATUS_OKAY', done: access.elements, ...own }
  }
  const address = await startHostileBridge({ attach, completion: answer })
  return { heard, ...(await trapline(makeScratch(), ['run', '--bridge', address, '--', ...program])) }
}

it('a bridge that takes strings hears one message, an older one each element', async () => {
  const jobs = ['stos:4:up:0:1024', 'stos:2:down:62:30', 'stos:1:up:5:1']
  const { heard, status, stderr } = await heardBy(jobs, 4096, {})
  expect(status, stderr).toBe(0)
  expect(heard).toMatchObject([
    { seq: '1', offset: '0', widthBytes: 4, elements: 1024, descending: false },
    { seq: '1025', offset: '62', widthBytes: 2, elements: 30, descending: true },
    { seq: '1055', offset: '5', widthBytes: 1, elements: 0 },
  ])
  expect(heard.map(({ data }) => data.length)).toEqual([4096, 60, 1])
  expect((await heardBy(jobs, 0, {})).heard).toHaveLength(1055)
  expect((await heardBy(jobs, 256, {})).heard.map(({ elements }) => elements)).toEqual([
    64,
    ...Array(15).fill(64),
    30,
    0,
  ])
})

it.each([
  ['more elements than there are', { done: 17 }, 'answered a string of 16 elements with 17'],
  ['fewer elements, and no error', { done: 15 }, 'answered a string of 16 elements with 15'],
  ['an error behind the last one', { done: 16, status: 'STATUS_SLVERR' }, 'answered a string of 16 elements with 16'],
  ['no data', {}, 'answered a read of 64 bytes with 0'],
  ['data of one more', { data: Buffer.alloc(68) }, 'answered a read of 64 bytes with 68'],
])('a bridge that answers with %s ends the program', async (_name, completion, words) => {
  const { status, stderr } = await heardBy(['load:4:up:0:16'], 4096, completion)
  expect(status, stderr).toBe(125)
  expect(stderr).toContain(words)
})

/** As each of its registers would have been heard of, had it come alone. */
function singly({ seq, offset, operation, widthBytes, elements, data }: Heard) {
  return Array.from({ length: Math.max(elements, 1) }, (_, i) => ({
    seq: Number(seq) + i,
    offset: Number(offset) + i * widthBytes,
    ...{ operation, widthBytes, data: data.subarray(i * widthBytes, (i + 1) * widthBytes).toString('hex') },
  }))
}

/** Each byte is the same whichever access reads it. */
function placesAsData({ offset, widthBytes, elements }: Heard) {
  return { data: Buffer.from(Array.from({ length: widthBytes * Math.max(elements, 1) }, (_, i) => Number(offset) + i)) }
}

it('calls that read and write from anywhere to anywhere are cut as if each register came alone', async () => {
  const anywhere = ['3:1000', '1:4095', '4090:20', '0:999:998', '2:30:3', '0:4096', '1000:3000:2222', '5000:4', '0:8:0']
  const jobs = ['pread', 'pwrite', 'readv', 'writev'].flatMap((name) => anywhere.map((at) => `${name}:${at}`))
  const program = programFor({ jobs, callsOf: 1 }, 0)
  const answer = (heard: Heard) => (heard.operation === 'OPERATION_READ' ? placesAsData(heard) : {})
  const one = await heardFrom(program, 0, answer)
  const many = await heardFrom(program, 4096, answer)
  expect(one.status, one.stderr).toBe(0)
  expect(many.stdout).toBe(one.stdout)
  expect(many.heard.flatMap(singly)).toEqual(one.heard.flatMap(singly))
  expect(many.heard.length).toBeLessThan(one.heard.length / 10)
})
