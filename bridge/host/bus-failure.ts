/** The verdict on a bus that misbehaved: it fails the run, whatever the host made of it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Monitor } from '../access/monitor.js'

/** How long a model that has ended may take to be noticed after the host saw its access fail. */
export const noticeMs = 300

export interface BusFailure {
  /** Why a model ended by itself, if that is what has happened. */
  cause: string | undefined
  /** The access that failed. */
  sentence: string
}

/**
 * Undefined if the bus did what is due.
 * @param modelFailed resolves with the cause when a model ends by itself
 */
export async function findBusFailure(
  monitor: Pick<Monitor, 'busFailed' | 'named' | 'fatal'>,
  modelFailed: Promise<string>,
): Promise<BusFailure | undefined> {
  if (!monitor.busFailed) return undefined
  const cause = await Promise.race([modelFailed, delay(noticeMs, undefined)])
  await monitor.named()
  return { cause, sentence: monitor.fatal?.message ?? 'an access ended in TIMEOUT or DISCONNECTED' }
}
