/**
 * How long a process gets to end: time in which it could not have gone on, and time of a processor that it was given.
 * Waiting for a processor is no time of its own, so a busy machine makes no good run red. Whoever waits for it, as
 * `trapline.simulate` does for a simulator, has to end as well: all of them are looked at.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const lookMs = 50
/** Of the time in which one waits for a disk, which the disk of a busy machine has not been working for it. */
const diskShare = 0.1
/** USER_HZ, which is 100 on every Linux that Node runs on. */
const msPerTick = 10
const mostAncestors = 16

/**
 * False if it has not ended in time. Without any pid nobody knows what it was given.
 * @param isOver looked at now and then: whether it need no longer be waited for
 */
export async function endsWithin(
  ended: Promise<unknown>,
  ms: number,
  family: number[] = [],
  isOver = () => false,
): Promise<boolean> {
  let before = lookAt(family)
  for (let spent = 0; spent < ms;) {
    if ((await race(ended, Math.min(lookMs, ms))) || isOver()) return true
    const now = lookAt(family)
    spent += costOf(now, now.processorMs - before.processorMs)
    before = now
  }
  return false
}

/** A process and its ancestors below ours, itself first. */
export function familyOf(pid: number | undefined): number[] {
  const family: number[] = []
  let next = pid
  while (next !== undefined && next > 1 && next !== process.pid && family.length < mostAncestors) {
    family.push(next)
    next = statOf(`/proc/${next}`)?.parent
  }
  return family
}

function race(ended: Promise<unknown>, ms: number): Promise<boolean> {
  return Promise.race([ended.then(() => true), delay(ms, false, { ref: false })])
}

/** Of one look, ms. */
function costOf({ isRunnable, isAtDisk }: FamilyState, givenMs: number): number {
  if (isRunnable) return Math.min(lookMs, Math.max(givenMs, 0))
  return isAtDisk ? lookMs * diskShare : lookMs
}

interface FamilyState {
  /** A thread of one of them could run, or does (proc_pid_stat(5), state R). */
  isRunnable: boolean
  /** One waits for a disk (state D). */
  isAtDisk: boolean
  /** Time that all of them together have run. */
  processorMs: number
}

function lookAt(family: number[]): FamilyState {
  const whole = family.flatMap((pid) => statOf(`/proc/${pid}`) ?? [])
  const threads = family.flatMap((pid) => threadsOf(pid)).flatMap((folder) => statOf(folder) ?? [])
  return {
    isRunnable: threads.some(({ state }) => state === 'R'),
    isAtDisk: threads.some(({ state }) => state === 'D'),
    processorMs: whole.reduce((sum, { processorMs }) => sum + processorMs, 0),
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`)
  } catch {
    return []
  }
}

interface Stat {
  state: string
  parent: number
  processorMs: number
}

/** Undefined if it can't be looked at. */
function statOf(folder: string): Stat | undefined {
  try {
    const text = readFileSync(`${folder}/stat`, 'latin1')
    const [state = '', parent, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [user, system] = fields.slice(9, 11)
    return { state, parent: Number(parent), processorMs: msPerTick * (Number(user) + Number(system)) }
  } catch {
    return undefined
  }
}
