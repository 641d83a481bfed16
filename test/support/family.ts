/** The processes of a run by their parts, found from above: by who is whose parent, whatever they call themselves. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

export type Part = 'launcher' | 'reaper' | 'deputy' | 'keeper' | 'host' | 'model' | 'tool keeper' | 'tool'

export interface Member {
  pid: number
  part: Part | undefined
  /** As it calls itself. */
  command: string
}

/** All that are below a process. */
export function familyOf(ancestor: number): Member[] {
  const look = (pid: number, parent: Part | undefined): Member[] => {
    const command = readProc(pid, 'cmdline').replaceAll('\0', ' ').trim()
    const part = isStandIn(command) ? undefined : toPart(executableOf(pid), parent)
    const below = childrenOf(pid).flatMap((child) => look(child, part ?? parent))
    return [{ pid, part, command }, ...below]
  }
  return childrenOf(ancestor).flatMap((child) => look(child, undefined))
}

/** Throws while not all of them are there. */
export function findParts(ancestor: number, parts: Part[]): number[] {
  const family = familyOf(ancestor)
  return parts.map((part) => {
    const found = family.findLast((member) => member.part === part)
    if (!found) throw new Error(`there is no ${part} yet`)
    return found.pid
  })
}

function toPart(executable: string, parent: Part | undefined): Part | undefined {
  if (executable === process.execPath) return 'launcher'
  const name = basename(executable)
  if (name === 'trapline-reaper' && parent === 'launcher') return 'reaper'
  if (name === 'trapline-reaper' && parent === 'reaper') return 'deputy'
  if (name === 'trapline-keeper') return 'keeper'
  if (name === 'trapline-tool-keeper') return 'tool keeper'
  if (name === 'model') return 'model'
  if (parent === 'keeper' || parent === 'host') return 'host'
  return parent === 'tool keeper' || parent === 'tool' ? 'tool' : undefined
}

/** The child that the launcher has in the place of a model (trap/reaper/stand_in.h). */
function isStandIn(command: string): boolean {
  return command.includes('trapline-reaper keep ')
}

/** Children are listed for each thread that made them (proc_tid_children(5)). */
function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    return tasks.flatMap((task) => readProc(pid, `task/${task}/children`).split(' ').filter(Boolean).map(Number))
  } catch {
    return []
  }
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1')
  } catch {
    return ''
  }
}

function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}
