/**
 * Simulated time while hosts do nothing: it runs as long as a host waits for an interrupt, and as far as a host sleeps.
 * Otherwise each model stands still between accesses, which is what makes runs repeatable.
 *
 * All models share one axis, on which a model that starts late begins where the others are. Accesses move only their own
 * model; the others catch up as soon as time passes for all.
 */
import type { Log } from '../log.js'
import { toMessage } from '../errors.js'
import { toCount, toTime } from '../format.js'
import type { RunningModel } from '../model/running-model.js'
import type { ClockReply } from './notices.js'

/** A thread of a host that waits for the interrupt of a device. */
export interface Waiter {
  /** The connection that it waits on. */
  owner: object
  device: string
  tid: string
  pid: number
  /** 0 for ever. */
  timeoutNs: bigint
  /** It does not wait for an interrupt: it polls this place of the device's memory. */
  polls?: bigint
}

/** A range of host memory, by its bus address. */
export interface Watched {
  address: bigint
  size: bigint
}

export interface ClockSettings {
  models(): RunningModel[]
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

interface Sleeper {
  deadlinePs: bigint
  untilInterrupt: boolean
  /** It wakes when the RTL writes there. */
  watched: Watched | undefined
  interrupted: boolean
  wake(): void
}

/** Where a model stands on the axis that all share: its own time and an offset. */
interface Place {
  offsetPs: bigint
  atPs: bigint
}

/** How long time runs before somebody looks whether it still has a reason to. */
const sliceCycles = 100_000n
/** Several models go in step. */
const stepCycles = 10_000n
/** Too short for anyone to want to end it early. */
const shortNs = 10_000n
const psPerNs = 1000n
const anyMemory: Watched = { address: 0n, size: (1n << 64n) - 1n }

/** From the first byte of all to the last. */
function hullOf(ranges: Watched[]): Watched {
  const [first, ...others] = ranges
  return others.reduce(
    (hull, { address, size }) => {
      const begin = address < hull.address ? address : hull.address
      const [end, otherEnd] = [hull.address + hull.size, address + size]
      return { address: begin, size: (end > otherEnd ? end : otherEnd) - begin }
    },
    first ?? { address: 0n, size: 0n },
  )
}

export class SimulationClock {
  #nowPs = 0n
  /** Time that passed because hosts waited or slept. */
  passedPs = 0n
  #isRunning = false
  #isGivenUp = false
  #hasReportedCap = false
  readonly #places = new Map<RunningModel, Place>()
  readonly #waiters = new Set<Waiter>()
  readonly #sleepers = new Set<Sleeper>()

  constructor(private readonly settings: ClockSettings) {}

  beginWait(waiter: Waiter): void {
    this.#waiters.add(waiter)
    this.#isGivenUp = false
    this.#run()
  }

  endWait(owner: object, tid: string): void {
    this.#drop((waiter) => waiter.owner === owner && waiter.tid === tid)
    if (!this.#isWanted) this.#preempt()
  }

  /** A connection has gone. */
  endAll(owner: object): void {
    this.#drop((waiter) => waiter.owner === owner)
    if (!this.#isWanted) this.#preempt()
  }

  /**
   * Hosts are told of an interrupt of the device: they wait no longer, so time stands still until they wait again. The
   * model has ended its run by itself, and others end their step, so that it is the same cycle in every run.
   */
  noteInterrupt(device: string): void {
    for (const sleeper of this.#sleepers) sleeper.interrupted ||= sleeper.untilInterrupt
    this.#drop((waiter) => waiter.device === device)
  }

  /** Lets time pass. 0 ns only asks for the time; a cancelled sleep is not answered. */
  async pass(durationNs: bigint, untilInterrupt: boolean, cancelled: AbortSignal): Promise<ClockReply> {
    const isShort = durationNs > 0n && durationNs <= shortNs && !untilInterrupt
    if (isShort && (await this.#passAlone(durationNs * psPerNs))) return { timePs: this.#nowPs, interrupted: false }
    await this.#look()
    if (durationNs === 0n || this.#places.size === 0) return { timePs: this.#nowPs, interrupted: false }
    const deadlinePs = this.#nowPs + this.#limit(durationNs * psPerNs)
    return this.#sleep({ deadlinePs, untilInterrupt, watched: undefined }, cancelled)
  }

  /** Lets time pass until the RTL writes to what is watched or an interrupt line changes, for so many cycles at most. */
  async look(watched: Watched | undefined, cycles: bigint, cancelled: AbortSignal): Promise<ClockReply> {
    await this.#look()
    const deadlinePs = this.#nowPs + cycles * this.#fastestPeriodPs
    if (this.#places.size === 0) return { timePs: this.#nowPs, interrupted: false }
    return this.#sleep({ deadlinePs, untilInterrupt: true, watched: watched ?? anyMemory }, cancelled)
  }

  #sleep(
    wanted: Pick<Sleeper, 'deadlinePs' | 'untilInterrupt' | 'watched'>,
    cancelled: AbortSignal,
  ): Promise<ClockReply> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        resolve({ timePs: this.#nowPs, interrupted: sleeper.interrupted })
      }
      const sleeper: Sleeper = { ...wanted, interrupted: false, wake }
      this.#sleepers.add(sleeper)
      cancelled.addEventListener('abort', () => this.#sleepers.delete(sleeper) && this.#preempt(), { once: true })
      this.#preempt()
      this.#run()
    })
  }

  /**
   * What a host that looks at its clock all the time lives on: the only model moves on, and nobody has to ask it before
   * where it is. False if there is more to consider.
   */
  async #passAlone(durationPs: bigint): Promise<boolean> {
    const [model, ...others] = this.settings.models()
    if (!model || others.length > 0 || this.#isRunning || this.#isWanted || !this.#places.has(model)) return false
    this.#isRunning = true
    try {
      const period = this.settings.periodPsOf(model)
      const cycles = (durationPs + period - 1n) / period
      const { done } = await model.link.call({ advance: { cycles } }, 'done')
      this.#place(model, done.timePs)
      this.passedPs += cycles * period
      return true
    } catch {
      return false
    } finally {
      this.#isRunning = false
      if (this.#isWanted) this.#run()
    }
  }

  #drop(isMeant: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#waiters) if (isMeant(waiter)) this.#waiters.delete(waiter)
    this.#isGivenUp = false
  }

  get #isWanted(): boolean {
    return this.#sleepers.size > 0 || (this.#waiters.size > 0 && !this.#isGivenUp)
  }

  /** Ends what the models run at present, so that it is decided anew. */
  #preempt(): void {
    if (!this.#isRunning) return
    for (const { link } of this.#places.keys()) link.call({ run: { cycles: 0 } }, 'done').catch(() => undefined)
  }

  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#runSlices().catch((error: unknown) =>
      this.settings.log.warn(`simulated time stopped: ${toMessage(error)}`),
    )
  }

  /** Stops running in the same step in which it finds nothing to do, lest somebody who then comes believes it at work. */
  async #runSlices(): Promise<void> {
    try {
      while (this.#isWanted && (await this.#runSlice()));
    } finally {
      this.#isRunning = false
    }
  }

  /** False if there is no model whose time could pass. */
  async #runSlice(): Promise<boolean> {
    await this.#look()
    if (this.#places.size === 0) {
      this.#wake(() => true)
      return false
    }
    const beforePs = this.#nowPs
    await this.#runTo(this.#target())
    const passed = this.#nowPs - beforePs
    this.passedPs += passed
    this.#wake(({ deadlinePs, interrupted }) => interrupted || deadlinePs <= this.#nowPs)
    this.#considerWaiters(passed)
    return true
  }

  /** The end of the next slice: the first sleeper's deadline, or a while from now. */
  #target(): bigint {
    const slice = this.#nowPs + (this.#places.size > 1 ? stepCycles : sliceCycles) * this.#fastestPeriodPs
    const deadlines = [...this.#sleepers].map(({ deadlinePs }) => deadlinePs)
    if (this.#places.size > 1) deadlines.push(slice)
    return deadlines.reduce((least, deadline) => (deadline < least ? deadline : least), deadlines[0] ?? slice)
  }

  /** Who waits with a timeout, or sleeps, goes on by himself. */
  #considerWaiters(passedPs: bigint): void {
    const waiters = [...this.#waiters]
    if (waiters.length === 0 || this.#sleepers.size > 0 || waiters.some(({ timeoutNs }) => timeoutNs > 0n)) return
    this.#isGivenUp = !this.settings.mayWaitOn(passedPs / this.#fastestPeriodPs, waiters)
  }

  #wake(isDue: (sleeper: Sleeper) => boolean): void {
    for (const sleeper of this.#sleepers) if (isDue(sleeper)) sleeper.wake()
  }

  /** Sends at once, so that whatever preempts it comes behind it. */
  async #runTo(targetPs: bigint): Promise<void> {
    const untilInterrupt = this.#waiters.size > 0 || [...this.#sleepers].some((sleeper) => sleeper.untilInterrupt)
    const { address, size } = hullOf([...this.#sleepers].flatMap(({ watched }) => watched ?? []))
    const run = { untilInterrupt, untilWrittenAddress: String(address), untilWrittenSize: String(size) }
    await this.#forEach([...this.#places.keys()], async (model) => {
      const atPs = this.#places.get(model)?.atPs ?? targetPs
      const period = this.settings.periodPsOf(model)
      const cycles = (targetPs - atPs + period - 1n) / period
      if (cycles <= 0n) return
      const { done } = await model.link.call({ run: { ...run, cycles } }, 'done')
      const isEarly = this.#place(model, done.timePs) < atPs + cycles * period
      for (const sleeper of this.#sleepers) if (isEarly && sleeper.watched) sleeper.interrupted = true
    })
  }

  /** Learns what time it is, and which models there are. */
  async #look(): Promise<void> {
    const models = this.settings.models()
    for (const model of this.#places.keys()) if (!models.includes(model)) this.#places.delete(model)
    await this.#forEach(models, async (model) => {
      const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
      this.#place(model, statistics.timePs)
    })
  }

  /** All at once; a model that can't be asked any more has no time. */
  async #forEach(models: RunningModel[], ask: (model: RunningModel) => Promise<void>): Promise<void> {
    await Promise.all(models.map((model) => ask(model).catch(() => this.#places.delete(model))))
  }

  /** Returns where it is now. */
  #place(model: RunningModel, timePs: bigint): bigint {
    const offsetPs = this.#places.get(model)?.offsetPs ?? (this.#nowPs > 0n ? this.#nowPs - timePs : 0n)
    const atPs = timePs + offsetPs
    this.#places.set(model, { offsetPs, atPs })
    if (atPs > this.#nowPs) this.#nowPs = atPs
    return atPs
  }

  get #fastestPeriodPs(): bigint {
    const periods = [...this.#places.keys()].map((model) => this.settings.periodPsOf(model))
    return periods.reduce((least, period) => (period < least ? period : least), periods[0] ?? 1n)
  }

  #limit(durationPs: bigint): bigint {
    const { maxSleepCycles, log } = this.settings
    const limitPs = maxSleepCycles === undefined ? durationPs : BigInt(maxSleepCycles) * this.#fastestPeriodPs
    if (durationPs <= limitPs) return durationPs
    if (!this.#hasReportedCap)
      log.warn(
        `a host sleeps for ${toTime(durationPs)}; the models move on by ${toTime(limitPs)} of it at most ` +
          `(${toCount(maxSleepCycles ?? 0, 'cycle', 'cycles')}: maxSleepCycles)`,
      )
    this.#hasReportedCap = true
    return limitPs
  }
}
