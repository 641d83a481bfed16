/**
 * Timers that hosts have armed, as each process tells of its own: at which simulated time the next expires, and until
 * when one may expire by real clocks. With virtual time a thread of each agent waits for the former.
 */
import type { Timers } from '../wire/notices.js'

/** The next expiry of a process, and the thread of its agent that waits for it. */
interface ArmedTimer {
  pid: number
  deadlinePs: bigint
  realUntilMs: number
  tid?: string
  wake?: () => void
}

const nsPerMs = 1e6
/** A process tells before it asks the kernel, and may be kept from that for a while by a busy machine. */
const latenessMs = 5_000
const never = 0n
/** All ones stand for timers that go on as long as the process lives. */
const repeats = (1n << 64n) - 1n

function toUntilMs(realNs: bigint): number {
  if (realNs === never) return 0
  return realNs === repeats ? Infinity : performance.now() + Number(realNs) / nsPerMs + latenessMs
}

export class HostTimers {
  readonly #entries = new Map<number, ArmedTimer>()

  set({ pid, nextPs, realNs }: Timers): void {
    const entry = this.#of(pid)
    entry.deadlinePs = nextPs
    entry.realUntilMs = toUntilMs(realNs)
  }

  /** A thread of that process waits for its next expiry. Returns how to stop. */
  wait(pid: number, tid: string, wake: () => void): () => void {
    const entry = this.#of(pid)
    Object.assign(entry, { tid, wake })
    return () => {
      if (entry.wake === wake) delete entry.wake
    }
  }

  /** Whether a signal may still come to that process. */
  isArmed(pid: number): boolean {
    const entry = this.#entries.get(pid)
    return entry !== undefined && (entry.deadlinePs > never || entry.realUntilMs > performance.now())
  }

  /** Expiries that somebody waits for. */
  get deadlines(): bigint[] {
    return this.#waiting.map(({ deadlinePs }) => deadlinePs)
  }

  /** Threads of agents, which are no part of the program. */
  get tids(): string[] {
    return [...this.#entries.values()].flatMap(({ tid }) => tid ?? [])
  }

  /** The threads of them that wait. */
  get waitingTids(): string[] {
    return [...this.#entries.values()].flatMap(({ tid, wake }) => (wake && tid) || [])
  }

  /** Processes whose expiries let time run. */
  get pids(): number[] {
    return this.#waiting.map(({ pid }) => pid)
  }

  /** @param looker a process that is about to be told the time, and expires its own timers by that */
  wakeDue(nowPs: bigint, looker?: number): void {
    for (const entry of this.#waiting) {
      if (entry.deadlinePs > nowPs || entry.pid === looker) continue
      entry.wake?.()
      delete entry.wake
    }
  }

  get #waiting(): ArmedTimer[] {
    return [...this.#entries.values()].filter(({ deadlinePs, wake }) => wake && deadlinePs > never)
  }

  #of(pid: number): ArmedTimer {
    const known = this.#entries.get(pid) ?? { pid, deadlinePs: never, realUntilMs: 0 }
    this.#entries.set(pid, known)
    return known
  }
}
