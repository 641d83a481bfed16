/**
 * Recordings of devices that are no RTL, made again on RTL: the time that passes between accesses is that of another
 * clock, and interrupts came from outside.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configOf, sampleModel } from '../support/configs.js'
import { makeScratch, type Scratch } from '../support/scratch.js'
import { trapline, type LoggedAccess } from '../support/trapline.js'

const microsecond = 1_000_000
/** Of the model's clock, at 1 MHz. */
const slow = { ...sampleModel('axil_timer', {}), clock: { port: 'clk_i', periodPs: microsecond } }

interface Recorded {
  timePs: number
  op: 'read' | 'write' | 'interrupt'
  offset: number
  data?: string
}

/** As a device is recorded that counts microseconds from its start on. */
function toLine({ data = '0x00000000', ...access }: Recorded, i: number): string {
  const about = { seq: i + 1, ...access, device: 'dut', widthBytes: 4, data, status: 'OKAY', pid: 1, tid: 1 }
  return `${JSON.stringify({ ...about, symbol: 'main (driver.c:7)' })}\n`
}

const start = { timePs: 7_000 * microsecond, op: 'write', offset: 0, data: '0x00000001' } as const
const count = (us: number, data: number): Recorded => ({
  timePs: start.timePs + us * microsecond,
  ...{ op: 'read', offset: 8, data: `0x${data.toString(16).padStart(8, '0')}` },
})

async function replay(scratch: Scratch, recording: string, flags: string[] = []) {
  const config = scratch.write('trapline.config.json', configOf(slow))
  const log = join(scratch.path, 'again.jsonl')
  const ended = await trapline(scratch, ['replay', '--config', config, '--log', log, ...flags, recording])
  const lines = ended.status === 125 ? [] : readFileSync(log, 'utf8').trimEnd().split('\n')
  const again = lines.map((line) => JSON.parse(line) as LoggedAccess)
  return { ...ended, again, begins: again.map(({ cycleStart }) => cycleStart - (again[0]?.cycleStart ?? 0)) }
}

describe('--timing', () => {
  const recording = [start, count(200, 199), count(5000, 4999)]

  it('recorded: an access begins as much later as it was recorded, so what counts time agrees', async () => {
    const scratch = makeScratch()
    const file = scratch.write('recording.jsonl', recording.map(toLine).join(''))
    const { status, stdout, stderr, begins } = await replay(scratch, file, ['--timing', 'recorded'])
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    expect(begins).toEqual([0, 200, 5000])
    expect(stderr).toContain('every answer is the same, seed')
  })

  it.each([[[]], [['--timing', 'fast']]])('as fast as it goes with %j: the counter tells', async (flags) => {
    const scratch = makeScratch()
    const file = scratch.write('recording.jsonl', recording.map(toLine).join(''))
    const { status, stdout, begins } = await replay(scratch, file, [...flags, '--keep-going'])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^access 2: read dut\+0x8 4 B: expected 0x000000c7, got 0x0000000\d, cycles .*, in main \(/)
    expect(begins.every((cycle) => cycle < 20)).toBe(true)
  })

  it('recorded, of an mmiotrace, whose times are seconds', async () => {
    const scratch = makeScratch()
    const lines = ['W 4 1283.000100 1 0x43c00000 0x1 0x0 0', 'R 4 1283.000350 1 0x43c00008 0xf9 0x0 0']
    const file = scratch.write('trace.mmiotrace', ['VERSION 20070824', ...lines, ''].join('\n'))
    const { status, stdout, begins } = await replay(scratch, file, ['--timing', 'recorded'])
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    expect(begins).toEqual([0, 250])
  })

  it('recorded: what comes faster than RTL can follow comes as soon as it can, and is counted', async () => {
    const scratch = makeScratch()
    const times = [0, 1, 2, 300].map((us) => ({ timePs: us * microsecond, op: 'write', offset: 12 }) as const)
    const file = scratch.write('recording.jsonl', times.map(toLine).join(''))
    const { status, stderr, begins } = await replay(scratch, file, ['--timing', 'recorded'])
    expect(status, stderr).toBe(0)
    const [, , third = 0, last = 0] = begins
    expect(last - third).toBe(298)
    expect(stderr).toContain('4 accesses of')
    expect(stderr).toContain('every answer is the same, 2 accesses come later than recorded')
  })

  it('fast, of a log of RTL: no cycles pass as there', async () => {
    const scratch = makeScratch()
    const cycles = [20, 9000].map((cycle) => ({ cycleStart: cycle, cycleEnd: cycle + 2, ...start }))
    const file = scratch.write('run.jsonl', cycles.map(toLine).join(''))
    expect((await replay(scratch, file)).begins).toEqual([0, 8980])
    expect((await replay(makeScratch(), file, ['--timing', 'fast'])).begins[1]).toBeLessThan(10)
  })

  it('recorded is refused where a recording tells no times, and with --around', async () => {
    const scratch = makeScratch()
    const none = [start, { ...start, offset: 12 }].map((access) => ({ ...access, timePs: 0 }))
    const file = scratch.write('timeless.jsonl', none.map(toLine).join(''))
    const timeless = await replay(scratch, file, ['--timing', 'recorded'])
    expect(timeless.status).toBe(125)
    expect(timeless.sentences).toContainEqual(
      `--timing recorded: ${file} tells no times, those of its 2 accesses are 0; leave --timing out`,
    )
    const around = ['--timing', 'recorded', '--around', '1', '--trace', join(scratch.path, 'x.fst')]
    expect((await replay(scratch, file, around)).stderr).toContain('leave --timing out')
  })

  it('recorded, of a program that slept at a real device: at least so long', async () => {
    const scratch = makeScratch()
    const [device, file] = [scratch.write('dut', Buffer.alloc(4096)), join(scratch.path, 'recording.jsonl')]
    const program = [
      'import mmap, os, time',
      `m = mmap.mmap(os.open(${JSON.stringify(device)}, os.O_RDWR), 4096)`,
      'm[12] = 1; time.sleep(0.02); m[12] = 2; print(m[12])',
    ].join('\n')
    const hardware = ['--hardware', `${device}+0x1000`]
    const recorded = await trapline(scratch, ['run', '--record', file, ...hardware, '--', 'python3', '-c', program])
    expect(recorded.stdout).toBe('2\n')
    const { status, stderr, begins } = await replay(scratch, file, ['--timing', 'recorded'])
    expect(status, stderr).toBe(0)
    expect(begins[1]).toBeGreaterThanOrEqual(20_000)
  })
})

describe('an interrupt in a recording', () => {
  const compare = { timePs: 0, op: 'write', offset: 12, data: '0x00000bb8' } as const
  const enable = { timePs: 0, op: 'write', offset: 0, data: '0x00000003' } as const
  const reached = { timePs: 0, op: 'read', offset: 4, data: '0x00000001' } as const
  const acknowledge = { timePs: 0, op: 'write', offset: 4, data: '0x00000001' } as const
  const interrupt = { timePs: 0, op: 'interrupt', offset: 0 } as const
  const make = async (accesses: Recorded[], flags: string[] = []) => {
    const scratch = makeScratch()
    return replay(scratch, scratch.write('recording.jsonl', accesses.map(toLine).join('')), flags)
  }

  it('is waited for: what comes behind it finds what it was for', async () => {
    const { status, stdout, stderr, begins } = await make([compare, enable, interrupt, reached])
    expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' })
    expect(stderr).toContain('3 accesses of')
    expect(begins.at(-1)).toBeGreaterThan(3000)
  })

  it('that does not come in --max-idle-cycles is told with the access before it', async () => {
    const silent = { ...enable, data: '0x00000001' }
    const { status, stdout, stderr } = await make([compare, silent, interrupt, reached], ['--max-idle-cycles', '500'])
    expect([status, stdout]).toEqual([
      1,
      'interrupt 3 of dut: irq_o of model dut has not risen in 500 cycles after access 2: write dut+0x0 4 B, in main ' +
        '(driver.c:7)\n',
    ])
    expect(stderr).toContain('2 accesses of')
    expect(stderr).toContain('every answer is the same, 1 interrupt is missing, seed')
  })

  it('is one rise of the line each; one that rose and fell in the midst of accesses counts', async () => {
    const soon = { ...compare, data: '0x00000001' }
    const again = { timePs: 0, op: 'write', offset: 8, data: '0x00000000' } as const
    const both = [soon, enable, acknowledge, interrupt, again, interrupt, reached, acknowledge]
    expect((await make(both)).status).toBe(0)
    const { status, stdout } = await make(
      [...both, interrupt, acknowledge],
      ['--keep-going', '--max-idle-cycles', '99'],
    )
    expect(status).toBe(1)
    expect(stdout).toMatch(/^interrupt 9 of dut: .* in 99 cycles after access 8: write dut\+0x4 4 B, in main .*\n$/)
  })

  it('comes when it was recorded, or later where the RTL takes longer', async () => {
    const at = (us: number) => ({ timePs: us * microsecond })
    const timed = (us: number) => [compare, enable, { ...interrupt, ...at(us) }, { ...reached, ...at(us + 100) }]
    const [early, late] = [
      await make(timed(500), ['--timing', 'recorded']),
      await make(timed(4000), ['--timing', 'recorded']),
    ]
    expect([early.status, late.status]).toEqual([0, 0])
    expect(early.begins.at(-1)).toBeGreaterThanOrEqual(3100)
    expect(late.begins.at(-1)).toBeGreaterThanOrEqual(4100)
    expect(late.begins.at(-1)).toBeLessThan(4200)
  })

  it('of a device that nobody knows is refused, and so is one of a model without an interrupt output', async () => {
    const scratch = makeScratch()
    const file = scratch.write('recording.jsonl', toLine(interrupt, 0))
    const elsewhere = scratch.write('other.jsonl', toLine(interrupt, 0).replace('"dut"', '"uio0"'))
    expect((await replay(scratch, elsewhere)).sentences).toContainEqual(
      `${elsewhere}:1: the interrupt is one of uio0, and no device is called so; there are dut`,
    )
    const config = scratch.write('silent.json', configOf('axil_regs'))
    const { status, sentences } = await trapline(scratch, ['replay', '--config', config, file])
    expect(status).toBe(125)
    expect(sentences).toContainEqual(
      `${file}:1: the interrupt is one of dut, and model dut has no interrupt output; make it a device of kind 'uio' ` +
        'that names its `interrupt`',
    )
  })
})

describe('volatile registers', () => {
  const registers = {
    format: 'trapline-registers-1',
    blocks: [
      {
        name: 'timer',
        registers: [
          { name: 'CONTROL', offset: 0 },
          { name: 'STATUS', offset: 4, fields: [{ name: 'REACHED', bits: 0, volatile: true }] },
          { name: 'COUNT', offset: 8, volatile: true },
          { name: 'COMPARE', offset: 12 },
        ],
      },
    ],
  }
  const read = (offset: number, value: string) => ({ timePs: 0, op: 'read', offset, data: `0x${value}` }) as const
  const recording = [start, read(8, '00012345'), read(8, '00012399'), read(4, '00000001'), read(12, 'ffffffff')]

  async function replayDescribed(accesses: Recorded[], flags: string[] = []) {
    const scratch = makeScratch()
    const file = scratch.write('recording.jsonl', accesses.map(toLine).join(''))
    const config = configOf(slow, { registers: scratch.write('timer.json', registers) })
    const path = scratch.write('trapline.config.json', config)
    return trapline(scratch, ['replay', '--config', path, '--keep-going', ...flags, file])
  }

  it('are not compared, which a line says; other bits of them are', async () => {
    const same = await replayDescribed(recording)
    expect({ status: same.status, stdout: same.stdout }, same.stderr).toEqual({ status: 0, stdout: '' })
    expect(same.sentences).toContain(
      'volatile, so not compared: bits of 3 reads (3 differ) of dut COUNT, dut STATUS; ' +
        '--compare-volatile compares them',
    )
    const others = await replayDescribed([read(4, '00000003'), read(12, '00000000')])
    expect(others.stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^access 1: read dut\+0x4 4 B: expected 0x00000003, got 0x00000000, /),
      expect.stringMatching(/^access 2: read dut\+0xc 4 B: expected 0x00000000, got 0xffffffff, /),
    ])
  })

  it('are compared with --compare-volatile, and in the cycles of a log of RTL', async () => {
    const asked = await replayDescribed(recording, ['--compare-volatile'])
    expect([asked.status, asked.stdout.trimEnd().split('\n').length]).toEqual([1, 3])
    expect(asked.stderr).not.toContain('volatile')
    const inCycles = [{ cycleStart: 40, cycleEnd: 42, ...read(8, '00000007') }]
    expect((await replayDescribed(inCycles)).stdout).toMatch(/^access 1: .* expected 0x00000007, got 0x00000000, /)
  })

  it('are ignored together with what --ignore names', async () => {
    const { status, stdout } = await replayDescribed([read(4, '00000007')], ['--ignore', 'dut+0x4:6'])
    expect([status, stdout]).toEqual([0, ''])
  })
})
