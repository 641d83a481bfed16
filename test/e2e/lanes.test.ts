/**
 * Accesses by memory that programs share with models: whatever can be seen of a run is as by gRPC, and nothing that is
 * written there hurts the other side.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { openBench } from '../../bridge/vitest/bench.js'
import '../../bridge/vitest/matchers.js'
import { base, configOf, sampleModel } from '../support/configs.js'
import { processesOf } from '../support/leftovers.js'
import { cache, host, sampleRtl } from '../support/places.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { runHost, startTrapline } from '../support/trapline.js'

const lanes = ['grpc', 'shm'] as const
type Lane = (typeof lanes)[number]

const ram = configOf('axil_ram')
const regs = configOf('axil_regs')
const timer: TraplineConfig = {
  models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}
const memory = { top: 'axil_ram', sources: [sampleRtl('axil_ram')] }
const two: TraplineConfig = {
  models: { ram: memory, other: memory },
  devices: {
    ram0: { kind: 'mem', base: 0x43c0_0000, size: 0x1000, model: 'ram' },
    ram1: { kind: 'mem', base: 0x43c0_1000, size: 0x1000, model: 'other' },
  },
}
const python = (...args: (string | number)[]) => [
  'python3',
  join(import.meta.dirname, 'tools/lanes.py'),
  ...args.map(String),
]

interface Report {
  accesses: number
  reads: number
  writes: number
  errorCount: number
  lanes: { grpc: number; shm: number; detours: number }
  polls?: { count: number; cycles: number }
  lint: { message: string }[] | undefined
}

async function runBy(
  lane: Lane,
  config: TraplineConfig,
  program: string[],
  { scratch = makeScratch(), flags = [], byGrpc }: { scratch?: Scratch; flags?: string[]; byGrpc?: string } = {},
) {
  const report = join(scratch.path, 'report.json')
  const ended = await runHost(scratch, config, program, {
    // By mailbox callers are told only if asked for.
    flags: ['--lane', lane, '--seed', '7', '--report', report, '--call-stacks', ...flags],
    ...(byGrpc !== undefined && { byGrpc }),
  })
  return { ...ended, report: JSON.parse(readFileSync(report, 'utf8')) as Report }
}

/** Without what differs from run to run of any lane. */
const withoutIdentity = (text: string) =>
  text.replace(/"(pid|tid)":\d+/g, '"$1":0').replace(/"pc":"0x[0-9a-f]+"/g, '"pc":""')

describe('what is seen of a run is the same on both lanes', () => {
  it('log, cycle numbers and counts', async () => {
    const [byGrpc, byMailbox] = [
      await runBy('grpc', ram, python('words', 300)),
      await runBy('shm', ram, python('words', 300)),
    ]
    expect(byMailbox.stdout, byMailbox.stderr).toBe('300 words\n')
    expect(withoutIdentity(byMailbox.logText)).toBe(withoutIdentity(byGrpc.logText))
    const { lanes: ways, ...counts } = byMailbox.report
    expect(counts).toMatchObject({ accesses: 600, reads: 300, writes: 300, errorCount: 0 })
    expect(ways.shm).toBeGreaterThan(580)
    expect(ways.grpc + ways.shm).toBe(600)
    expect(byGrpc.report.lanes).toEqual({ grpc: 600, shm: 0, detours: 0 })
  })

  it('a bus error, its sentence and what becomes of the program', async () => {
    const [byGrpc, byMailbox] = [
      await runBy('grpc', regs, python('hole', 0x40)),
      await runBy('shm', regs, python('hole', 0x40)),
    ]
    const sentenceOf = ({ sentences }: { sentences: string[] }) =>
      sentences.find((sentence) => sentence.startsWith('SLVERR'))?.replace(/0x[0-9a-f]{6,}/g, '…')
    expect(byMailbox.status).toBe(128 + 7)
    expect(sentenceOf(byMailbox)).toMatch(/^SLVERR on read of 4 bytes at dut\+0x40 .* the host gets SIGBUS$/)
    expect(sentenceOf(byMailbox)).toBe(sentenceOf(byGrpc))
    expect(byMailbox.report).toMatchObject({ accesses: 9, errorCount: 1 })
    // The instruction's first access goes by gRPC, and that of another caller.
    expect(byMailbox.report.lanes.shm).toBe(7)
  })

  it('what --show and --lint say', async () => {
    const [byGrpc, byMailbox] = await Promise.all(
      lanes.map((lane) => runBy(lane, ram, python('bytes_of', 40), { flags: ['--show', '--lint'] })),
    )
    const shown = ({ sentences = [] }: Partial<typeof byGrpc> = {}) =>
      sentences.filter((sentence) => sentence.includes('→ write dut+'))
    expect(shown(byMailbox)).toHaveLength(40)
    expect(shown(byMailbox)).toEqual(shown(byGrpc))
    expect(byMailbox?.report.lint).toEqual(byGrpc?.report.lint)
    expect(byMailbox?.report.lint?.[0]?.message).toContain('narrower: write of 1 byte')
  })

  it('the edge at which an interrupt is known', async () => {
    const [byGrpc, byMailbox] = [
      await runBy('grpc', timer, python('edges', 40)),
      await runBy('shm', timer, python('edges', 40)),
    ]
    expect(byMailbox.stdout, byMailbox.stderr).toMatch(/1!/)
    expect(byMailbox.stdout).toBe(byGrpc.stdout)
    expect(byMailbox.report.lanes.shm).toBeGreaterThan(400)
  })
})

describe('log and output are the same on both lanes', () => {
  it.each([
    { title: 'cycles that each access takes at least', config: { ...ram, minCyclesPerAccess: 70 }, of: ['words', 60] },
    { title: 'clocks and sleeps of virtual time', config: timer, of: ['naps', 30], flags: ['--time', 'virtual'] },
    { title: 'the order over two models', config: two, of: ['one_after_other', 40] },
    { title: 'a program that becomes another', config: ram, of: ['again', 50] },
  ])('$title', async ({ config, of, flags = [] }) => {
    const [byGrpc, byMailbox] = await Promise.all(
      lanes.map((lane) => runBy(lane, config as TraplineConfig, python(...of), { flags })),
    )
    expect(byMailbox?.status, byMailbox?.stderr).toBe(0)
    expect(byMailbox?.stdout).toBe(byGrpc?.stdout)
    expect(withoutIdentity(byMailbox?.logText ?? '')).toBe(withoutIdentity(byGrpc?.logText ?? ' '))
    expect(byMailbox?.report.lanes.shm).toBeGreaterThan((byMailbox?.report.accesses ?? 0) / 2)
  })
})

it('an access in a mailbox that is not answered is named by the heartbeat', { timeout: 120_000 }, async () => {
  const scratch = makeScratch()
  const stuck = configOf(sampleModel('axil_stuck', { Channel: 'R', StuckAddress: 0x10 }))
  const config = scratch.write('c.json', { ...stuck, maxCycles: Number.MAX_SAFE_INTEGER })
  const run = startTrapline(scratch, ['run', '--config', config, '--lane', 'shm', '--', ...python('hole', 0x10)])
  await run.untilStderr(/waiting for read of 4 bytes at dut\+0x10 since \d+ s; .*dut at cycle \d+/)
  run.kill('SIGTERM')
  expect((await run.ended).status).toBe(143)
})

it('a long run by gRPC says what the other lane is for', { timeout: 300_000 }, async () => {
  const hint = /^\d+ accesses went by gRPC; --lane shm is faster where program and models are on one machine$/
  const spoken = async (lane: Lane, count: number) => {
    const { sentences, status } = await runBy(lane, ram, [host('loop'), '/dev/mem', `${base}`, '0', `${count}`])
    expect(status).toBe(0)
    return sentences.filter((sentence) => hint.test(sentence)).length
  }
  expect(await spoken('grpc', 50_100)).toBe(1)
  expect(await spoken('grpc', 1000)).toBe(0)
  expect(await spoken('shm', 50_100)).toBe(0)
})

describe('poll acceleration adds the same cycles to the same accesses', () => {
  it.each([
    { title: 'of a wait by polling', config: timer, program: python('polls', 20_000), leastPolls: 20 },
    { title: 'of two models', config: two, program: python('polls_of_two', 12), leastPolls: 19 },
    { title: 'with a bound below the first step', config: timer, program: python('polls', 900), bound: '5' },
  ])('$title', async ({ config, program, leastPolls = 1, bound = '3000' }) => {
    const flags = ['--poll-acceleration', bound]
    const [byGrpc, byMailbox] = [
      await runBy('grpc', config, program, { flags }),
      await runBy('shm', config, program, { flags }),
    ]
    expect(byGrpc.status, byGrpc.stderr).toBe(0)
    expect(byGrpc.report.polls?.count).toBeGreaterThan(leastPolls)
    expect(byMailbox.report.polls).toEqual(byGrpc.report.polls)
    expect(byMailbox.stdout, byMailbox.stderr).toBe(byGrpc.stdout)
    expect(withoutIdentity(byMailbox.logText)).toBe(withoutIdentity(byGrpc.logText))
    expect(byMailbox.report.lanes.grpc).toBeLessThan(byMailbox.report.accesses / 3)
    expect(byGrpc.report.lanes.shm).toBe(0)
  })
})

it('a model whose first access comes by a mailbox answers it', async () => {
  const { status, stdout, stderr, report } = await runBy('shm', two, python('one_after_other', 30))
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '30 each\n' })
  expect(report.accesses).toBe(120)
  expect(report.lanes.shm).toBeGreaterThan(100)
})

it('threads and a forked child have their words each for themselves', async () => {
  const { status, stdout, stderr, report } = await runBy('shm', ram, python('both', 200))
  expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: 'all alike\n' })
  expect(report.accesses).toBe(6 * 2 * 200)
  expect(report.lanes.shm).toBeGreaterThan(2000)
})

it('whoever writes over all mailboxes hurts neither the model nor the next program', async () => {
  const seeds = [1, 2, 3]
  const program = seeds.map((seed) => [...python('scribble', seed), ';', ...python('words', 50)].join(' ')).join(' && ')
  const byGrpc = 'what says whose the mailboxes are is written over, too'
  const { status, stdout, stderr, report } = await runBy('shm', ram, ['sh', '-c', program], { byGrpc })
  expect({ status, stdout }, stderr).toEqual({
    status: 0,
    stdout: seeds.map(() => 'scribbled\n50 words\n').join(''),
  })
  // What is taken for a request is one, or an error; what is written over counts is not believed.
  expect(report.accesses).toBeGreaterThanOrEqual(seeds.length * 108)
  expect(report.accesses).toBeLessThan(seeds.length * 2200)
  expect(report.lanes.grpc + report.lanes.shm).toBe(report.accesses)
})

it.each([
  { signal: 'SIGKILL' as const, words: 'model dut was killed by SIGKILL' },
  { signal: 'SIGSTOP' as const, words: 'model dut was stopped and did not go on within 5 s' },
])('a model that gets $signal is named, and the program ends', async ({ signal, words }) => {
  const scratch = makeScratch()
  const config = scratch.write('c.json', ram)
  const run = startTrapline(scratch, ['run', '--config', config, '--lane', 'shm', '--', ...python('for_ever')])
  await run.untilStdout(/begun/)
  const model = processesOf(run.temporary).find(({ executable }) => executable.startsWith(cache))
  process.kill(model?.pid ?? Number.NaN, signal)
  const { status, sentences } = await run.ended
  expect(status).toBe(125)
  expect(sentences).toContain(words)
})

it('what decides before the program has its answer keeps all accesses with the bridge, and says so', async () => {
  const beside = { ram: { ...memory, lockstep: 'other' }, other: memory }
  const { ram0 } = two.devices as Record<'ram0', TraplineConfig['devices'][string]>
  const { status, sentences, report } = await runBy('shm', { models: beside, devices: { ram0 } }, python('words', 20))
  expect(status).toBe(0)
  expect(sentences).toContain(
    '--lane shm is not used: lockstep compares each answer before the program has it, so all accesses go by gRPC',
  )
  expect(report.lanes).toEqual({ grpc: 40, shm: 0, detours: 0 })
})

it('accesses that could have gone by a mailbox, and did not, are counted and named', async () => {
  const scratch = makeScratch()
  const report = join(scratch.path, 'report.json')
  const flags = ['--lane', 'shm', '--report', report]
  const byGrpc = 'the program has confined itself'
  const { status, sentences } = await runHost(scratch, ram, python('confined', 60), { flags, byGrpc })
  expect(status).toBe(0)
  const { lanes } = JSON.parse(readFileSync(report, 'utf8')) as Report
  expect(lanes.detours).toBe(2 * 60)
  expect(lanes.grpc + lanes.shm).toBe(2 * 70)
  expect(sentences).toContain(
    `--lane shm was asked for, and ${lanes.detours} accesses went by gRPC all the same: the program has confined ` +
      "itself (seccomp), or does not see the bridge's run directory",
  )
})

it('a bench hears of all of them', async () => {
  process.env.TRAPLINE_CACHE = cache
  const [program = '', ...args] = python('words', 60)
  await using bench = await openBench({ config: ram, seed: 7, lane: 'shm' })
  await bench.run(program, args)
  expect(bench.accesses).toHaveLength(120)
  expect(bench.bridge.monitor.byMailbox).toBeGreaterThan(100)
})

it('a bench that begins at a checkpoint, and what its matchers see', async () => {
  process.env.TRAPLINE_CACHE = cache
  const warmUp = (bench: { write(device: string, offset: number, value: number): Promise<void> }) =>
    bench.write('dut', 0x800, 0xb007)
  for (const seed of [7, 7]) {
    await using bench = await openBench({ config: ram, seed, lane: 'shm', warmUp })
    const [program = '', ...args] = python('words', 60)
    const run = await bench.run(program, args)
    expect(run).toHaveAccessed([
      { operation: 'write', offset: 4, value: 0x01010101 },
      { operation: 'read', offset: 4, value: 0x01010101 },
    ])
    expect(run).not.toHaveAccessed({ offset: 0x800 })
    expect(await bench.read('dut', 0x800)).toBe(0xb007n)
    expect(bench.bridge.monitor.byMailbox).toBeGreaterThan(100)
  }
})
