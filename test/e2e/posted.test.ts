/**
 * Writes for which programs don't wait: what the RTL and the log see is as if they had, on both lanes, and nothing that
 * a program has written is lost, however it ends.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { base, configOf, sampleModel } from '../support/configs.js'
import { host } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { parseLog, runHost, startTrapline, type EndedHost } from '../support/trapline.js'

const lanes = ['grpc', 'shm'] as const
type Lane = (typeof lanes)[number]

const ram = configOf('axil_ram', { posted: true })
const regs = configOf('axil_regs', { posted: true })
const waited = configOf('axil_ram')
const hole = 0x40

const program = (...args: (string | number)[]) => [host('posted'), '/dev/mem', String(base), ...args.map(String)]

interface Report {
  accesses: number
  writes: number
  errorCount: number
  lanes: { grpc: number; shm: number }
}

async function run(
  lane: Lane,
  config: TraplineConfig,
  args: (string | number)[],
  flags: string[] = [],
): Promise<EndedHost & { report: Report }> {
  const scratch = makeScratch()
  const report = join(scratch.path, 'report.json')
  const all = ['--lane', lane, '--seed', '7', '--report', report, ...flags]
  const ended = await runHost(scratch, config, program(...args), { flags: all })
  return { ...ended, report: JSON.parse(readFileSync(report, 'utf8')) as Report }
}

/** What was written, in the order of the bus. */
const written = ({ log }: EndedHost) => log.map(({ op, offset, data }) => `${op} ${offset} ${data}`)

describe.each(lanes)('by %s', (lane) => {
  it('the bus sees what it sees where each is waited for', async () => {
    const [posted, plain] = [await run(lane, ram, ['words', 1500]), await run(lane, waited, ['words', 1500])]
    expect(posted.stdout, posted.stderr).toBe('1024 of 1024\n')
    expect(plain.stdout).toBe(posted.stdout)
    expect(written(posted)).toEqual(written(plain))
    expect(posted.report).toMatchObject({ accesses: 2524, writes: 1500, errorCount: 0 })
  })

  it('channels that are held back are waited for', async () => {
    const { stdout, log } = await run(lane, ram, ['words', 700], ['--stall', '90'])
    expect(stdout).toBe('700 of 700\n')
    expect(log).toHaveLength(1400)
  })

  it.each([
    { way: 'leave', ends: 0 },
    { way: 'kill', ends: 128 + 9 },
    { way: 'exec', ends: 0 },
  ])('a program that ends ($way) right after its writes leaves them all', async ({ way, ends }) => {
    const { status, log, report, stderr } = await run(lane, ram, [way, 700])
    expect(status, stderr).toBe(ends)
    expect(log).toHaveLength(700)
    expect(report).toMatchObject({ writes: 700, errorCount: 0 })
  })

  it('a program that ends right after its writes leaves them all to a model that takes long for them', async () => {
    const { status, log, report, stderr } = await run(lane, { ...ram, minCyclesPerAccess: 100_000 }, ['leave', 200])
    expect(status, stderr).toBe(0)
    expect(log.map(({ status }) => status)).toEqual(Array(200).fill('OKAY'))
    expect(report).toMatchObject({ writes: 200, errorCount: 0 })
  })

  it('writes that it left and that never end are given up when its time is over', async () => {
    const stuck = configOf(sampleModel('axil_stuck', { Channel: 'B' }), { posted: true })
    const flags = ['--max-cycles', String(Number.MAX_SAFE_INTEGER), '--timeout', '10']
    const { status, sentences } = await run(lane, stuck, ['leave', 5], flags)
    const cause = /^writes that \S+ had posted were not carried out in its time \(--timeout\)$/
    expect([status, sentences]).toEqual([125, expect.arrayContaining([expect.stringMatching(cause)])])
  })

  it('a child sees what its parent has posted, threads have their words each', async () => {
    const { stdout } = await run(lane, ram, ['fork', 600])
    expect(stdout).toBe('child 0, parent 600\n')
    expect((await run(lane, ram, ['threads'])).stdout).toBe('256 and 256 of 256\n')
  })

  it('simulated time is that after the writes', async () => {
    const timeOf = async (config: TraplineConfig) =>
      (await run(lane, config, ['sleep', 300], ['--time', 'virtual'])).stdout
    expect(await timeOf(ram)).toBe(await timeOf(waited))
  })

  it('an error surfaces at the next access that is waited for, which is made when the handler is back', async () => {
    const { stdout, sentences, log } = await run(lane, regs, ['bad', hole])
    expect(stdout).toBe('signal 0; then 7, code 3, at +0x40; read 3\nthen 0, read 3\n')
    expect(sentences.filter((sentence) => sentence.startsWith('SLVERR'))).toEqual([
      expect.stringMatching(
        /^SLVERR on write of 4 bytes at dut\+0x40 .* by put \(posted\.c:\d+\), .*: the host gets SIGBUS at/,
      ),
    ])
    expect(log.map(({ op, offset, status }) => `${op} ${offset} ${status}`)).toEqual([
      ...['write 0 OKAY', 'read 0 OKAY', 'write 0 OKAY', 'write 64 SLVERR', 'write 0 OKAY', 'read 0 OKAY'],
      'read 0 OKAY',
    ])
  })

  it('an error is told also of a program that makes no other access', async () => {
    const { status, sentences, report } = await run(lane, regs, ['bad_then_leave', hole])
    expect(status).toBe(0)
    expect(sentences).toContainEqual(expect.stringMatching(/^SLVERR on write of 4 bytes at dut\+0x40 /))
    expect(report).toMatchObject({ writes: 2, errorCount: 1 })
  })

  it("the policy 'ones' drops the write, and 'abort' ends the program", async () => {
    const onError = (policy: 'ones' | 'abort') => configOf('axil_regs', { posted: true, onError: policy })
    const dropped = await run(lane, onError('ones'), ['bad', hole])
    expect(dropped.stdout).toMatch(/^signal 0; then 0, code 0, .*; read 3\nthen 0, read 3\n$/)
    expect(dropped.report.errorCount).toBe(1)
    const ended = await run(lane, onError('abort'), ['bad', hole])
    expect(ended.status).toBe(125)
    expect(ended.sentences).toContainEqual(expect.stringContaining("has the error policy 'abort'"))
  })

  it('a program that is killed in the midst of posting leaves nothing behind', async () => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', ram)
    const log = join(scratch.path, 'log.jsonl')
    const flags = ['--config', config, '--log', log, '--lane', lane, '--seed', '7']
    const running = startTrapline(scratch, ['run', ...flags, '--', 'sh', '-c', killing(join(scratch.path, 'pipe'))])
    const { status, stderr } = await running.ended
    expect(status, stderr).toBe(0)
    const writes = parseLog(readFileSync(log, 'utf8'))
    expect(writes.map(({ offset }) => offset)).toEqual(writes.map((_, i) => (4 * i) % 4096))
    expect(writes.length).toBeGreaterThan(0)
  })
})

/** Ends the program once it has begun. */
function killing(pipe: string): string {
  const command = program('for_ever').join(' ')
  return `mkfifo ${pipe}; ${command} > ${pipe} & read begun < ${pipe}; kill -9 $!; wait; exit 0`
}

it('a plain copy of a page is one access, posted or not', async () => {
  for (const lane of lanes)
    for (const posted of [false, true]) {
      const { stdout, log, stderr } = await run(lane, configOf('axi4_ram', { posted }), ['copy', 4096])
      expect(stdout, stderr).toBe('alike\n')
      expect(log.map(({ op, widthBytes }) => [op, widthBytes])).toEqual([
        ['write', 4096],
        ['read', 4096],
      ])
    }
})
