/**
 * Whose numbers pids are. A pid means a process only in its own namespace: of another container or machine it is
 * somebody else's here. Which one that is, is known by the kernel's word on both sides (pid_namespaces(7), random(4)).
 */
import { readFileSync, readlinkSync } from 'node:fs'

let own: string | undefined

/** Ours, as AttachRequest.pid_namespace has it; empty if the kernel does not say. */
export function ownPidNamespace(): string {
  return (own ??= readOwn())
}

/** Whether pids of that namespace are ours to look at; those of an unknown one are not. */
export function isOwnPidNamespace(namespace: string): boolean {
  return namespace !== '' && namespace === ownPidNamespace()
}

function readOwn(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return ''
  }
}
