/**
 * Writes down what programs do with real devices. Their agents carry accesses out themselves and wait for nobody, so
 * all of this comes behind them, in the order in which the devices saw it.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { toRawHardwareLine } from '../logs/raw-log.js'
import type { MappedDevice } from '../map/address-map.js'
import type { HardwareRecord, HardwareRing } from '../model/hardware-ring.js'
import { encodeAccess, encodeCompletion } from '../wire/wire.js'
import type { Sessions } from './sessions.js'

export interface RecorderSettings {
  ring: HardwareRing
  devices: MappedDevice[]
  sessions: Pick<Sessions, 'pidOf' | 'isOpen' | 'observe'>
  /** Takes the raw log; absent where none is wanted. */
  rawLog: string | undefined
  /** Somebody wants to see each access. */
  observesAll: boolean
}

/** Milliseconds between two looks while there is something, and at most. */
const shortestWait = 1
const longestWait = 20
/** Looks of that longest wait after which a holder that has not moved and whose session is gone is dead. */
const patientLooks = 50

export class HardwareRecorder {
  /** Accesses that nobody else has counted. */
  readonly counts = { reads: 0, writes: 0 }
  readonly #startNs = BigInt(Date.now()) * 1_000_000n
  readonly #devices: Map<number, MappedDevice>
  readonly #log: number | undefined
  #seq = 0
  #wait = shortestWait
  #timer: NodeJS.Timeout | undefined
  /** The holder that was there at the last looks, and how many. */
  #stuck = { holder: 0, looks: 0 }

  constructor(private readonly settings: RecorderSettings) {
    const { devices, rawLog } = settings
    this.#devices = new Map(devices.map((device) => [device.handle, device]))
    this.#log = rawLog === undefined ? undefined : openSync(rawLog, 'w', 0o600)
    this.#look()
  }

  get name(): string {
    return this.settings.ring.name
  }

  get rawLog(): string | undefined {
    return this.settings.rawLog
  }

  /** Everything that has happened is written down. */
  settle(): void {
    while (this.#takeSome());
  }

  close(): void {
    clearTimeout(this.#timer)
    this.settle()
    if (this.#log !== undefined) closeSync(this.#log)
    this.settings.ring.close()
  }

  #look(): void {
    const isBusy = this.#takeSome()
    this.#wait = isBusy ? shortestWait : Math.min(2 * this.#wait, longestWait)
    if (!isBusy) this.#freeFromDead()
    this.#timer = setTimeout(() => this.#look(), this.#wait).unref()
  }

  #takeSome(): boolean {
    const records = this.settings.ring.take()
    if (records.length === 0) return false
    const lines = records.map((record) => this.#note(record))
    if (this.#log !== undefined) writeSync(this.#log, lines.join(''))
    return true
  }

  /** Its line of the raw log, if one is wanted. */
  #note(record: HardwareRecord): string {
    const device = this.#devices.get(record.device)
    const { sessions, observesAll } = this.settings
    this.#seq++
    if (observesAll) sessions.observe(record.session, ...toMessages(record, this.#seq))
    else this.counts[record.operation === 'write' ? 'writes' : 'reads']++
    if (this.#log === undefined) return ''
    const timePs = (record.wallNs - this.#startNs) * 1000n
    const about = { device: device?.name ?? '', pid: sessions.pidOf(record.session), seq: this.#seq }
    return toRawHardwareLine({ ...record, ...about, timePs: timePs < 0n ? 0n : timePs })
  }

  /** A process may be killed in the midst of an access, and would keep all others from theirs. */
  #freeFromDead(): void {
    const { ring, sessions } = this.settings
    const { holder } = ring
    const isDead = holder !== 0 && !sessions.isOpen(holder)
    this.#stuck = { holder, looks: isDead && holder === this.#stuck.holder ? this.#stuck.looks + 1 : 0 }
    if (this.#stuck.looks < patientLooks) return
    ring.free()
    this.#stuck = { holder: 0, looks: 0 }
  }
}

/** As if the device had been asked by a mailbox. */
function toMessages(record: HardwareRecord, number: number): [Buffer, Buffer] {
  const seq = BigInt(number)
  const { operation, data, widthBytes, offset, device, tid, pc, stack } = record
  const isWrite = operation === 'write'
  const none = Buffer.alloc(0)
  return [
    encodeAccess({ seq, device, offset, operation, widthBytes, tid, pc, stack, data: isWrite ? data : none }),
    encodeCompletion({ seq, status: 'OKAY', data: isWrite ? none : data }),
  ]
}
