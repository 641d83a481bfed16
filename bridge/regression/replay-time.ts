/**
 * How much simulated time passes between the accesses of a replay. Where the log knows cycles of the model, as many as
 * passed then. Else its times are those of another clock, the wall's of a real device or a kernel's: none passes, or,
 * if that is asked for, as much as that clock tells.
 */
import { TraplineError } from '../ground/errors.js'
import { toCount, toTime } from '../ground/format.js'
import { isInterrupt, type LogEntry } from '../logs/log-record.js'
import type { ModelPool } from '../model/model-pool.js'
import type { RunningModel } from '../model/running-model.js'
import type { Completion } from '../wire/access.js'

/** Whether time passes as the log has it, or none but what accesses take. */
export type Timing = 'recorded' | 'fast'

/** Where a model stands, in a log that has times alone. */
interface TimedPlace {
  /** Of its last access in the log. */
  timePs: bigint
  /** How many cycles that took here. */
  cycles: bigint
}

/** Whoever waits for more than that is told. */
const longGap = 10_000_000n

export class ReplayTime {
  /** The cycle of the log at which a model's last access ended. */
  readonly #lastEnds = new Map<string, bigint>()
  readonly #places = new Map<string, TimedPlace>()
  /** Of the first access. */
  #beginPs: bigint | undefined
  /** Accesses without cycles, and whether one of them has a time. */
  #timed = { accesses: 0, hasTimes: false }
  #saidLong = false
  /** Accesses whose time had come before the RTL was done with the one before. */
  late = 0

  /**
   * @param timing as the log has it where that knows cycles, and fast else, when absent
   * @param note is told of a long time that passes
   */
  constructor(
    private readonly models: ModelPool,
    private readonly timing: Timing | undefined,
    private readonly note: (sentence: string) => void = () => undefined,
  ) {}

  /** Lets pass what passed in the log since the last access of the same model. */
  async before(record: LogEntry, name: string): Promise<void> {
    if (record.cycles && this.timing !== 'fast') await this.#passCycles(record.cycles, name)
    else if (!record.cycles && this.timing === 'recorded') await this.#passTime(record, name)
  }

  /** The access has been made, or an interrupt has come. */
  after({ timePs, cycles }: LogEntry, name: string, made?: Completion): void {
    if (!cycles) this.#places.set(name, { timePs, cycles: made ? made.cycleEnd - made.cycleStart : 0n })
  }

  /** Lets a model stand where it stood in the log at that cycle, at most one cycle before its next access. */
  async advanceTo(cycle: bigint, name: string): Promise<void> {
    const model = await this.models.start(name)
    const now = this.#lastEnds.get(name) ?? (await cycleOf(model))
    await letPass(model, cycle - now)
    this.#lastEnds.set(name, cycle > now ? cycle : now)
  }

  /** Every access has been made: a log that tells no times has not been made again as it was recorded. */
  end(log: string): void {
    const { accesses, hasTimes } = this.#timed
    if (this.timing !== 'recorded' || hasTimes || accesses < 2) return
    throw new TraplineError(
      'usage',
      `--timing recorded: ${log} tells no times, those of its ${accesses} accesses are 0; leave --timing out`,
    )
  }

  async #passCycles({ start, end }: { start: bigint; end: bigint }, name: string): Promise<void> {
    const model = await this.models.start(name)
    const idle = start - (this.#lastEnds.get(name) ?? (await cycleOf(model))) - this.models.idleByItself(name)
    this.#lastEnds.set(name, end)
    await letPass(model, idle)
  }

  /** From the begin of the last access to that of this one; what that access took here has passed already. */
  async #passTime(record: LogEntry, name: string): Promise<void> {
    const { timePs, seq } = record
    this.#timed.accesses++
    if (timePs !== 0n) this.#timed.hasTimes = true
    const last = this.#places.get(name) ?? { timePs: (this.#beginPs ??= timePs), cycles: 0n }
    const model = await this.models.start(name)
    const cycles = (timePs - last.timePs) / this.models.periodPsOf(model)
    const idle = cycles - last.cycles - this.models.idleByItself(name)
    if (this.#places.has(name) && idle < 0n && !isInterrupt(record)) this.late++
    if (idle > longGap && !this.#saidLong) this.#tellLong(seq, timePs - last.timePs, idle)
    await letPass(model, idle)
  }

  #tellLong(seq: bigint, gapPs: bigint, cycles: bigint): void {
    this.#saidLong = true
    this.note(
      `${toTime(gapPs)} pass before access ${seq}, as recorded: ${toCount(cycles, 'cycle', 'cycles')}; ` +
        'leave out --timing recorded if nothing depends on that',
    )
  }
}

/** Where a model stands that has just started, in this run as in the log. */
export async function cycleOf(model: RunningModel): Promise<bigint> {
  const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
  return BigInt(statistics.cycle)
}

/** Well below what a model takes at once (model.proto): programs sleep for long. */
const piece = 1_000_000_000n

async function letPass({ link }: RunningModel, cycles: bigint): Promise<void> {
  for (let left = cycles; left > 0n; left -= piece)
    await link.call({ advance: { cycles: left < piece ? left : piece } }, 'done')
}
