/** Ends a tool and all that it has started: a driver that is ended alone leaves its compilers at work for seconds. */
import { readdirSync, readFileSync } from 'node:fs'

/**
 * SIGTERM for the process and its descendants: a compiler's driver then removes its temporary files. Each stands still
 * first, so that it starts none meanwhile.
 */
export function endTree(pid: number): void {
  send(pid, 'SIGSTOP')
  const children = childrenOf(pid)
  send(pid, 'SIGTERM')
  send(pid, 'SIGCONT')
  for (const child of children) endTree(child)
}

/** It may have ended by itself. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    return
  }
}

/** proc_pid_task_tid_children(5); none once it has ended. */
function childrenOf(pid: number): number[] {
  try {
    const texts = readdirSync(`/proc/${pid}/task`).map((tid) =>
      readFileSync(`/proc/${pid}/task/${tid}/children`, 'latin1'),
    )
    return texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number))
  } catch {
    return []
  }
}
