/**
 * Drives the accesses of a log into the models of a bridge, one after the other, and compares what reads give. Where
 * the log knows cycles, as much time passes between accesses as passed then; times of an mmiotrace are another
 * machine's.
 */
import { fromValue, statusOkay, statuses, toValue, type Completion } from '../wire/access.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import { OwnManager } from '../access/own-manager.js'
import type { SoftwareNames } from '../access/software-names.js'
import type { Sessions } from '../access/sessions.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import type { ModelPool } from '../model/model-pool.js'
import type { RunningModel } from '../model/running-model.js'
import type { IgnoredBits } from '../logs/ignored-bits.js'
import { toPlace, type LogRecord } from '../logs/log-record.js'

/** One access that the RTL answered otherwise than the log has it. */
export interface Mismatch {
  record: LogRecord
  device: MappedDevice
  completion: Completion
  /** What was read now; absent if nothing. */
  value: bigint | undefined
}

export interface ReplaySettings {
  sessions: Sessions
  models: ModelPool
  ignored: IgnoredBits
  /** What waveforms show of it. */
  software: SoftwareNames
}

export class Replay {
  readonly #manager: OwnManager
  /** The cycle of the log at which a model's last access ended. */
  readonly #lastEnds = new Map<string, bigint>()

  constructor(private readonly settings: ReplaySettings) {
    this.#manager = new OwnManager(settings.sessions)
  }

  get accesses(): number {
    return this.#manager.accesses
  }

  /** Makes the access of a record; resolves with what differs. */
  async make(record: LogRecord): Promise<Mismatch | undefined> {
    const { device, offset } = this.#locate(record)
    await this.#keepTime(record, device)
    const completion = await this.#send(record, device, offset)
    await this.#refuseDead(completion, device)
    const isRead = record.operation === 'read'
    const value = isRead && completion.status === statuses[statusOkay] ? toValue(completion.data) : undefined
    const isSameValue = !isRead || this.settings.ignored.areSame(device.name, offset, record.value, value)
    return isSameValue && completion.status === record.status ? undefined : { record, device, completion, value }
  }

  /** Lets a model stand where it stood in the log at that cycle, at most one cycle before its next access. */
  async advanceTo(cycle: bigint, name: string): Promise<void> {
    const model = await this.settings.models.start(name)
    const now = this.#lastEnds.get(name) ?? (await cycleOf(model))
    await letPass(model, cycle - now)
    this.#lastEnds.set(name, cycle > now ? cycle : now)
  }

  end(): Promise<void> {
    return this.#manager.end()
  }

  #locate(record: LogRecord): { device: MappedDevice; offset: bigint } {
    const { devices } = this.settings.sessions
    const named = devices.find(({ name }) => name === record.device)
    if (named) return { device: named, offset: record.offset }
    const isInside = ({ config }: MappedDevice) =>
      config.kind === 'mem' && config.base <= record.offset && record.offset < config.base + config.size
    const device = record.device === undefined ? devices.find(isInside) : undefined
    if (device) return { device, offset: record.offset - device.config.base }
    const ranges = devices.map(({ name, config }) => `${name} at ${toAddress(config.base)}+${toAddress(config.size)}`)
    throw new TraplineError(
      'config',
      `${record.at}: no device of the configuration is at ${toPlace(record)}; there are ${ranges.join(', ')}`,
    )
  }

  /** Lets as many cycles pass as did in the log since the last access of the same model. */
  async #keepTime({ cycles }: LogRecord, { config }: MappedDevice): Promise<void> {
    if (!cycles) return
    const { model: name } = config
    const model = await this.settings.models.start(name)
    const byItself = this.settings.models.idleByItself(name)
    const idle = cycles.start - (this.#lastEnds.get(name) ?? (await cycleOf(model))) - byItself
    this.#lastEnds.set(name, cycles.end)
    await letPass(model, idle)
  }

  async #send(record: LogRecord, device: MappedDevice, offset: bigint): Promise<Completion> {
    const { software, models } = this.settings
    const model = await models.start(device.config.model)
    software.tellAgain(model, this.#manager.session, device, { ...record, offset }, record)
    const { operation, widthBytes, byteEnables = 0n, value = 0n } = record
    const data = operation === 'write' ? fromValue(value, widthBytes) : Buffer.alloc(0)
    const access = { device: device.handle, operation, offset, widthBytes, byteEnables, data, pc: record.seq }
    return this.#manager.access(access).catch((error) => {
      throw new TraplineError('usage', `${record.at} can't be made again: ${toMessage(error)}`)
    })
  }

  async #refuseDead({ status, detail }: Completion, { config }: MappedDevice): Promise<void> {
    if (status !== 'DISCONNECTED') return
    throw new TraplineError('model', (await this.settings.models.endOf(config.model))?.cause ?? detail)
  }
}

/** Where a model stands that has just started, in this run as in the log. */
async function cycleOf(model: RunningModel): Promise<bigint> {
  const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
  return BigInt(statistics.cycle)
}

/** Well below what a model takes at once (model.proto): programs sleep for long. */
const piece = 1_000_000_000n

async function letPass({ link }: RunningModel, cycles: bigint): Promise<void> {
  for (let left = cycles; left > 0n; left -= piece)
    await link.call({ advance: { cycles: left < piece ? left : piece } }, 'done')
}
