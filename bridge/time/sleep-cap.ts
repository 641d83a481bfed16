/**
 * How far one sleep may move the models: a number of cycles, not of seconds, so that it is the same on every machine.
 */
import { toCount, toTime } from '../ground/format.js'
import type { Log } from '../ground/log.js'
import type { Sleep } from '../wire/notices.js'

export interface SleepCapSettings {
  /** Undefined for no limit. */
  maxSleepCycles: number | undefined
  log: Log
}

const psPerNs = 1000n

export class SleepCap {
  #hasReported = false

  constructor(private readonly settings: SleepCapSettings) {}

  /**
   * In picoseconds. A line says once that a device gets less time than its program sleeps; a wait for an interrupt asks
   * again while its real time lasts.
   */
  limit({ durationNs, untilInterrupt }: Sleep, fastestPeriodPs: bigint): bigint {
    const { maxSleepCycles, log } = this.settings
    const durationPs = durationNs * psPerNs
    const limitPs = maxSleepCycles === undefined ? durationPs : BigInt(maxSleepCycles) * fastestPeriodPs
    if (durationPs <= limitPs) return durationPs
    if (!this.#hasReported && !untilInterrupt) {
      this.#hasReported = true
      log.warn(
        `a host sleeps for ${toTime(durationPs)}; the models move on by ${toTime(limitPs)} of it at most ` +
          `(${toCount(maxSleepCycles ?? 0, 'cycle', 'cycles')}: maxSleepCycles)`,
      )
    }
    return limitPs
  }
}
