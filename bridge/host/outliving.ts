/**
 * What a host program leaves when it ends: daemons, background jobs, workers. They are waited for, or ended and named.
 * One that is about to end is left to it in any case, since many end together with the program and only a little later.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../ground/log.js'
import type { Descendant } from './keeper.js'
import type { RunningHost } from './launch-host.js'

const lookMs = 100
/** A second in which nobody worked. */
const restLooks = 10
/** Who works on and on is not about to end. */
const mostLooks = 100
const mostNames = 5

export interface OutlivingSettings {
  /** The name of the program. */
  name: string
  waits: boolean
  log: Log
}

/** Resolves when nothing is left: a sentence for each process that was ended. */
export async function concludeOutliving(host: RunningHost, settings: OutlivingSettings): Promise<string[]> {
  const { name, waits, log } = settings
  const left = await whatStays(host)
  if (waits) {
    const more = left.length > mostNames ? ` and ${left.length - mostNames} more` : ''
    const names = left.slice(0, mostNames).map(toWords).join(', ')
    if (left.length > 0) log.info(`${name} has ended; waiting for ${names}${more}`)
    await host.empty
    const why = `the keeper of ${name} was killed`
    return [...host.killed.map((one) => `${toWords(one)} was ended by Trapline: ${why}`), ...whatIsLost(host, name)]
  }
  host.endAll()
  await host.empty
  const why = `it outlived ${name}; --wait-for-children waits for it`
  return [...host.killed.map((one) => `${toWords(one)} was ended by Trapline: ${why}`), ...whatIsLost(host, name)]
}

function whatIsLost({ isLost }: RunningHost, name: string): string[] {
  if (!isLost) return []
  const cause = `the keeper of ${name} and both reapers were killed`
  return [`${cause}, so nobody knows what ${name} has left; look for it with \`ps\``]
}

function toWords({ command, pid }: Descendant): string {
  return `${command} (pid ${pid})`
}

/** On a busy machine a process that ends may wait for the processor for long: only sleep counts. */
async function whatStays(host: RunningHost): Promise<Descendant[]> {
  let left: Descendant[] = []
  let rested = 0
  for (let looks = 0; looks < mostLooks && rested < restLooks; looks++) {
    if (await Promise.race([host.empty.then(() => true), delay(lookMs, false, { ref: false })])) return []
    left = await host.descendants()
    rested = left.every(({ pid }) => isAsleep(pid)) ? rested + 1 : 0
  }
  return left
}

/** Whether a process neither runs, nor is ready to, nor is in the middle of a transfer (proc_pid_stat(5)). */
function isAsleep(pid: number): boolean {
  try {
    return !/^.*\) [RD] /s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return true
  }
}
