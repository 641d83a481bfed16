/**
 * Interrupts of a recording, waited for on RTL: where a program was told of one, the line of the model must have risen
 * since the interrupt before, or rise in a bounded number of cycles.
 */
import { TraplineError } from '../ground/errors.js'
import type { Config } from '../config/schema.js'
import type { LogEntry } from '../logs/log-record.js'
import type { MappedDevice } from '../map/address-map.js'
import type { InterruptLines } from '../model/interrupt-lines.js'
import type { ModelPool } from '../model/model-pool.js'
import type { RunningModel } from '../model/running-model.js'
import { cycleOf } from './replay-time.js'

export interface InterruptSettings {
  config: Pick<Config, 'devices' | 'maxIdleCycles'>
  devices: MappedDevice[]
  models: ModelPool
  lines: InterruptLines
}

/** A line that did not rise. */
export interface MissingInterrupt {
  device: string
  model: string
  line: string
  /** For which it was waited. */
  cycles: number
}

export class ReplayInterrupts {
  /** By model and line: how often it had risen when it was last waited for. */
  readonly #taken = new Map<string, number>()

  constructor(private readonly settings: InterruptSettings) {}

  /** The model whose line the interrupt of a device is. */
  modelOf(record: LogEntry): string {
    return this.#deviceOf(record).config.model
  }

  /** Resolves with what is missing. */
  async wait(record: LogEntry): Promise<MissingInterrupt | undefined> {
    const { models, lines, config } = this.settings
    const { name: device, config: range } = this.#deviceOf(record)
    const model = await models.start(range.model)
    const line = this.#lineOf(record, model)
    const key = `${model.name} ${line}`
    const hasCome = () =>
      lines.isHigh(model.name, line) || lines.risesOf(model.name, line) > (this.#taken.get(key) ?? 0)
    const isThere = hasCome() || (await runUntil(model, config.maxIdleCycles, hasCome))
    this.#taken.set(key, lines.risesOf(model.name, line))
    return isThere ? undefined : { device, model: model.name, line, cycles: config.maxIdleCycles }
  }

  /** A UIO device of several maps has one for each, and all of them lie on one model. */
  #deviceOf({ device: name = '', at }: LogEntry): MappedDevice {
    const found = this.settings.devices.find((device) => device.name === name || device.name.startsWith(`${name}.map`))
    if (found) return found
    const names = this.settings.devices.map((device) => device.name)
    throw new TraplineError(
      'config',
      `${at}: the interrupt is one of ${name}, and no device is called so; there are ${names.join(', ')}`,
    )
  }

  #lineOf({ device: name = '', at }: LogEntry, { hello: { interrupts }, name: model }: RunningModel): string {
    const config = this.settings.config.devices[name]
    const named = config?.kind === 'uio' ? config.interrupt?.line : undefined
    const [only, ...others] = interrupts
    const line = named ?? only
    if (line !== undefined && (named !== undefined || others.length === 0)) return line
    const problem = line === undefined ? 'has no interrupt output' : `has ${interrupts.join(', ')}`
    throw new TraplineError(
      'config',
      `${at}: the interrupt is one of ${name}, and model ${model} ${problem}; make it a device of kind 'uio' that ` +
        'names its `interrupt`',
    )
  }
}

/** Whether that came to be in so many cycles. */
async function runUntil(model: RunningModel, cycles: number, hasCome: () => boolean): Promise<boolean> {
  const end = (await cycleOf(model)) + BigInt(cycles)
  for (let left = BigInt(cycles); left > 0n && !hasCome(); left = end - (await cycleOf(model)))
    await model.link.call({ run: { cycles: String(left), untilInterrupt: true } }, 'done')
  return hasCome()
}
