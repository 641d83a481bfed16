/** Why simulated time stands still or runs, in words: who works, and who waits for what. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { toTime } from '../ground/format.js'
import type { Worker } from './threads-at-work.js'
import { isLocalPid, type Process, type Sleeper, type Waiter } from './waiting.js'

export interface Reasons {
  /** Keeps time from running. */
  holder: Worker | undefined
  waiters: Waiter[]
  sleepers: Sleeper[]
  /** Processes with a timer armed that somebody waits for. */
  timers: number[]
  /** Whether nothing can come any more. */
  isGivenUp: boolean
  /** That have checked in. */
  processes: Process[]
}

/** So many are named. */
const mostNamed = 3
const psPerNs = 1000n

export function toReason({ holder, waiters, sleepers, timers, isGivenUp, processes }: Reasons): string {
  const nameOf = (pid: number, exe?: string) => toName(pid, exe, processes)
  const waits = [
    ...waiters.map((waiter) => toWaitWords(nameOf(waiter.pid), waiter)),
    ...sleepers.map((sleeper) => toSleepWords(nameOf(sleeper.pid), sleeper)),
    ...timers.map((pid) => `${nameOf(pid)} has a timer armed`),
  ]
  if (waits.length === 0) return 'nobody waits for a device, so time runs during accesses only'
  const more = waits.length > mostNamed ? ` and ${waits.length - mostNamed} more` : ''
  const named = waits.slice(0, mostNamed).join(', ') + more
  if (isGivenUp) return `${named}; nothing can come any more`
  if (holder) return `time stands still while ${nameOf(holder.pid, holder.exe)} (tid ${holder.tid}) works; ${named}`
  return `time runs: ${named}`
}

function toWaitWords(name: string, { tid, device, timeoutNs }: Waiter): string {
  const limit = timeoutNs > 0n ? ' or something else' : ''
  return `${name} (tid ${tid}) waits for an interrupt of ${device}${limit}`
}

function toSleepWords(name: string, { tid, durationNs, untilInterrupt, endsOtherwise, polling }: Sleeper): string {
  if (polling) return `${name} (tid ${tid}) polls ${polling.place}`
  const time = toTime(durationNs * psPerNs)
  const what = untilInterrupt ? 'an interrupt' : 'others'
  const words = untilInterrupt || endsOtherwise ? `waits ${time} for ${what}` : `sleeps ${time}`
  return `${name} (tid ${tid}) ${words}`
}

/** What is not of our namespace is known by what it said of itself. */
function toName(pid: number, exe = '', processes: Process[]): string {
  if (exe) return basename(exe)
  try {
    if (isLocalPid(pid, processes)) return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
  } catch {
    // It has ended.
  }
  const known = processes.findLast((process) => process.pid === pid)?.exe
  return known ? basename(known) : `process ${pid}`
}
