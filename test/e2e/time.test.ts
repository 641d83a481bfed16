/**
 * Simulated time while hosts sleep, wait and look at clocks. What a test asserts is time of the device: cycles and
 * polls, which follow from the seed; the wall clock is only the machine's affair.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { connect } from '../support/bridge-client.js'
import { burnProcessors } from '../support/burners.js'
import { joined } from '../support/patterns.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost, startTrapline, trapline } from '../support/trapline.js'

const timer: TraplineConfig = {
  models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
}
/** So slow that a second of it is soon simulated. */
const slowTimer: TraplineConfig = {
  ...timer,
  models: {
    timer: {
      ...{ top: 'axil_timer', sources: [sampleRtl('axil_timer')] },
      clock: { port: 'clk_i', periodPs: 1_000_000 },
    },
  },
}
/** Cycles of 10 ns. */
const fiveMs = 500_000
const twentyMs = 2_000_000

interface Round {
  verdict: string
  us: number
  polls: number
}

/** What `hosts/deadline` says of each of its rounds. */
async function deadlines(way: string, cycles: number, limitMs: number, rounds: number, flags: string[]) {
  const program = [host('deadline'), '/dev/uio0', way, ...[cycles, limitMs, rounds].map(String)]
  const { status, stdout, stderr, log } = await runHost(makeScratch(), timer, program, {
    flags: ['--seed', '1', ...flags],
  })
  expect(status, stderr).toBe(0)
  const lines = [...stdout.matchAll(/^(\w+) after (\d+) us, (\d+) polls$/gm)]
  const told: Round[] = lines.map(([, verdict = '', us, polls]) => ({ verdict, us: Number(us), polls: Number(polls) }))
  expect(told.length).toBe(rounds)
  return { told, log }
}

describe('real time', () => {
  it("timers and timeouts of locks are libc's own", async () => {
    const { status, stdout } = await runHost(makeScratch(), timer, [host('timers')])
    expect(status).toBe(0)
    for (const wait of ['itimer: five broken sleeps', 'timer', 'timerfd: read', 'condition', 'mutex', 'semaphore'])
      expect(stdout).toMatch(new RegExp(`^${wait} after`, 'm'))
  })

  it('a sleep moves the device on: five milliseconds are a handful of polls', async () => {
    const { told, log } = await deadlines('sleep', fiveMs, 60_000, 1, [])
    expect(told).toMatchObject([{ verdict: 'ready' }])
    expect(told[0]?.polls).toBeLessThanOrEqual(6)
    const lastRead = log.findLast(({ op }) => op === 'read')
    expect(lastRead?.cycleEnd).toBeGreaterThan(fiveMs)
  })

  it('threads that sleep at once share the time', async () => {
    const script = `
import mmap, os, threading, time
registers = memoryview(mmap.mmap(os.open('/dev/uio0', os.O_RDWR), 4096)).cast('I')
registers[0] = 1
before = registers[2]
together = threading.Barrier(4)
def sleep():
    together.wait()
    time.sleep(0.005)
threads = [threading.Thread(target=sleep) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(registers[2] - before)
`
    const { stdout, stderr } = await runHost(makeScratch(), timer, ['python3', '-c', script])
    expect(Number(stdout), stderr).toBeGreaterThanOrEqual(500_000)
    expect(Number(stdout)).toBeLessThan(4 * 500_000)
  })

  const usleep = 'select(undef, undef, undef, 0); use Time::HiRes; Time::HiRes::usleep(3000)'
  it.each([
    ['busybox', timer, ['busybox', 'usleep', '3000'], 3.0, 3.0],
    ['coreutils', timer, ['sleep', '0.003'], 3.0, 3.0],
    // Sleeps until a time, and has looked at the clock before: how long before is the machine's affair.
    ['Python', slowTimer, ['python3', '-c', 'import time; time.sleep(0.9)'], 300, 900],
    ['Perl', timer, ['perl', '-e', usleep], 3.0, 3.0],
  ])('sleeping as %s does', async (_name, config, program, leastMs, mostMs) => {
    const scratch = makeScratch()
    const report = join(scratch.path, 'report.json')
    // The device is open, as it is for whoever sleeps for its sake.
    const opened = ['sh', '-c', 'exec 3<>/dev/uio0; exec "$@"', 'sh', ...program]
    const { status, stderr } = await runHost(scratch, config, opened, { flags: ['--report', report] })
    expect(status, stderr).toBe(0)
    const { waitedPs } = JSON.parse(readFileSync(report, 'utf8')) as { waitedPs: string }
    const waitedMs = Math.round(Number(waitedPs) / 1e8) / 10
    expect(waitedMs).toBeGreaterThanOrEqual(leastMs)
    expect(waitedMs).toBeLessThanOrEqual(mostMs)
  })

  it('a long sleep is capped, and that is said', async () => {
    const { sentences, log } = await runHost(
      makeScratch(),
      { ...timer, maxSleepCycles: 1000 },
      ['sh', '-c', 'exec 3<>/dev/uio0; sleep 0.1; sleep 0.1'],
      {},
    )
    expect(log).toEqual([])
    expect(sentences.filter((sentence) => sentence.includes('maxSleepCycles'))).toEqual([
      'a host sleeps for 100 ms; the models move on by 10 us of it at most (1000 cycles: maxSleepCycles)',
    ])
  })
})

describe.each([
  ['an idle machine', () => undefined, ['sleep', 'poll']],
  ['a busy one', burnProcessors, ['sleep', 'poll', 'clock']],
])('virtual time on %s', (_name, prepare, ways) => {
  it.each(ways)('10 ms by %s are enough for 5 ms and not for 20 ms', async (way) => {
    prepare()
    // Thousands of looks at the clock; one round of them says as much.
    const rounds = way === 'clock' ? 1 : 10
    const virtual = ['--time', 'virtual']
    const early = await deadlines(way, fiveMs, 10, rounds, virtual)
    for (const { verdict, us } of early.told) expect([verdict, Math.floor(us / 1000)]).toEqual(['ready', 5])
    const late = await deadlines(way, twentyMs, 10, rounds, virtual)
    for (const { verdict, us } of late.told) expect([verdict, Math.floor(us / 1000)]).toEqual(['timeout', 10])
  })
})

describe('virtual time', () => {
  it('is what every clock shows, from the epoch on', async () => {
    const config: TraplineConfig = { ...timer, time: 'virtual', epoch: '2001-02-03T04:05:06Z' }
    const script = 'import time; print(time.strftime("%F %T", time.gmtime())); time.sleep(100e-6)'
    const { stdout } = await runHost(makeScratch(), config, ['sh', '-c', `date -u '+%F %T'; python3 -c '${script}'`])
    expect(stdout).toBe('2001-02-03 04:05:06\n2001-02-03 04:05:06\n')
  })

  it('is what timers and timeouts of locks follow, also on a busy machine', async () => {
    burnProcessors()
    const { stdout } = await runHost(makeScratch(), { ...timer, time: 'virtual' }, [host('timers')])
    expect(stdout.trimEnd().split('\n')).toEqual([
      'itimer: five broken sleeps after 10 ms',
      'alarm: 3 s left',
      'timer after 4 ms',
      'timerfd: read after 3 ms',
      'timerfd: poll, too short after 5 ms',
      'timerfd: poll after 8 ms',
      'timerfd: 3 expiries',
      'condition after 5 ms',
      'condition, monotonic after 5 ms',
      'mutex after 5 ms',
      'semaphore after 5 ms',
    ])
  })

  it('is the same in every run', async () => {
    const run = async () => {
      const { told, log } = await deadlines('sleep', fiveMs, 10, 3, ['--time', 'virtual'])
      return [told, log.map(({ cycleStart }) => cycleStart)]
    }
    const first = await run()
    for (let i = 0; i < 3; i++) expect(await run()).toEqual(first)
  })
})

describe('poll acceleration', () => {
  const spin = `
import mmap, os
registers = memoryview(mmap.mmap(os.open('/dev/uio0', os.O_RDWR), 4096)).cast('I')
registers[3] = 50000
registers[0] = 1
polls = 0
while not registers[1]: polls += 1
print(polls)
`
  it('makes a wait by polling short, and says so', async () => {
    const { stdout, sentences } = await runHost(makeScratch(), timer, ['python3', '-c', spin], {
      flags: ['--poll-acceleration', '5000'],
    })
    expect(Number(stdout)).toBeLessThan(100)
    expect(sentences.at(-1)).toMatch(/\d+ cycles added to \d+ polls/)
  })

  it('is off unless it is asked for', async () => {
    const { stdout, sentences } = await runHost(makeScratch(), timer, ['python3', '-c', spin.replace('50000', '900')])
    expect(Number(stdout)).toBeGreaterThan(200)
    expect(sentences.at(-1)).not.toContain('polls')
  })
})

describe('a deadlock', () => {
  const maxIdleCycles = 300_000
  const wait = 'import os; os.read(os.open("/dev/uio0", os.O_RDWR), 4)'

  it.each([
    ['one thread', wait],
    [
      'a thread that another joins',
      `import threading\nt = threading.Thread(target=lambda: exec('${wait}'))\nt.start(); t.join()`,
    ],
    ['a child that its parent waits for', `import os\nif os.fork() == 0: exec('${wait}')\nelse: os.wait()`],
  ])('of %s ends the run and says who waits for what', async (_name, script) => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', { ...timer, maxIdleCycles })
    const { status, sentences } = await trapline(scratch, ['run', '--config', config, '--', 'python3', '-c', script])
    expect(status).toBe(125)
    expect(sentences).toContainEqual(
      expect.stringMatching(
        joined(
          /^deadlock: python3\S* \(pid \d+, tid \d+\) waits for interrupt irq_o of timer0; model timer ran \d{6,} /,
          /cycles without one/,
        ),
      ),
    )
  })

  /** Lets time run for many times the idle budget, then raises the interrupt from outside. */
  async function wakeLate(address: string): Promise<void> {
    const control = connect(address, 'ControlService')
    onTestFinished(() => control.close())
    const pastBudget = async () => {
      const { models } = await control.call('getStatistics')
      expect(Number(models[0]?.cycle)).toBeGreaterThan(10 * maxIdleCycles)
    }
    await vi.waitFor(pastBudget, { timeout: 100_000 })
    await control.call('write', { device: 'timer0', offset: 0xc, value: 10 })
    await control.call('write', { device: 'timer0', offset: 0x0, value: 3 })
  }

  it.each([
    ['who waits with a timeout', 'select.select([device], [], [], 1000)'],
    [
      'who has another thread at work',
      'threading.Thread(target=time.sleep, args=[1000], daemon=True).start(); os.read(device, 4)',
    ],
    [
      'whose epoll has a socket',
      `epoll = select.epoll()
for each in device, ours: epoll.register(each, select.EPOLLIN)
epoll.poll()`,
    ],
    ['whose select has a socket', 'select.select([device, ours], [], [])'],
    [
      'whose poll has a pipe',
      `poll = select.poll()
for each in device, pipe[0]: poll.register(each, select.POLLIN)
poll.poll()`,
    ],
  ])('is not seen in one %s', async (_name, wait) => {
    const scratch = makeScratch()
    const config = scratch.write('c.json', { ...timer, maxIdleCycles, maxSleepCycles: 1000 })
    const script = `import os, select, socket, threading, time
device = os.open("/dev/uio0", os.O_RDWR)
ours, theirs = socket.socketpair()
pipe = os.pipe()
${wait}`
    const place = ['--config', config, '--run-dir', join(scratch.path, 'run')]
    const running = startTrapline(scratch, ['run', ...place, '--', 'python3', '-c', script])
    const socket = join(scratch.path, 'run/bridge.sock')
    await vi.waitFor(() => expect(existsSync(socket)).toBe(true), { timeout: 100_000 })
    await Promise.race([wakeLate(`unix:${socket}`), running.ended])
    const { status, stderr } = await running.ended
    expect(status, stderr).toBe(0)
  })
})
