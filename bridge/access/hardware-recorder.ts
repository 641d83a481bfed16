/**
 * Writes down what programs do with real devices. Their agents carry accesses out themselves and wait for nobody, so
 * all of this comes behind them, in the order in which the devices saw it.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { toRawEventLine, toRawHardwareLine } from '../logs/raw-hardware.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import type { PciResource } from '../map/pci-resource.js'
import {
  isInterrupt,
  isMapping,
  type HardwareAccess,
  type HardwareMapping,
  type HardwareRecord,
  type HardwareRing,
} from '../model/hardware-ring.js'
import { encodeAccess, encodeCompletion } from '../wire/wire.js'
import type { HardwareTwin } from './hardware-twin.js'
import type { Sessions } from './sessions.js'

export interface RecorderSettings {
  ring: HardwareRing
  devices: MappedDevice[]
  /** Those of PCI among the real ones, by their handles. */
  pciDevices: Map<number, PciResource>
  sessions: Pick<Sessions, 'pidOf' | 'programOf' | 'isOpen' | 'observe' | 'sessionOf'>
  /** Takes the raw log; absent where none is wanted. */
  rawLog: string | undefined
  /** Somebody wants to see each access. */
  observesAll: boolean
  /** The recording may lack something. */
  onHole(sentence: string): void
  /** Compares each access with a model, for which its program waits. */
  twin?: HardwareTwin | undefined
  /** What has not been compared, at the end. */
  onUncompared?(sentence: string): void
}

/** Milliseconds between two looks while there is something, and at most. */
const shortestWait = 1
const longestWait = 20
/** Turns of the event loop in which we look on behind an access whose program has waited for us. */
const eagerLooks = 100
/** Looks of that longest wait after which a holder that has not moved and whose session is gone is dead. */
const patientLooks = 50
const wholeMemory = (1n << 64n) - 1n

export class HardwareRecorder {
  /** Accesses that nobody else has counted. */
  readonly counts = { reads: 0, writes: 0, interrupts: 0 }
  readonly #startNs = BigInt(Date.now()) * 1_000_000n
  readonly #devices: Map<number, MappedDevice>
  readonly #log: number | undefined
  /** Sessions that have mapped a device. */
  readonly #mapping = new Set<number>()
  #seq = 0
  #lastNs = this.#startNs
  #wait = shortestWait
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  /** Eager looks that are left. */
  #eager = 0
  /** An access is being compared; nothing else comes meanwhile. */
  #comparing: Promise<void> | undefined
  #isClosed = false
  /** Nothing can be written any more. */
  #isShut = false
  /** The session that held the ring at the last looks, and how many. */
  #stuck = { session: 0, looks: 0 }

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

  get pciDevices(): ReadonlyMap<number, PciResource> {
    return this.settings.pciDevices
  }

  /** Another device, which programs are told of from now on. */
  add(device: MappedDevice, resource: PciResource | undefined): void {
    this.#devices.set(device.handle, device)
    if (resource) this.settings.pciDevices.set(device.handle, resource)
  }

  /** A process is gone, and what it had mapped with it; everything that it did is written down. */
  noteEnd(session: number): void {
    if (this.#isShut) return
    this.#settle()
    if (!this.#mapping.delete(session)) return
    const range = { device: 0, offset: 0n, address: 0n, length: wholeMemory, tid: 0 }
    this.#write(this.#toMappingLine({ ...range, operation: 'unmap', session, wallNs: this.#now() }))
  }

  #settle(): void {
    while (!this.#comparing && this.#takeSome());
  }

  /** The models have been stopped. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#settle()
    await this.#comparing
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    const uncompared = this.settings.twin?.uncompared
    if (uncompared !== undefined) this.settings.onUncompared?.(uncompared)
    this.#isShut = true
    if (this.#log !== undefined) closeSync(this.#log)
    this.settings.ring.close()
  }

  #look(): void {
    if (this.#isClosed || this.#comparing) return
    const isBusy = this.#takeSome()
    if (this.#comparing) return
    this.#wait = isBusy ? shortestWait : Math.min(2 * this.#wait, longestWait)
    if (!isBusy) this.#freeFromDead()
    this.#lookLater()
  }

  #lookLater(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    if (this.#eager === 0) this.#timer = setTimeout(() => this.#look(), this.#wait).unref()
    else {
      this.#eager--
      this.#immediate = setImmediate(() => this.#look())
    }
  }

  #takeSome(): boolean {
    const records = this.settings.ring.take()
    if (records.length === 0) return false
    this.#write(records.map((record) => this.#note(record)).join(''))
    if (this.settings.twin) this.#comparing = this.#compare(this.settings.twin, records)
    return true
  }

  /** Their programs go on, or the run ends. */
  async #compare(twin: HardwareTwin, records: HardwareRecord[]): Promise<void> {
    let isSame = true
    for (const record of records) isSame &&= await this.#isSame(twin, record)
    if (isSame) this.settings.ring.confirm()
    else this.settings.ring.refuse()
    this.#comparing = undefined
    this.#eager = eagerLooks
    this.#lookLater()
  }

  #isSame(twin: HardwareTwin, record: HardwareRecord): Promise<boolean> | boolean {
    if (isMapping(record) || isInterrupt(record)) return true
    const device = this.#devices.get(record.device)
    const session = this.settings.sessions.sessionOf(record.session)
    return !device || twin.isSame(session, device, ...toMessages(record, this.#seq))
  }

  #write(lines: string): void {
    if (this.#log !== undefined) writeSync(this.#log, lines)
  }

  /** Its line of the raw log. */
  #note(record: HardwareRecord): string {
    this.#lastNs = record.wallNs
    if (!isMapping(record)) return this.#noteAccess(record)
    if (record.operation === 'map') this.#mapping.add(record.session)
    return this.#toMappingLine(record)
  }

  #noteAccess(record: HardwareAccess): string {
    const { sessions, observesAll } = this.settings
    this.#seq++
    if (isInterrupt(record)) this.counts.interrupts += record.operation === 'interrupt' ? 1 : 0
    else if (observesAll) sessions.observe(record.session, ...toMessages(record, this.#seq))
    else this.counts[record.operation === 'write' ? 'writes' : 'reads']++
    if (this.#log === undefined) return ''
    const { config } = this.#devices.get(record.device) ?? {}
    const uio = isInterrupt(record) ? config?.hardware?.uio?.name : undefined
    const about = { device: uio ?? this.#nameOf(record.device), pid: sessions.pidOf(record.session), seq: this.#seq }
    return toRawHardwareLine({ ...record, ...about, timePs: this.#toTimePs(record.wallNs) })
  }

  #toMappingLine({ operation, device, offset, address, length, session, wallNs }: HardwareMapping): string {
    return toRawEventLine({
      ...{ kind: 'event', event: operation, timePs: this.#toTimePs(wallNs), device: this.#nameOf(device) },
      ...{ offset, address, length, session, pid: this.settings.sessions.pidOf(session), wallNs: String(wallNs) },
    })
  }

  #nameOf(handle: number): string {
    return this.#devices.get(handle)?.name ?? ''
  }

  #toTimePs(wallNs: bigint): bigint {
    const timePs = (wallNs - this.#startNs) * 1000n
    return timePs < 0n ? 0n : timePs
  }

  /** Of what we write ourselves; never before what is there. */
  #now(): bigint {
    const now = BigInt(Date.now()) * 1_000_000n
    return now > this.#lastNs ? now : this.#lastNs
  }

  /** A process may be killed in the midst of an access, and would keep all others from theirs. */
  #freeFromDead(): void {
    const { ring, sessions } = this.settings
    const { session, begun } = ring.holder ?? { session: 0 }
    const isDead = session !== 0 && !sessions.isOpen(session)
    this.#stuck = { session, looks: isDead && session === this.#stuck.session ? this.#stuck.looks + 1 : 0 }
    if (this.#stuck.looks < patientLooks) return
    if (begun && !isMapping(begun) && !isInterrupt(begun)) this.#noteHole(begun)
    ring.free()
    this.#stuck = { session: 0, looks: 0 }
  }

  #noteHole({ session, operation, widthBytes, device, offset }: HardwareAccess): void {
    const what = `${operation} of ${widthBytes} bytes at ${this.#nameOf(device)}+${toAddress(offset)}`
    const { onHole, sessions } = this.settings
    const program = `${sessions.programOf(session)} (pid ${sessions.pidOf(session)})`
    onHole(
      `${program} was killed in the midst of an access to a real device: its ${what} is missing in the recording, ` +
        'and the device may have seen it',
    )
    const wallNs = this.#now()
    const text = `Lost 1 events: ${what} of ${program}, which was killed meanwhile`
    const timePs = this.#toTimePs(wallNs)
    this.#write(toRawEventLine({ kind: 'event', event: 'mark', timePs, wallNs: String(wallNs), text }))
  }
}

/** As if the device had been asked by a mailbox. */
function toMessages(record: HardwareAccess, number: number): [Buffer, Buffer] {
  const seq = BigInt(number)
  const { data, widthBytes, offset, device, tid, pc, stack } = record
  const isWrite = record.operation === 'write'
  const operation = isWrite ? 'write' : 'read'
  const none = Buffer.alloc(0)
  return [
    encodeAccess({ seq, device, offset, operation, widthBytes, tid, pc, stack, data: isWrite ? data : none }),
    encodeCompletion({ seq, status: 'OKAY', data: isWrite ? none : data }),
  ]
}
