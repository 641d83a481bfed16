/** What the clock of simulated time needs to know of models and hosts. */
import type { Log } from '../ground/log.js'
import type { RunningModel } from '../model/running-model.js'
import type { ThreadsAtWork } from './threads-at-work.js'
import type { Process, Waiter } from './waiting.js'

export interface ClockSettings {
  /** The models that somebody uses. */
  models(): RunningModel[]
  work: ThreadsAtWork
  /** Grows with every access. */
  accesses(): number
  /** Whether an access is under way. */
  isAccessing(): boolean
  /** The processes that have checked in and are still there. */
  processes(): Process[]
  periodPsOf(model: RunningModel): bigint
  /** A sleep moves models on by no more than this; undefined for no limit. */
  maxSleepCycles: number | undefined
  log: Log
  /**
   * Time ran for `cycles` of the fastest model, with nobody but `waiters` who wait for ever. False ends that until
   * something changes.
   */
  mayWaitOn(cycles: bigint, waiters: Waiter[]): boolean
}
