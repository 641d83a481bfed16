/**
 * Notices that a process has been stopped (SIGSTOP) and stays so. A slow process is never taken for one: it is the
 * kernel that says so (proc_pid_stat(5), state T; a debugger's is t). Seconds in which we were stopped ourselves don't
 * count.
 */
import { readFileSync } from 'node:fs'

/** How long a process may be stopped, in seconds that we see. */
export const stopLimitSeconds = 5
const checkMs = 1_000

/** Calls `onStopped` once, when the process has been stopped for too long. Returns how to look no more. */
export function watchStopped(pid: () => number | undefined, onStopped: () => void): () => void {
  let seen = 0
  const timer = setInterval(() => {
    seen = isStopped(pid()) ? seen + 1 : 0
    if (seen < stopLimitSeconds) return
    clearInterval(timer)
    onStopped()
  }, checkMs)
  timer.unref()
  return () => clearInterval(timer)
}

function isStopped(pid: number | undefined): boolean {
  try {
    return pid !== undefined && /^.*\) T /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** For whoever is blamed. */
export const stoppedWords = `was stopped and did not go on within ${stopLimitSeconds} s`
