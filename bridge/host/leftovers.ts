/**
 * Ends what a host leaves behind and no keeper knows: processes that still carry the run's name in their environment.
 * Only processes of this run can have it, for the run directory's name is random.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { runVariable } from '../run/layout.js'

const longestName = 128

/** Kills every process of the run but ourselves. Returns what each of them was: `sleep 99 (pid 12)`. */
export function killLeftovers(runDirectory: string): string[] {
  const mark = `${runVariable}=${runDirectory}`
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.filter((pid) => hasMark(pid, mark)).flatMap(kill)
}

function hasMark(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark)
  } catch {
    return false
  }
}

function kill(pid: string): string[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll(/\p{Cc}+/gu, ' ')
    process.kill(Number(pid), 'SIGKILL')
    return [`${command.trim().slice(0, longestName)} (pid ${pid})`]
  } catch {
    return []
  }
}
