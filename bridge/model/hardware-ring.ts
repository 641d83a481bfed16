/**
 * The file by which agents tell of accesses to real devices (proto/trapline/v1/ring.h): we make it, and read what is
 * there in the order in which the devices saw it.
 */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ringFile } from '../run/layout.js'
import { readRingLayout } from '../wire/ring-layout.js'

/** One access to a real device, which it has answered. */
export interface HardwareRecord {
  wallNs: bigint
  pc: bigint
  /** From the start of the device. */
  offset: bigint
  session: number
  /** Handle of the device. */
  device: number
  tid: number
  stack: number
  widthBytes: number
  operation: 'read' | 'write'
  data: Buffer
}

/** Records that are read at once. */
const mostAtOnce = 4096
const writeOperation = 2

export class HardwareRing {
  readonly name = ringFile
  readonly #layout = readRingLayout()
  readonly #descriptor: number
  readonly #batch: Buffer
  #taken = 0n

  constructor(folder: string) {
    const { VERSION, RECORDS, HEAD_BYTES, RECORD_BYTES } = this.#layout
    this.#descriptor = openSync(join(folder, this.name), 'wx+', 0o600)
    this.#batch = Buffer.alloc(mostAtOnce * RECORD_BYTES)
    ftruncateSync(this.#descriptor, HEAD_BYTES + RECORDS * RECORD_BYTES)
    this.#write(Buffer.from(Uint32Array.of(VERSION).buffer), 0)
  }

  /** What has come since, up to a few thousand records. */
  take(): HardwareRecord[] {
    const { RECORDS, HEAD_BYTES, RECORD_BYTES, COUNT_AT, TAKEN_AT } = this.#layout
    const at = Number(this.#taken % BigInt(RECORDS))
    const there = Number(this.#read(COUNT_AT, 8).readBigUInt64LE() - this.#taken)
    const count = Math.min(there, mostAtOnce, RECORDS - at)
    if (count <= 0) return []
    readSync(this.#descriptor, this.#batch, 0, count * RECORD_BYTES, HEAD_BYTES + at * RECORD_BYTES)
    const records = Array.from({ length: count }, (_none, i) => this.#toRecord(i * RECORD_BYTES))
    this.#taken += BigInt(count)
    const taken = Buffer.alloc(8)
    taken.writeBigUInt64LE(this.#taken)
    this.#write(taken, TAKEN_AT)
    return records
  }

  /** The session that is at an access; 0: none is. */
  get holder(): number {
    return this.#read(this.#layout.HOLDER_AT, 4).readUInt32LE()
  }

  /** Its holder is gone, in the midst of an access. */
  free(): void {
    this.#write(Buffer.alloc(4), this.#layout.HOLDER_AT)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #toRecord(at: number): HardwareRecord {
    const { WALL_AT, PC_AT, OFFSET_AT, SESSION_AT, DEVICE_AT, THREAD_AT, STACK_AT, ...rest } = this.#layout
    const word = (place: number) => this.#batch.readUInt32LE(at + place)
    const wide = (place: number) => this.#batch.readBigUInt64LE(at + place)
    const widthBytes = word(rest.WIDTH_AT)
    const data = at + rest.DATA_AT
    return {
      ...{ wallNs: wide(WALL_AT), pc: wide(PC_AT), offset: wide(OFFSET_AT), session: word(SESSION_AT) },
      ...{ device: word(DEVICE_AT), tid: word(THREAD_AT), stack: word(STACK_AT), widthBytes },
      operation: word(rest.OPERATION_AT) === writeOperation ? 'write' : 'read',
      data: Buffer.from(this.#batch.subarray(data, data + widthBytes)),
    }
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
