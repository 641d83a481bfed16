/** The verdict on bus and models: what failed there fails the run, whatever the host made of it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Monitor } from '../access/monitor.js'
import type { ModelPool } from '../model/model-pool.js'

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

/** Where the bus broke, the sentence of that access comes first: whatever else there is to say follows from it. */
export function toHeadline(broken: string | undefined, failure: string): string {
  return broken === undefined || failure.includes(broken) ? failure : `${broken}\n${failure}`
}

/** Why a model could not finish, a failed assertion of a final block say, once all of them have ended. */
export async function findFailedEnd({ history }: Pick<ModelPool, 'history'>): Promise<string | undefined> {
  const ends = await Promise.all(history.map((model) => model.ended))
  return ends.find((end) => end.cause)?.cause
}
