/**
 * What a host program leaves when it ends: daemons, background jobs, workers. They are waited for, or ended and named. A
 * moment is theirs in any case, since many end together with the program and only a little later.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../log.js'
import type { RunningHost } from './launch-host.js'

const momentMs = 1_000
const mostNames = 5

export interface OutlivingSettings {
  /** Of the program. */
  name: string
  waits: boolean
  log: Log
}

/** Resolves when nothing is left: a sentence for each process that was ended. */
export async function concludeOutliving(host: RunningHost, settings: OutlivingSettings): Promise<string[]> {
  const { name, waits, log } = settings
  const moment = delay(momentMs, true, { ref: false })
  if (!(await Promise.race([host.empty, moment]))) return []
  const left = await host.descendants()
  const toWords = ({ command, pid }: { command: string; pid: number }) => `${command} (pid ${pid})`
  if (waits) {
    const more = left.length > mostNames ? ` and ${left.length - mostNames} more` : ''
    const names = left.slice(0, mostNames).map(toWords).join(', ')
    if (left.length > 0) log.info(`${name} has ended; waiting for ${names}${more}`)
    await host.empty
    return []
  }
  host.endAll()
  await host.empty
  return host.killed.map(
    (process) => `${toWords(process)} was ended by Trapline: it outlived ${name}; --wait-for-children waits for it`,
  )
}
