/** The limit of open files. Imports Node's own modules only, for start.ts. */
import { readFileSync } from 'node:fs'

export const wayToMoreFiles = 'raise the limit: ulimit -n 1024'

/** Node has raised it as far as it may. */
export function openFilesLimit(): number {
  const [, limit = 'unlimited'] = /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
  return limit === 'unlimited' ? Infinity : Number(limit)
}
