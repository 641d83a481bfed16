/**
 * Ends what a host leaves behind and no keeper knows: processes that still carry the run's name in their environment.
 * Only processes of this run can have it, for the run directory's name is random.
 */
import { readFileSync } from 'node:fs'
import { markedProcesses } from '../ground/processes.js'
import { runVariable } from '../run/layout.js'

const longestName = 128

/** Kills every process of the run but ourselves. Returns what each of them was: `sleep 99 (pid 12)`. */
export function killLeftovers(runDirectory: string): string[] {
  return markedProcesses(`${runVariable}=${runDirectory}`).flatMap(kill)
}

function kill(pid: number): string[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll(/\p{Cc}+/gu, ' ')
    process.kill(pid, 'SIGKILL')
    return [`${command.trim().slice(0, longestName)} (pid ${pid})`]
  } catch {
    return []
  }
}
