/** Why simulated time stands still or runs, in words: who works, and who waits for what. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { toTime } from '../format.js'
import type { Worker } from './threads-at-work.js'
import type { Sleeper, Waiter } from './waiting.js'

export interface Reasons {
  /** Keeps time from running. */
  holder: Worker | undefined
  waiters: Waiter[]
  sleepers: Sleeper[]
  /** Processes with a timer armed that somebody waits for. */
  timers: number[]
  /** Nothing can come any more. */
  isGivenUp: boolean
}

/** So many are named. */
const mostNamed = 3
const psPerNs = 1000n

export function toReason({ holder, waiters, sleepers, timers, isGivenUp }: Reasons): string {
  const waits = [...waiters.map(toWaitWords), ...sleepers.map(toSleepWords), ...timers.map(toTimerWords)]
  if (waits.length === 0) return 'nobody waits for a device, so time runs during accesses only'
  const more = waits.length > mostNamed ? ` and ${waits.length - mostNamed} more` : ''
  const named = waits.slice(0, mostNamed).join(', ') + more
  if (isGivenUp) return `${named}; nothing can come any more`
  if (holder) return `time stands still while ${nameOf(holder.pid, holder.exe)} (tid ${holder.tid}) works; ${named}`
  return `time runs: ${named}`
}

function toWaitWords({ pid, tid, device, timeoutNs }: Waiter): string {
  const limit = timeoutNs > 0n ? ' or something else' : ''
  return `${nameOf(pid)} (tid ${tid}) waits for an interrupt of ${device}${limit}`
}

function toSleepWords({ pid, tid, durationNs, untilInterrupt, endsOtherwise, polling }: Sleeper): string {
  if (polling) return `${nameOf(pid)} (tid ${tid}) polls ${polling.place}`
  const time = toTime(durationNs * psPerNs)
  const what = untilInterrupt ? 'an interrupt' : 'others'
  const words = untilInterrupt || endsOtherwise ? `waits ${time} for ${what}` : `sleeps ${time}`
  return `${nameOf(pid)} (tid ${tid}) ${words}`
}

function toTimerWords(pid: number): string {
  return `${nameOf(pid)} has a timer armed`
}

function nameOf(pid: number, exe = ''): string {
  if (exe) return basename(exe)
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    return `process ${pid}`
  }
}
