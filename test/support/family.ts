/** The processes of a run by their parts, found from above: by who is whose parent, whatever they call themselves. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

export type Part = 'launcher' | 'reaper' | 'deputy' | 'keeper' | 'model'

/** Throws while not all of them are there. */
export function findParts(ancestor: number, parts: Part[]): number[] {
  const found = new Map<Part, number>()
  const look = (pid: number, parent: string) => {
    const part = isStandIn(pid) ? undefined : toPart(executableOf(pid), parent)
    if (part) found.set(part, pid)
    for (const child of childrenOf(pid)) look(child, part ?? parent)
  }
  look(ancestor, '')
  return parts.map((part) => {
    const pid = found.get(part)
    if (pid === undefined) throw new Error(`there is no ${part} yet`)
    return pid
  })
}

function toPart(executable: string, parent: string): Part | undefined {
  if (executable === process.execPath) return 'launcher'
  const name = basename(executable)
  if (name === 'trapline-reaper' && parent === 'launcher') return 'reaper'
  if (name === 'trapline-reaper' && parent === 'reaper') return 'deputy'
  if (name === 'trapline-keeper') return 'keeper'
  return name === 'model' ? 'model' : undefined
}

/** The child that the launcher has in the place of a model (trap/reaper/stand_in.h). */
function isStandIn(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('trapline-reaper\0keep\0')
  } catch {
    return false
  }
}

function childrenOf(pid: number): number[] {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const lists = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1'))
    return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
  } catch {
    return []
  }
}

function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`)
  } catch {
    return ''
  }
}
