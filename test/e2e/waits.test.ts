/**
 * Every way to wait, by both kinds of time, ended by a timer, by an interrupt or by its own timeout: the device has had
 * just the time that the request says, whatever the machine does.
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { burnProcessors } from '../support/burners.js'
import { host, sampleRtl } from '../support/places.js'
import { makeScratch } from '../support/scratch.js'
import { runHost } from '../support/trapline.js'

const configOf = (periodPs: number): TraplineConfig => ({
  models: {
    timer: {
      top: 'axil_timer',
      sources: [sampleRtl('axil_timer')],
      clock: { port: 'clk_i', periodPs },
    },
  },
  devices: { timer0: { kind: 'uio', model: 'timer', maps: [{ size: 0x1000 }], interrupt: 'irq_o' } },
})
/** Cycles of a microsecond, so that the models are faster than real clocks. */
const config = configOf(1_000_000)

/**
 * Milliseconds of real clocks are long enough for a busy machine to begin the wait in; five of them are less than a
 * second.
 */
const unitMs = { real: 150, virtual: 1 }
type Time = keyof typeof unitMs
type Event = 'timer' | 'interrupt' | 'neither'

const sleeps = [
  'nanosleep',
  'usleep',
  'thrd_sleep',
  'clock_nanosleep',
  'poll nothing',
  'select nothing',
  'own nanosleep',
]
const polls = ['poll', 'ppoll', 'select', 'epoll', 'own poll']
const endless = ['poll for ever', 'pselect for ever', 'read']
const signals = ['pause', 'sigsuspend', 'read a pipe']
/** That a handler of the host has run is nothing to them. */
const locks = ['condition', 'mutex', 'rwlock', 'cnd']
const counters = ['semaphore', 'futex', 'own futex']
/** They wait until a time of the clock, so that by real time what the machine takes to begin the wait is off it. */
const untilTimes = new Set([...locks, 'semaphore', 'clock_nanosleep'])

/** What `hosts/waits` says of a way, times in its units. */
const expectations: Record<Event, [ways: string[], ended: string, units: number][]> = {
  timer: [
    [[...sleeps, ...polls, ...endless, ...signals, ...counters, 'timerfd'], 'EINTR, 1 handled', 3],
    [['sigtimedwait'], 'something came, 0 handled', 3],
    [locks, 'ETIMEDOUT, 1 handled', 5],
  ],
  interrupt: [
    [['restarted read'], 'something came, 1 handled', 2],
    [[...polls, ...endless], 'something came, 0 handled', 2],
    [[...sleeps, 'timerfd'], 'time over, 0 handled', 5],
    [['sigtimedwait'], 'EAGAIN, 0 handled', 5],
    [[...locks, ...counters], 'ETIMEDOUT, 0 handled', 5],
  ],
  neither: [
    [[...sleeps, ...polls, 'timerfd'], 'time over, 0 handled', 5],
    [['sigtimedwait'], 'EAGAIN, 0 handled', 5],
    [[...locks, ...counters], 'ETIMEDOUT, 0 handled', 5],
  ],
}

async function outcomes(time: Time, event: Event, ways: string[]): Promise<string[]> {
  const program = [host('waits'), '/dev/uio0', String(unitMs[time]), event, ...ways]
  const { status, stdout, stderr } = await runHost(makeScratch(), config, program, { flags: ['--time', time] })
  expect(status, stderr).toBe(0)
  return stdout.trimEnd().split('\n')
}

/** Each way, what ended it, and the device's time in units, begun ones where the machine may have a share in them. */
function toTable(lines: string[], time: Time): [string, string, number][] {
  return lines.map((line) => {
    const [, way = '', ended = '', ms] = /^(.*?): (.*), (\d+) ms$/.exec(line) ?? []
    const units = Number(ms) / unitMs[time]
    return [way, ended, time === 'real' && untilTimes.has(way) ? Math.ceil(units) : units]
  })
}

it.each(['real', 'virtual'] as const)('the device has the time that the request says, by %s time', async (time) => {
  const events = ['timer', 'interrupt', 'neither'] as const
  const checks = events.map(async (event) => {
    const rows = expectations[event].flatMap(([ways, ended, units]) => ways.map((way) => [way, ended, units] as const))
    const lines = await outcomes(
      time,
      event,
      rows.map(([way]) => way),
    )
    return { event, told: toTable(lines, time), rows }
  })
  for (const { event, told, rows } of await Promise.all(checks)) expect([event, told]).toEqual([event, rows])
})

it('with virtual time a timer ends what libc leaves to the kernel, too, and starts threads', async () => {
  expect(await outcomes('virtual', 'timer', ['wait for a child'])).toEqual(['wait for a child: EINTR, 1 handled, 3 ms'])
  expect(await outcomes('virtual', 'neither', ['thread of a timer'])).toEqual([
    'thread of a timer: time over, 0 handled, 3 ms',
  ])
})

it.each([
  ['real', 0.5],
  ['virtual', 0.02],
] as const)(
  'who waits for a child that waits in vain is not stuck while a timer may end it, by %s time',
  async (time, seconds) => {
    const script = `
import os, signal
child = os.fork()
if child == 0:
    os.read(os.open('/dev/uio0', os.O_RDWR), 4)
def end(*_): raise TimeoutError
signal.signal(signal.SIGALRM, end)
signal.setitimer(signal.ITIMER_REAL, ${seconds})
try:
    os.wait()
except TimeoutError:
    os.kill(child, signal.SIGKILL)
    print('the child took too long')
`
    // A fraction of the time that the timer takes.
    const soon: TraplineConfig = { ...config, maxIdleCycles: 1000 }
    const { status, stdout, stderr } = await runHost(makeScratch(), soon, ['python3', '-c', script], {
      flags: ['--time', time],
    })
    expect([status, stdout], stderr).toEqual([0, 'the child took too long\n'])
  },
)

/** Reads the device's count between sleeps of a millisecond and work of several, beside a thread that sleeps. */
describe('a thread that works while another sleeps', () => {
  /** By real clocks a thread goes on by itself if the device is quicker than they are, and nobody waits for it. */
  const cyclesOfMs = { real: 100_000, virtual: 1_000 }
  const counts = async (time: Time, cpus: string) => {
    const config = configOf(1e9 / cyclesOfMs[time])
    const program = ['taskset', '-c', cpus, host('work_beside'), '/dev/uio0']
    const { status, stdout, stderr } = await runHost(makeScratch(), config, program, { flags: ['--time', time] })
    expect(status, stderr).toBe(0)
    return stdout
  }

  it.each(['real', 'virtual'] as const)('sees the same time on any machine, by %s time', async (time) => {
    const first = await counts(time, '0')
    // Ten sleeps of a millisecond each, and what ten accesses take.
    const cycles = first.trim().split(' ').map(Number)
    const steps = cycles.slice(1).map((cycle, i) => cycle - (cycles[i] ?? 0))
    for (const step of steps) expect([step > cyclesOfMs[time], step < cyclesOfMs[time] + 20]).toEqual([true, true])
    burnProcessors()
    for (const cpus of ['0', `0-${availableParallelism() - 1}`]) expect(await counts(time, cpus)).toBe(first)
  })

  it('holds time for no longer than a while, lest it waits for the other', async () => {
    const script = `
import os, threading, time
os.open('/dev/uio0', os.O_RDWR)
done = threading.Event()
threading.Thread(target=lambda: (time.sleep(0.01), done.set())).start()
while not done.is_set(): pass
print('done')
`
    const { stdout, stderr } = await runHost(makeScratch(), config, ['python3', '-c', script], {
      flags: ['--time', 'virtual'],
    })
    expect(stdout, stderr).toBe('done\n')
  })
})

it.each(['real', 'virtual'] as const)(
  'a program that has come to no device holds time too, by %s time',
  async (time) => {
    const worker = `
import os, time
print(flush=True)
began = time.thread_time()
while time.thread_time() < began + 0.03: pass
open('done', 'w')`
    const script = `
import os, subprocess, sys, time
device = os.open('/dev/uio0', os.O_RDWR)
worker = subprocess.Popen([sys.executable, '-S', '-c', sys.argv[1]], stdout=subprocess.PIPE)
worker.stdout.readline()
time.sleep(0.001)
print('done' if os.path.exists('done') else 'slept past a program that works')
worker.wait()
`
    const cwd = makeScratch().path
    const { stdout, stderr } = await runHost(makeScratch(), config, ['python3', '-c', script, worker], {
      flags: ['--time', time],
      cwd,
    })
    expect(stdout, stderr).toBe('done\n')
  },
)

it('a sleep moves only models that somebody uses', async () => {
  const other = { top: 'axil_timer', sources: [sampleRtl('axil_timer')] }
  const several: TraplineConfig = {
    models: { ...config.models, other },
    devices: { ...config.devices, timer1: { kind: 'uio', index: 1, model: 'other', maps: [{ size: 0x1000 }] } },
  }
  const scratch = makeScratch()
  const report = join(scratch.path, 'report.json')
  const program = ['sh', '-c', 'exec 3<>/dev/uio0; exec sleep 0.1']
  const { status, stderr } = await runHost(scratch, several, program, { flags: ['--report', report] })
  expect(status, stderr).toBe(0)
  const { models } = JSON.parse(readFileSync(report, 'utf8')) as { models: { name: string; cycles: string }[] }
  const cycles = Object.fromEntries(models.map((model) => [model.name, Number(model.cycles)]))
  expect(cycles.timer).toBeGreaterThanOrEqual(100_000)
  expect(cycles.other).toBeLessThan(1000)
})
