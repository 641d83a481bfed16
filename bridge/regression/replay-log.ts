/** Drives the accesses of a log into the models of a bridge, one after the other, and compares what reads give. */
import { fromValue, statusOkay, statuses, toValue, type Completion } from '../wire/access.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import { OwnManager } from '../access/own-manager.js'
import type { SoftwareNames } from '../access/software-names.js'
import type { Sessions } from '../access/sessions.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import type { Config } from '../config/schema.js'
import type { InterruptLines } from '../model/interrupt-lines.js'
import type { ModelPool } from '../model/model-pool.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import { VolatileReads } from '../registers/volatile-reads.js'
import type { IgnoredBits } from '../logs/ignored-bits.js'
import { toPlace, type LogEntry, type LogRecord } from '../logs/log-record.js'
import { ReplayInterrupts, type MissingInterrupt } from './replay-interrupts.js'
import { ReplayTime, type Timing } from './replay-time.js'

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
  config: Pick<Config, 'devices' | 'maxIdleCycles'>
  lines: InterruptLines
  ignored: IgnoredBits
  /** What waveforms show of it. */
  software: SoftwareNames
  /** How time passes between accesses; see `ReplayTime`. */
  timing?: Timing | undefined
  /** Where a log has no cycles, bits that are volatile there are not compared; absent: all are. */
  registers?: RegisterMaps | undefined
  note?(sentence: string): void
}

export class Replay {
  readonly #manager: OwnManager
  readonly time: ReplayTime
  readonly #interrupts: ReplayInterrupts
  readonly #volatile: VolatileReads | undefined

  constructor(private readonly settings: ReplaySettings) {
    this.#manager = new OwnManager(settings.sessions)
    this.time = new ReplayTime(settings.models, settings.timing, settings.note)
    this.#interrupts = new ReplayInterrupts({ ...settings, devices: settings.sessions.devices })
    this.#volatile = settings.registers && new VolatileReads(settings.registers)
  }

  get accesses(): number {
    return this.#manager.accesses
  }

  /** Makes the access of a record; resolves with what differs. */
  async make(record: LogRecord): Promise<Mismatch | undefined> {
    const { device, offset } = this.#locate(record)
    const { model } = device.config
    await this.time.before(record, model)
    const completion = await this.#send(record, device, offset)
    this.time.after(record, model, completion)
    await this.#refuseDead(completion, device)
    const isRead = record.operation === 'read'
    const value = isRead && completion.status === statuses[statusOkay] ? toValue(completion.data) : undefined
    const isSameValue = !isRead || this.#areSame({ ...record, offset }, device, value)
    return isSameValue && completion.status === record.status ? undefined : { record, device, completion, value }
  }

  /** The program was told of an interrupt then; resolves with what is missing. */
  async waitFor(interrupt: LogEntry): Promise<MissingInterrupt | undefined> {
    const model = this.#interrupts.modelOf(interrupt)
    await this.time.before(interrupt, model)
    const missing = await this.#interrupts.wait(interrupt)
    this.time.after(interrupt, model)
    return missing
  }

  /** What has not been compared, if so. */
  get uncompared(): string | undefined {
    return this.#volatile?.sentence
  }

  end(): Promise<void> {
    return this.#manager.end()
  }

  /** In the cycles of the log the device does what it did there, whether volatile or not. */
  #areSame(record: LogRecord, { name }: MappedDevice, value: bigint | undefined): boolean {
    const { ignored } = this.settings
    if (!this.#volatile || record.cycles || record.value === undefined || value === undefined)
      return ignored.areSame(name, record.offset, record.value, value)
    const compared = ~ignored.maskOf(name, record.offset)
    return this.#volatile.areSame(name, record, record.value & compared, value & compared)
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
