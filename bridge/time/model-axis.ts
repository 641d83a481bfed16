/** The axis of simulated time that all models share, and where each stands on it. */
import type { RunningModel } from '../model/running-model.js'

export interface AxisSettings {
  /** The models that somebody uses. */
  models(): RunningModel[]
  periodPsOf(model: RunningModel): bigint
}

/** Where a model stands: its own time and an offset. */
interface AxisPoint {
  offsetPs: bigint
  atPs: bigint
}

const mostCycles = (1n << 64n) - 1n

export class ModelAxis {
  nowPs = 0n
  readonly #places = new Map<RunningModel, AxisPoint>()

  constructor(private readonly settings: AxisSettings) {}

  get size(): number {
    return this.#places.size
  }

  get models(): RunningModel[] {
    return [...this.#places.keys()]
  }

  has(model: RunningModel): boolean {
    return this.#places.has(model)
  }

  placeOf(model: RunningModel): bigint | undefined {
    return this.#places.get(model)?.atPs
  }

  /** Learns what time it is, and which models there are. */
  async look(): Promise<void> {
    const models = this.settings.models()
    for (const model of this.models) if (!models.includes(model)) this.#places.delete(model)
    await this.forEach(models, async (model) => {
      const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
      this.place(model, statistics.timePs)
    })
  }

  /** Asks all models at once; one that can't be asked any more has no time. */
  async forEach(models: RunningModel[], ask: (model: RunningModel) => Promise<void>): Promise<void> {
    await Promise.all(models.map((model) => ask(model).catch(() => this.#places.delete(model))))
  }

  /** The model says what its own time is. One that is new begins where the others are. Returns where that is. */
  place(model: RunningModel, timePs: bigint): bigint {
    const offsetPs = this.#places.get(model)?.offsetPs ?? (this.nowPs > 0n ? this.nowPs - timePs : 0n)
    const atPs = timePs + offsetPs
    this.#places.set(model, { offsetPs, atPs })
    if (atPs > this.nowPs) this.nowPs = atPs
    return atPs
  }

  /**
   * The cycles of a model between two times; no more than a message can say, which is far beyond the end of simulated
   * time.
   */
  cyclesBetween(fromPs: bigint, toPs: bigint, model: RunningModel): bigint {
    const period = this.settings.periodPsOf(model)
    const cycles = (toPs - fromPs + period - 1n) / period
    return cycles < mostCycles ? cycles : mostCycles
  }

  get fastestPeriodPs(): bigint {
    const periods = this.models.map((model) => this.settings.periodPsOf(model))
    return periods.reduce((least, period) => (period < least ? period : least), periods[0] ?? 1n)
  }
}
