/**
 * Simulated time while hosts do nothing: it runs as long as a host waits for an interrupt, and as far as a host sleeps,
 * and only while no thread of a host works. Otherwise each model stands still between accesses, which is what makes
 * runs repeatable.
 *
 * All models that somebody uses share one axis, on which a model that is used late begins where the others are.
 * Accesses move only their own model; the others catch up as soon as time passes for all.
 */
import { toMessage } from '../ground/errors.js'
import { ModelAxis } from './model-axis.js'
import { SleepCap } from './sleep-cap.js'
import type { ClockSettings } from './clock-settings.js'
import { HostTimers } from './host-timers.js'
import type { ClockReply, Sleep, Timers } from '../wire/notices.js'
import { isLocalPid, hullOf, type Polling, type Process, type Sleeper, type Waiter } from './waiting.js'
import type { Worker } from './threads-at-work.js'
import { turnOfEvents, Wakeable } from './wakeable.js'
import { toReason } from './reason.js'

/** How long time runs before somebody looks whether it still has a reason to. */
const sliceCycles = 100_000n
/** Several models go in step. */
const stepCycles = 10_000n
/** Too short for anyone to want to end it early. */
const shortNs = 10_000n
const psPerNs = 1000n
const anyMemory = { address: 0n, size: (1n << 64n) - 1n }
/** Between two looks whether somebody still works. */
const longestDelayMs = 5
/** Waits of one connection: more than a process has threads. */
const mostWaits = 4_096

export class SimulationClock {
  /** Time that passed because hosts waited or slept. */
  passedPs = 0n
  #isRunning = false
  /** The models run, as opposed to somebody working. */
  #isMoving = false
  /** Requests that have come and are not yet among those below. */
  #arriving = 0
  /**
   * Grows with all that hosts ask for, and once more when such a request has arrived: whoever is answered then works.
   */
  #requests = 0
  #holder: Worker | undefined
  readonly #delay = new Wakeable()
  #isGivenUp = false
  readonly #waiters = new Set<Waiter>()
  readonly #sleepers = new Set<Sleeper>()
  readonly timers = new HostTimers()

  readonly #axis: ModelAxis
  readonly #cap: SleepCap

  constructor(private readonly settings: ClockSettings) {
    this.#axis = new ModelAxis(settings)
    this.#cap = new SleepCap(settings)
  }

  /** False if its connection has too many waits under way. */
  beginWait(waiter: Waiter): boolean {
    if (this.#waiters.size >= mostWaits) {
      const own = [...this.#waiters].filter(({ owner }) => owner === waiter.owner)
      if (own.length >= mostWaits) return false
    }
    this.#note(waiter.tid)
    this.#waiters.add(waiter)
    this.#isGivenUp = false
    this.#run()
    return true
  }

  endWait(owner: object, tid: string): void {
    this.#note(tid)
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
  async pass(request: Sleep, cancelled: AbortSignal): Promise<ClockReply> {
    const { durationNs, untilInterrupt, pid, tid } = request
    this.#note(tid)
    const isShort = durationNs > 0n && durationNs <= shortNs && !untilInterrupt
    const durationPs = durationNs * psPerNs
    if (isShort && (await this.#passAtOnce(durationPs, pid)))
      return { timePs: this.#axis.nowPs, interrupted: false, passedPs: durationPs }
    const { timePs: beginPs } = await this.now()
    if (durationNs === 0n || !this.#canPass) return { timePs: beginPs, interrupted: false, passedPs: durationPs }
    return this.#sleep(
      { ...request, deadlinePs: beginPs + this.#cap.limit(request, this.#axis.fastestPeriodPs), polling: undefined },
      beginPs,
      cancelled,
    )
  }

  /** Lets time pass until the RTL writes to what is polled or an interrupt line changes, or the cycles are over. */
  async look(polling: Polling, cancelled: AbortSignal): Promise<ClockReply> {
    const { tid, pid, cycles } = polling
    this.#note(tid)
    const { timePs: beginPs } = await this.now()
    if (this.#axis.size === 0) return { timePs: beginPs, interrupted: false }
    const durationPs = cycles * this.#axis.fastestPeriodPs
    const wish = { tid, pid, durationNs: durationPs / psPerNs, untilInterrupt: true, endsOtherwise: false }
    return this.#sleep({ ...wish, deadlinePs: beginPs + durationPs, polling }, beginPs, cancelled)
  }

  #sleep(wish: Omit<Sleeper, 'interrupted' | 'wake'>, beginPs: bigint, cancelled: AbortSignal): Promise<ClockReply> {
    const { tid } = wish
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper)
        const passedPs = this.#axis.nowPs - beginPs
        resolve({ timePs: this.#axis.nowPs, interrupted: sleeper.interrupted, passedPs })
      }
      const sleeper: Sleeper = { ...wish, interrupted: false, wake }
      this.#sleepers.add(sleeper)
      const cancel = () => {
        this.#note(tid)
        if (this.#sleepers.delete(sleeper)) this.#preempt()
      }
      if (cancelled.aborted) return cancel()
      cancelled.addEventListener('abort', cancel, { once: true })
      this.#preempt()
      this.#run()
    })
  }

  /** What time it is. */
  async now(): Promise<ClockReply> {
    this.#arriving++
    try {
      await this.#axis.look()
    } finally {
      this.#arriving--
      this.#requests++
    }
    return { timePs: this.#axis.nowPs, interrupted: false }
  }

  /** A process has armed timers, or has none any more. */
  async setTimers(timers: Timers): Promise<ClockReply> {
    this.#requests++
    this.timers.set(timers)
    this.#preempt()
    this.#run()
    return this.now()
  }

  /** There is more that may run: whoever waits already waits on. */
  resume(): void {
    this.#isGivenUp = false
    this.#run()
  }

  /** Answers when a timer of that process expires. */
  untilTimer({ pid, tid }: { pid: number; tid: string }, cancelled: AbortSignal): Promise<ClockReply> {
    this.#note(tid)
    return new Promise((resolve) => {
      const stop = this.timers.wait(pid, tid, () => resolve({ timePs: this.#axis.nowPs, interrupted: false }))
      cancelled.addEventListener('abort', stop, { once: true })
      this.#run()
    })
  }

  /** Why time stands still or runs, in words. */
  get reason(): string {
    return toReason({
      ...{ holder: this.#holder, waiters: [...this.#waiters], sleepers: [...this.#sleepers] },
      ...{ timers: this.timers.pids, isGivenUp: this.#isGivenUp, processes: this.settings.processes() },
    })
  }

  /** Those, and processes that wait before they have checked in: children before their first access. */
  addWaiting(known: Process[]): Process[] {
    const pids = new Set(known.map(({ pid }) => pid))
    const waiting = [...this.#waiters, ...this.#sleepers].filter(({ pid }) => !pids.has(pid))
    return [
      ...known,
      ...[...new Set(waiting.map(({ pid }) => pid))].map((pid) => ({ pid, exe: '', isLocal: isLocalPid(pid, known) })),
    ]
  }

  /** A thread has told of itself: it is about to wait, or has gone on. */
  #note(tid: string): void {
    this.#requests++
    this.settings.work.noteWait(tid)
    this.#delay.wake()
  }

  /**
   * Looks at the clock, and yields: work that takes a moment, as an access does. It waits for nobody, and whoever
   * sleeps until then goes on. False while time runs for others.
   */
  async #passAtOnce(durationPs: bigint, looker: number): Promise<boolean> {
    if (this.#isMoving) return false
    const [model, ...others] = this.settings.models()
    if (!model) return this.#passUnseen(durationPs, looker)
    this.#arriving++
    try {
      // Nobody has to ask the only model before where it is.
      if (others.length > 0 || !this.#axis.has(model)) await this.#axis.look()
      const targetPs = this.#axis.nowPs + durationPs
      await this.#axis.forEach([model, ...others], async (each) => {
        const fromPs = others.length > 0 ? (this.#axis.placeOf(each) ?? targetPs) : this.#axis.nowPs
        const cycles = this.#axis.cyclesBetween(fromPs, targetPs, each)
        if (cycles <= 0n) return
        const { done } = await each.link.call({ advance: { cycles } }, 'done')
        this.#axis.place(each, done.timePs)
      })
      this.passedPs += durationPs
    } finally {
      this.#arriving--
      this.#requests++
    }
    this.#wakeDue(looker)
    return true
  }

  /** Time that no model sees. False by real clocks, which have no use for it. */
  #passUnseen(durationPs: bigint, looker: number): boolean {
    if (!this.#canPass) return false
    this.#axis.nowPs += durationPs
    this.passedPs += durationPs
    this.#wakeDue(looker)
    return true
  }

  #drop(isMeant: (waiter: Waiter) => boolean): void {
    for (const waiter of this.#waiters) if (isMeant(waiter)) this.#waiters.delete(waiter)
    this.#isGivenUp = false
  }

  get #isWanted(): boolean {
    return this.#isWaitedFor || this.timers.pids.length > 0
  }

  /** Whether the program waits, and not only its timers. */
  get #isWaitedFor(): boolean {
    return this.#sleepers.size > 0 || (this.#waiters.size > 0 && !this.#isGivenUp)
  }

  /** Whether time may pass: by real clocks nothing is gained by time that no model sees. */
  get #canPass(): boolean {
    return this.#axis.size > 0 || this.settings.maxSleepCycles === undefined
  }

  /** Ends what the models run at present, so that it is decided anew. */
  #preempt(): void {
    this.#delay.wake()
    if (!this.#isMoving) return
    for (const { link } of this.#axis.models) link.call({ run: { cycles: 0 } }, 'done').catch(() => undefined)
  }

  #run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#runSlices().catch((error: unknown) =>
      this.settings.log.warn(`simulated time stopped: ${toMessage(error)}`),
    )
  }

  /**
   * Stops running in the same step in which it finds nothing to do, lest somebody who then comes believes it at work.
   */
  async #runSlices(): Promise<void> {
    try {
      while (this.#isWanted && (await this.#runSlice()));
    } finally {
      this.#isRunning = false
    }
  }

  /** False if there is no time that could pass. */
  async #runSlice(): Promise<boolean> {
    if (!(await this.#untilNobodyWorks())) return this.#isWanted
    await this.#axis.look()
    if (this.#axis.size === 0 && this.#deadlines.length === 0) return false
    const beforePs = this.#axis.nowPs
    this.#isMoving = true
    try {
      await this.#runTo(this.#target())
    } finally {
      this.#isMoving = false
    }
    const passed = this.#axis.nowPs - beforePs
    this.passedPs += passed
    this.#wakeDue()
    this.#considerWaiters(passed)
    return true
  }

  /**
   * Time runs only while all threads wait, so that it doesn't depend on the machine what one sees that works meanwhile.
   * False if nobody wants time to run any more.
   */
  async #untilNobodyWorks(): Promise<boolean> {
    for (let round = 0; this.#isWanted; round++) {
      const before = this.#requests + this.settings.accesses()
      // What is due to hosts has been sent by then, and what they sent before they fell asleep has been read
      // afterwards.
      await turnOfEvents()
      this.#holder = this.#findWorker()
      await turnOfEvents()
      const isQuiet = this.#arriving === 0 && before === this.#requests + this.settings.accesses()
      if (!this.#holder && isQuiet && !this.settings.isAccessing()) {
        this.settings.work.noteProgress()
        return this.#isWanted
      }
      if (round > 0) await this.#passTheTime(round)
    }
    this.#holder = undefined
    return false
  }

  #findWorker(): Worker | undefined {
    const sleepers = [...this.#sleepers].filter(({ endsOtherwise }) => !endsOtherwise)
    const waiters = [...this.#waiters].filter(({ timeoutNs }) => timeoutNs === 0n)
    const alone = new Set([...sleepers, ...waiters].map(({ tid }) => tid))
    const own = new Set(this.timers.waitingTids)
    return this.settings.work.find({ alone, own }, this.#isWaitedFor ? 'limited' : 'for ever')
  }

  /** Somebody works, and his accesses may take until others are due. */
  async #passTheTime(round: number): Promise<void> {
    await this.#delay.sleep(Math.min(round, longestDelayMs))
    const beforePs = this.#axis.nowPs
    await this.#axis.look()
    if (this.#axis.nowPs > beforePs) this.settings.work.noteProgress()
    this.#wakeDue()
  }

  get #deadlines(): bigint[] {
    return [...[...this.#sleepers].map(({ deadlinePs }) => deadlinePs), ...this.timers.deadlines]
  }

  #wakeDue(looker?: number): void {
    for (const sleeper of this.#sleepers)
      if (sleeper.interrupted || sleeper.deadlinePs <= this.#axis.nowPs) sleeper.wake()
    this.timers.wakeDue(this.#axis.nowPs, looker)
  }

  /** The end of the next slice: the first sleeper's deadline, or a while from now. */
  #target(): bigint {
    const slice = this.#axis.nowPs + (this.#axis.size > 1 ? stepCycles : sliceCycles) * this.#axis.fastestPeriodPs
    const deadlines = this.#deadlines
    if (this.#axis.size > 1) deadlines.push(slice)
    return deadlines.reduce((least, deadline) => (deadline < least ? deadline : least), deadlines[0] ?? slice)
  }

  /** Who waits with a timeout, or sleeps, goes on by himself. */
  #considerWaiters(passedPs: bigint): void {
    const waiters = [...this.#waiters]
    if (waiters.length === 0 || this.#deadlines.length > 0 || waiters.some(({ timeoutNs }) => timeoutNs > 0n)) return
    this.#isGivenUp = !this.settings.mayWaitOn(passedPs / this.#axis.fastestPeriodPs, waiters)
  }

  /** Sends at once, so that whatever preempts it comes behind it. */
  async #runTo(targetPs: bigint): Promise<void> {
    if (this.#axis.size === 0) this.#axis.nowPs = targetPs
    const untilInterrupt = this.#waiters.size > 0 || [...this.#sleepers].some((sleeper) => sleeper.untilInterrupt)
    const polled = [...this.#sleepers].flatMap(({ polling }) => (polling ? [polling.watched ?? anyMemory] : []))
    const { address, size } = hullOf(polled)
    const run = { untilInterrupt, untilWrittenAddress: String(address), untilWrittenSize: String(size) }
    await this.#axis.forEach(this.#axis.models, async (model) => {
      const atPs = this.#axis.placeOf(model) ?? targetPs
      const cycles = this.#axis.cyclesBetween(atPs, targetPs, model)
      if (cycles <= 0n) return
      const { done } = await model.link.call({ run: { ...run, cycles } }, 'done')
      const isEarly = this.#axis.place(model, done.timePs) < atPs + cycles * this.settings.periodPsOf(model)
      for (const sleeper of this.#sleepers) if (isEarly && sleeper.polling) sleeper.interrupted = true
    })
  }
}
