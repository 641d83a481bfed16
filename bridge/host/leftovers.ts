/**
 * Ends what a host leaves behind: daemons and orphans that still carry the run's name in their environment.
 * Only processes of this run can have it, for the run directory's name is random.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Kills every process of the run but ourselves. Returns how many there were. */
export function killLeftovers(runDirectory: string): number {
  const mark = `TRAPLINE_RUN_DIR=${runDirectory}`
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.filter((pid) => hasMark(pid, mark) && kill(Number(pid))).length
}

function hasMark(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark)
  } catch {
    return false
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
