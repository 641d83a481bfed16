/**
 * How long a process gets to end. On a busy machine one that has hardly been given a processor has had no time at all:
 * it goes on getting some while it could run (proc_pid_stat(5), state R) and has not used half of it, up to ten times
 * as long.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const lookMs = 50
const most = 10
/** USER_HZ, which is 100 on every Linux that Node runs on. */
const msPerTick = 10

/** False if it has not ended in time. Without a pid nobody knows what it was given. */
export async function endsWithin(ended: Promise<unknown>, ms: number, pid?: number): Promise<boolean> {
  const before = lookAt(pid)?.processorMs ?? 0
  if (await race(ended, ms)) return true
  for (let waited = ms; waited < most * ms && isStarved(pid, before + ms / 2); waited += lookMs)
    if (await race(ended, lookMs)) return true
  return false
}

function race(ended: Promise<unknown>, ms: number): Promise<boolean> {
  return Promise.race([ended.then(() => true), delay(ms, false, { ref: false })])
}

function isStarved(pid: number | undefined, enoughMs: number): boolean {
  const now = lookAt(pid)
  return now !== undefined && now.isRunnable && now.processorMs < enoughMs
}

/** Its state, and the time that it has run; undefined if it can't be looked at. */
function lookAt(pid: number | undefined): { isRunnable: boolean; processorMs: number } | undefined {
  try {
    const text = pid === undefined ? '' : readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [user, system] = fields.slice(10, 12)
    return text ? { isRunnable: state === 'R', processorMs: msPerTick * (Number(user) + Number(system)) } : undefined
  } catch {
    return undefined
  }
}
