/**
 * The file by which agents tell of accesses to real devices (proto/trapline/v1/ring.h): we make it, and read what is
 * there in the order in which the devices saw it.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { InterruptOperation } from '../logs/log-record.js'
import { ringFile } from '../run/layout.js'
import { readRingLayout } from '../wire/ring-layout.js'

/** What a process has done with a real device. */
export type HardwareRecord = HardwareAccess | HardwareMapping

interface HardwareEvent {
  wallNs: bigint
  /** From the start of the device. */
  offset: bigint
  session: number
  /** Handle of the device; 0 of what is unmapped. */
  device: number
  tid: number
  /** In the memory of the process; 0: by a call that has none. */
  address: bigint
}

/** An access, which the device has answered. */
export interface HardwareAccess extends HardwareEvent {
  /** An interrupt of a UIO device is its count, which a read gave; its control what was written to it. */
  operation: 'read' | 'write' | InterruptOperation
  pc: bigint
  stack: number
  widthBytes: number
  data: Buffer
}

/** A range of its memory is a device, or is none any more. */
export interface HardwareMapping extends HardwareEvent {
  operation: 'map' | 'unmap'
  /** Bytes. */
  length: bigint
}

export function isMapping(record: HardwareRecord): record is HardwareMapping {
  return record.operation === 'map' || record.operation === 'unmap'
}

export function isInterrupt({ operation }: HardwareRecord): boolean {
  return operation === 'interrupt' || operation === 'interrupt-control'
}

/** Who holds the ring. */
export interface RingHolder {
  session: number
  /** The access that it has begun, of which nobody knows whether the device has seen it; without what it read. */
  begun: HardwareRecord | undefined
}

/** Records that are read at once. */
const mostAtOnce = 4096
const plainOperations: Record<number, 'read' | 'write'> = { 1: 'read', 2: 'write' }
const sessionBytes = 4
const numberBytes = 8

export class HardwareRing {
  readonly name = ringFile
  readonly #layout = readRingLayout()
  readonly #operations: Readonly<Record<number, HardwareRecord['operation']>>
  readonly #descriptor: number
  readonly #batch: Buffer
  #taken = 0n

  /** @param waits whether each access waits until it is confirmed */
  constructor(
    folder: string,
    private readonly waits = false,
  ) {
    const { VERSION, RECORDS, HEAD_BYTES, RECORD_BYTES, MAP, UNMAP, INTERRUPT, INTERRUPT_CONTROL } = this.#layout
    this.#operations = {
      ...{ ...plainOperations, [MAP]: 'map', [UNMAP]: 'unmap' },
      ...{ [INTERRUPT]: 'interrupt', [INTERRUPT_CONTROL]: 'interrupt-control' },
    }
    this.#descriptor = openSync(join(folder, this.name), 'wx+', 0o600)
    this.#batch = Buffer.alloc(mostAtOnce * RECORD_BYTES)
    ftruncateSync(this.#descriptor, HEAD_BYTES + RECORDS * RECORD_BYTES)
    this.#write(Buffer.from(Uint32Array.of(VERSION).buffer), 0)
    if (waits) this.#sayWaits(this.#layout.WAITS)
  }

  /** What has come since, up to a few thousand records. */
  take(): HardwareRecord[] {
    const { RECORDS, HEAD_BYTES, RECORD_BYTES, COUNT_AT } = this.#layout
    const at = Number(this.#taken % BigInt(RECORDS))
    const there = Number(this.#number(COUNT_AT) - this.#taken)
    const count = Math.min(there, mostAtOnce, RECORDS - at)
    if (count <= 0) return []
    readSync(this.#descriptor, this.#batch, 0, count * RECORD_BYTES, HEAD_BYTES + at * RECORD_BYTES)
    const records = Array.from({ length: count }, (_none, i) => this.#toRecord(i * RECORD_BYTES))
    this.#taken += BigInt(count)
    if (!this.waits) this.confirm()
    return records
  }

  /** Who waits behind what was taken last goes on. */
  confirm(): void {
    const taken = Buffer.alloc(numberBytes)
    taken.writeBigUInt64LE(this.#taken)
    this.#write(taken, this.#layout.TAKEN_AT)
  }

  /** Nobody goes on: whoever waits is ended, and so is who comes. */
  refuse(): void {
    this.#sayWaits(this.#layout.ENDS)
  }

  #sayWaits(value: number): void {
    this.#write(Buffer.from(Uint32Array.of(value).buffer), this.#layout.WAITS_AT)
  }

  /** Undefined where nobody holds it. All that was recorded has been taken before. */
  get holder(): RingHolder | undefined {
    const { HOLDER_AT, BEGUN_AT, RECORDS, HEAD_BYTES, RECORD_BYTES } = this.#layout
    const session = this.#read(HOLDER_AT, sessionBytes).readUInt32LE()
    if (session === 0) return undefined
    if (this.#number(BEGUN_AT) !== this.#taken + 1n) return { session, begun: undefined }
    const at = Number(this.#taken % BigInt(RECORDS))
    readSync(this.#descriptor, this.#batch, 0, RECORD_BYTES, HEAD_BYTES + at * RECORD_BYTES)
    // It may be about to be written anew, without its session.
    return { session, begun: { ...this.#toRecord(0), session } }
  }

  /** Its holder is gone, in the midst of an access. */
  free(): void {
    this.#write(Buffer.alloc(sessionBytes), this.#layout.HOLDER_AT)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #toRecord(at: number): HardwareRecord {
    const { WALL_AT, PC_AT, OFFSET_AT, SESSION_AT, DEVICE_AT, THREAD_AT, STACK_AT, ...rest } = this.#layout
    const word = (place: number) => this.#batch.readUInt32LE(at + place)
    const wide = (place: number) => this.#batch.readBigUInt64LE(at + place)
    const event = {
      ...{ wallNs: wide(WALL_AT), offset: wide(OFFSET_AT), address: wide(rest.ADDRESS_AT) },
      ...{ session: word(SESSION_AT), device: word(DEVICE_AT), tid: word(THREAD_AT) },
    }
    const operation = this.#operations[word(rest.OPERATION_AT)] ?? 'read'
    if (operation === 'map' || operation === 'unmap') return { ...event, operation, length: wide(rest.LENGTH_AT) }
    const widthBytes = word(rest.WIDTH_AT)
    const data = at + rest.DATA_AT
    return {
      ...{ ...event, operation, pc: wide(PC_AT), stack: word(STACK_AT), widthBytes },
      data: Buffer.from(this.#batch.subarray(data, data + widthBytes)),
    }
  }

  #number(at: number): bigint {
    return this.#read(at, numberBytes).readBigUInt64LE()
  }

  #read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    readSync(this.#descriptor, bytes, 0, length, at)
    return bytes
  }

  #write(bytes: Buffer, at: number): void {
    writeSync(this.#descriptor, bytes, 0, bytes.length, at)
  }
}
