/** The line that tells slow from stuck: when it comes, and what it says. The clock is the test's own. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Heartbeat, type HeartbeatSources } from '../../../bridge/access/heartbeat.js'
import type { PendingAccess } from '../../../bridge/access/session.js'
import { encodeAccess } from '../../../bridge/wire/wire.js'
import type { Log } from '../../../bridge/ground/log.js'
import type { RunningModel } from '../../../bridge/model/running-model.js'

const lines: string[] = []
const log = { info: (line: string) => lines.push(line) } as unknown as Log
let heartbeat: Heartbeat | undefined

beforeEach(() => {
  lines.length = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
})

afterEach(() => {
  heartbeat?.stop()
  vi.useRealTimers()
})

function start(sources: Partial<HeartbeatSources>): void {
  const silent: HeartbeatSources = {
    isHosting: () => true,
    lastActivityMs: () => 0,
    oldestPending: () => undefined,
    models: () => [],
    reason: () => 'nobody waits',
  }
  heartbeat = new Heartbeat(log, { ...silent, ...sources })
}

const pending = {
  access: encodeAccess({ seq: 1n, device: 1, operation: 'read', offset: 0x10n, widthBytes: 4 }),
  device: { name: 'dut' },
  startedAtMs: 0,
} as unknown as PendingAccess

it('a line after ten silent seconds, and after every further ten', () => {
  start({})
  vi.advanceTimersByTime(9_000)
  expect(lines).toEqual([])
  vi.advanceTimersByTime(21_000)
  expect(lines).toEqual([10, 20, 30].map((seconds) => `no access for ${seconds} s; nobody waits`))
})

it('names the access that hangs, simulated time, cycles per second, and what DMA waits for', () => {
  let cycle = 0n
  const model = {
    name: 'dut',
    get progress() {
      cycle += 5_000n
      return { cycle, timePs: cycle * 10_000n, dmaWaits: ['port m_axi: write data waits'] }
    },
  } as unknown as RunningModel
  start({ oldestPending: () => pending, models: () => [model] })
  vi.advanceTimersByTime(20_000)
  expect(lines[0]).toMatch(
    /^waiting for read of 4 bytes at dut\+0x10 since 10 s; dut at cycle 5000 \(50 us\), port m_axi: write data waits$/,
  )
  expect(lines[1]).toMatch(
    /^waiting for .* since 20 s; dut at cycle 10000 \(100 us\), 500 cycles\/s, port m_axi: write data waits$/,
  )
})

it('says where time stands still, and why', () => {
  const reason = () => 'time stands still while driver (tid 7) works; driver (tid 8) sleeps 1 s'
  start({ models: () => [{ name: 'dut', progress: undefined } as unknown as RunningModel], reason })
  vi.advanceTimersByTime(10_000)
  expect(lines).toEqual([`no access for 10 s; ${reason()}; dut: time stands still`])
})

it.each([
  ['while accesses come', { lastActivityMs: () => performance.now() }],
  ['while there is no host', { isHosting: () => false }],
])('keeps silent %s', (_when, sources) => {
  start(sources)
  vi.advanceTimersByTime(60_000)
  expect(lines).toEqual([])
})

it('keeps silent once stopped', () => {
  start({})
  heartbeat?.stop()
  vi.advanceTimersByTime(60_000)
  expect(lines).toEqual([])
})
