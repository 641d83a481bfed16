/** Processes that may end by themselves at any moment, and how those are found that carry a mark of ours. */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { log } from './log.js'
import { processesMarked } from './outlet.js'

/** Of these it has been said already. */
const foreign = new Set<number>()

/**
 * To a group, by its number's opposite. Nothing happens if it has ended, or was never there; one that may not be
 * signalled, as a setuid program, is told of once.
 */
export function signalIfThere(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal)
  } catch (error) {
    if (pid === undefined || (error as NodeJS.ErrnoException).code !== 'EPERM' || foreign.has(pid)) return
    foreign.add(pid)
    const what = pid < 0 ? `process group ${-pid}` : `process ${pid}`
    log.warn(`${what} belongs to another user, so that it can't be sent ${signal}: it goes on; end it there`)
  }
}

const lookMs = 2

/**
 * Resolves when a process that ends has ended, all its threads with it: its files are closed before its children are
 * somebody else's (do_exit(), kernel/exit.c), so whoever was told of its end by a file may come too soon for those.
 * @param name as the kernel has it (proc_pid_comm(5)), for its number may be another one's by now
 */
export async function untilEnded(pid: number | undefined, name: string): Promise<void> {
  while (pid !== undefined && isEnding(pid, name)) await delay(lookMs)
}

/** A zombie has no children any more, unless other threads of it have. */
function isEnding(pid: number, name: string): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const isZombie = /^.*\) [ZX] /s.test(text)
    return text.startsWith(`${pid} (${name}) `) && (!isZombie || readdirSync(`/proc/${pid}/task`).length > 1)
  } catch {
    return false
  }
}

/**
 * All but ourselves that were started with `mark`, a `NAME=value`, in their environment, as far as they may be looked
 * at (proc_pid_environ(5)).
 */
export function markedProcesses(mark: string): number[] {
  const marked = processesMarked(mark) ?? readMarks(mark)
  return marked.filter((pid) => pid !== process.pid)
}

function readMarks(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && hasMark(name, mark))
    .map(Number)
}

function hasMark(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark)
  } catch {
    return false
  }
}
