/**
 * What a run left behind: every process of it inherits a mark with its private TMPDIR, and every folder of it is made
 * there.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

export interface RunProcess {
  pid: number
  /** Empty if it can't be read any more. */
  executable: string
  command: string
}

/** Of a run's environment; its tools have a TMPDIR of their own. */
export const runMark = 'TEST_OF_TRAPLINE'

export function processesOf(temporary: string): RunProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => hasMark(readProc(pid, 'environ').split('\0'), temporary))
    .map((pid) => ({
      pid: Number(pid),
      executable: readExecutable(pid),
      command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim(),
    }))
}

function hasMark(environment: string[], temporary: string): boolean {
  return [runMark, 'TMPDIR'].some((name) => environment.includes(`${name}=${temporary}`))
}

/** A process that was listed may have ended by itself before it is signalled. */
export function signalUnlessGone(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** One line each, empty if nothing is left. */
export function leftoversOf(temporary: string): string[] {
  const processes = processesOf(temporary).map(({ pid, command }) => `process ${pid}: ${command}`)
  return [...processes, ...readdirSync(temporary).map((name) => join(temporary, name))]
}

/** Clock ticks of processor time that a process has used (proc_pid_stat(5), fields 14 and 15). */
export function processorTicks(pid: number): number {
  const fields = readProc(String(pid), 'stat')
    .replace(/^.*\) /, '')
    .split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}

function readExecutable(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}
