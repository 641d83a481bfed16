/**
 * Who works: a thread of a host that computes, or is about to. While one does, simulated time stands still for those
 * that wait, so that what they see doesn't depend on how fast the machine is.
 *
 * The kernel tells (proc(5)): all threads are looked at twice. Who was asleep both times and never ran in between has
 * slept all the while, so there was a moment at which all did; and whoever sleeps has nobody to wake him but us.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import type { Process } from './waiting.js'

/** A thread that works. */
export interface Worker extends Process {
  tid: string
}

/** Threads that are known to sleep. */
export interface Sleeping {
  alone: ReadonlySet<string>
  own: ReadonlySet<string>
}

/**
 * Processor time for which a thread may compute while others wait. One that takes more is thought to wait for them in a
 * loop of its own. Processor time, since a busy machine must not change what a program sees.
 */
const longestWorkNs = 50_000_000n

export class ThreadsAtWork {
  /** Processor time of a thread when it was first found at work, and whether it has had all that it may. */
  readonly #since = new Map<string, { runNs: bigint; isSpent: boolean }>()

  /** `processes` gives those that have checked in, or wait, and are still there. */
  constructor(private readonly processes: () => Process[]) {}

  /** The thread has said that it waits: what it does next is new work. */
  noteWait(tid: string): void {
    this.#since.delete(tid)
  }

  /** Time has passed by what those at work do: they don't wait in vain for it. */
  noteProgress(): void {
    for (const [tid, { isSpent }] of this.#since) if (!isSpent) this.#since.delete(tid)
  }

  /**
   * Anyone who works. `alone` have said that only we can wake them, or a signal; `own` belong to agents. With
   * `patience` for ever, a thread may work as long as it likes.
   */
  find({ alone, own }: Sleeping, patience: 'limited' | 'for ever'): Worker | undefined {
    const others = this.processes().flatMap((process) =>
      threadsOf(process).flatMap((tid) => (own.has(tid) ? [] : [{ ...process, tid }])),
    )
    // Nobody is there to send a signal.
    if (own.size === 0 && others.every(({ tid }) => alone.has(tid))) return undefined
    const before = new Map(others.map((thread) => [thread.tid, look(thread)]))
    const stillRuns = (thread: Worker) => {
      const now = look(thread)
      return now !== undefined && (now.runs || now.run !== before.get(thread.tid)?.run)
    }
    return others.find(
      (thread) =>
        this.#counts(thread, before.get(thread.tid)?.runs ?? false, patience) ||
        this.#counts(thread, stillRuns(thread), patience),
    )
  }

  #counts({ pid, tid }: Worker, works: boolean, patience: string): boolean {
    if (!works) return false
    if (patience === 'for ever') return true
    const runNs = look({ pid, tid })?.runNs ?? 0n
    const known = this.#since.get(tid)
    if (!known) this.#since.set(tid, { runNs, isSpent: false })
    else known.isSpent ||= runNs - known.runNs > longestWorkNs
    return !known?.isSpent
  }
}

/**
 * None if the process can't be looked at: it has ended, or lives in another pid namespace or on another machine. One
 * that has not checked in yet, a child before its first access, is known by its number only.
 */
function threadsOf({ pid, exe, isLocal }: Process): string[] {
  if (!isLocal) return []
  try {
    if (exe && basename(readlinkSync(`/proc/${pid}/exe`)) !== basename(exe)) return []
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

interface Thread {
  /** Or is about to. */
  runs: boolean
  runNs: bigint
  /** Differs whenever it has run. */
  run: string
}

/**
 * The state comes behind the name in brackets; schedstat has nanoseconds on a processor, and how often it was put on
 * one.
 */
function look({ pid, tid }: Pick<Worker, 'pid' | 'tid'>): Thread | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1')
    const run = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'latin1')
    const runs = isAtWork(stat, () => readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'latin1'))
    return { runs, runNs: BigInt(run.split(' ')[0] ?? 0), run }
  } catch {
    return undefined
  }
}

/** vfork, clone, clone3: until the child calls exec or ends, no signal wakes its parent (x86-64's syscall_64.tbl). */
const startsOfChildren = ['58', '56', '435']

/**
 * By the state in proc_pid_stat(5), and the number of the system call that the thread is in (proc_pid_syscall(5)). One
 * that no signal wakes waits for a disk, say for a page of its program, and goes on by itself: it is about to run. So
 * does not one that waits for its child, which may wait for us.
 */
export function isAtWork(stat: string, readCall: () => string): boolean {
  const state = /\) (\w) [^)]*$/.exec(stat)?.[1]
  if (state !== 'D') return state === 'R'
  try {
    return !startsOfChildren.includes(readCall().split(' ')[0] ?? '')
  } catch {
    // Then nobody knows, and time must not stand still for ever.
    return false
  }
}
