/**
 * Lines of the raw log of real devices (access/hardware-recorder.ts): accesses, whose times are those of the wall
 * clock, and what else happened to the devices, which logs of mmiotrace have and logs of JSON lines have not.
 */
import { toAddress } from '../map/address-map.js'
import { toHex, type Operation } from '../wire/access.js'
import type { InterruptOperation } from './log-record.js'

/** What is written of an access to a real device, which has no cycles. */
export interface RawHardwareFields {
  seq: number
  /** Wall clock since the recording began. */
  timePs: bigint
  device: string
  operation: Operation | InterruptOperation
  offset: bigint
  widthBytes: number
  data: Uint8Array
  pid: number
  tid: number
  pc: bigint
  stack: number
  session: number
  /** In the memory of the program; 0: it was a call. */
  address: bigint
  wallNs: bigint
}

/** A line for one access to a real device, with its line feed. */
export function toRawHardwareLine(fields: RawHardwareFields): string {
  const { seq, timePs, device, operation, offset, widthBytes, data, pid, tid, pc, stack, session, ...rest } = fields
  return (
    `{"seq":${seq},"timePs":${timePs},"op":"${operation}",` +
    `"device":${JSON.stringify(device)},"offset":${offset},"widthBytes":${widthBytes},"data":"${toHex(data)}",` +
    `"status":"OKAY","wallTime":"${toWallTime(rest.wallNs)}","pid":${pid},"tid":${tid},` +
    `"pc":"${toAddress(pc)}","stack":${stack},"session":${session},"address":${rest.address},"wallNs":${rest.wallNs}}\n`
  )
}

/** ISO 8601 with nanoseconds. */
function toWallTime(ns: bigint): string {
  const second = new Date(Number(ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  return `${second}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`
}

/** What is no access. */
export type RawEvent = RawMapping | RawMark

interface RawStamp {
  kind: 'event'
  timePs: bigint
  wallNs: string
}

/** A process has mapped a range of a device, or has unmapped a range of its memory. */
export interface RawMapping extends RawStamp {
  event: 'map' | 'unmap'
  /** Empty of what is unmapped. */
  device: string
  offset: bigint
  address: bigint
  length: bigint
  pid: number
  session: number
}

/** What a reader of the log should know at this point of it. */
export interface RawMark extends RawStamp {
  event: 'mark'
  text: string
}

const wide = ['timePs', 'offset', 'address', 'length'] as const

export function toRawEventLine(event: RawEvent): string {
  return JSON.stringify(event, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) + '\n'
}

/** Undefined for a line of another kind. */
export function toRawEvent(line: string): RawEvent | undefined {
  if (!line.startsWith('{"kind":"event"') || !line.endsWith('}')) return undefined
  return JSON.parse(line, (key, value: unknown) => (isWide(key) ? BigInt(String(value)) : value)) as RawEvent
}

function isWide(key: string): boolean {
  return (wide as readonly string[]).includes(key)
}
