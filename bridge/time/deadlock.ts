/**
 * Tells waiting from waiting in vain: every process waits for an interrupt for ever, or for its own threads and
 * children, and the models have run for a long time without one. Whoever may still be woken from outside (a pipe, a
 * socket, a timeout, a timer that is armed) is not stuck.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { toCount } from '../ground/format.js'
import { isLocalPid, type Process, type Waiter } from './waiting.js'

export interface DeadlockSettings {
  /** How many cycles of the fastest model pass while nobody does anything. */
  maxIdleCycles: number
  /** The processes that have checked in and are still there. */
  processes(): Process[]
  /** Whether a timer of the process may still expire. */
  isArmed(pid: number): boolean
  /** Threads of agents, which are no part of a program. */
  ownThreads(): string[]
  /** How many accesses there have been. */
  accesses(): number
  /** The model behind a stream device; undefined if the device is none. */
  streamModelOf(device: string): string | undefined
  /** Which line of which model a device waits for. */
  interruptOf(device: string): { line: string; model: string }
  onDeadlock(sentence: string): void
}

/** Numbers of system calls in which a thread can only be woken by its own process or by a child (x86-64). */
const futex = 202
const inwardCalls = new Set([futex, 61 /* wait4 */, 247 /* waitid */, 34 /* pause */, 130 /* rt_sigsuspend */])

export class DeadlockWatch {
  #idleCycles = 0n
  #accesses = 0
  /** Processes that could be looked at. */
  readonly #seen = new Set<number>()

  constructor(private readonly settings: DeadlockSettings) {}

  /** Time ran for that many cycles with nobody but those waiters. False if nothing can come any more. */
  mayWaitOn(cycles: bigint, waiters: Waiter[]): boolean {
    const { maxIdleCycles, processes, accesses } = this.settings
    if (accesses() !== this.#accesses) this.noteEvent()
    this.#accesses = accesses()
    this.#idleCycles += cycles
    if (this.#idleCycles < BigInt(maxIdleCycles)) return true
    const threads = new Set([...waiters.map(({ tid }) => tid), ...this.settings.ownThreads()])
    const pids = new Set([...processes(), ...waiters].map(({ pid }) => pid))
    if (![...pids].every((pid) => this.#isStuck(pid, threads))) return true
    const sentences = waiters.map((waiter) => this.#describe(waiter))
    this.settings.onDeadlock(`deadlock: ${sentences.join('; ')}`)
    return false
  }

  /** Something has come after all. */
  noteEvent(): void {
    this.#idleCycles = 0n
  }

  /**
   * A process that can't be looked at (another pid namespace) is taken to be stuck: its threads wait, as we are told.
   * One that could be and is gone has just ended, and its news are on their way; so are those of a thread that waits,
   * as we are told, and yet runs.
   */
  #isStuck(pid: number, waiting: ReadonlySet<string>): boolean {
    if (this.settings.isArmed(pid)) return false
    if (!isLocalPid(pid, this.settings.processes())) return true
    try {
      const threads = readdirSync(`/proc/${pid}/task`)
      this.#seen.add(pid)
      return threads.every((tid) => (waiting.has(tid) ? !runs(pid, tid) : waitsInward(pid, tid)))
    } catch {
      return !this.#seen.has(pid)
    }
  }

  /** The name of a process, which may wait without ever having checked in: a child, before its first access. */
  #nameOf(pid: number): string {
    try {
      if (isLocalPid(pid, this.settings.processes())) return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
    } catch {
      // It has ended.
    }
    return 'a process'
  }

  #describe({ pid, tid, device, polls }: Waiter): string {
    const exe = this.settings.processes().findLast((process) => process.pid === pid)?.exe ?? this.#nameOf(pid)
    const cycles = toCount(this.#idleCycles, 'cycle', 'cycles')
    const who = `${basename(exe)} (pid ${pid}, tid ${tid})`
    if (polls !== undefined)
      return (
        `${who} polls ${device}+0x${polls.toString(16)} in its memory; the models ran ${cycles} without ` +
        `writing there`
      )
    const streamModel = this.settings.streamModelOf(device)
    if (streamModel !== undefined)
      return `${who} waits for a packet from ${device}; model ${streamModel} ran ${cycles} without one`
    const { line, model } = this.settings.interruptOf(device)
    return `${who} waits for interrupt ${line} of ${device}; ` + `model ${model} ran ${cycles} without one`
  }
}

/** The state in `/proc/PID/task/TID/stat` comes behind the name in brackets (proc(5)); running, or about to. */
function runs(pid: number, tid: string): boolean {
  return readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1').includes(') R ')
}

/** `/proc/PID/task/TID/syscall`: number and arguments, or `running` (proc(5)). */
function waitsInward(pid: number, tid: string): boolean {
  try {
    const [call, , , , timeout] = readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'latin1').split(' ')
    return inwardCalls.has(Number(call)) && (Number(call) !== futex || Number(timeout) === 0)
  } catch {
    return false
  }
}
