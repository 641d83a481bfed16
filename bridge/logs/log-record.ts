/**
 * One access as a log has it, whoever wrote the log, or one burst of the RTL's own. Numbers are exact to 64 bits; what
 * a format lacks is absent.
 */
import type { NamedAccess } from '../registers/register-map.js'
import { toRegisterWords } from '../registers/words.js'
import type { CodeFrame, Operation, Status } from '../wire/access.js'

/** Pieces of packets that hosts exchange with streams of the RTL. */
export type StreamOperation = 'stream-read' | 'stream-write'

/** What the RTL's manager ports do in the memory of hosts. */
export type BurstOperation = 'dma-read' | 'dma-write'

/** A program has been told of an interrupt of a real device, or has said whether they may come. */
export type InterruptOperation = 'interrupt' | 'interrupt-control'

/** Whatever a log holds. Of a burst, `pid` and `tid` are 0 and `device` is a memory, or empty where none lies. */
export interface LogEntry extends Omit<LogRecord, 'operation'> {
  operation: Operation | BurstOperation | StreamOperation | InterruptOperation
  /** Whether a packet of a stream ends with these bytes. */
  packetEnd?: boolean
}

/** What programs do, with or without an address: all but the bursts of the RTL, and interrupts. */
export function isTransfer(entry: LogEntry): boolean {
  return isAccess(entry) || isStream(entry)
}

export function isStream({ operation }: LogEntry): boolean {
  return operation.startsWith('stream-')
}

export function isInterrupt({ operation }: LogEntry): boolean {
  return operation === 'interrupt'
}

export function isInterruptControl({ operation }: LogEntry): boolean {
  return operation === 'interrupt-control'
}

export function isAccess(entry: LogEntry): entry is LogRecord {
  return entry.operation === 'read' || entry.operation === 'write'
}

export interface LogRecord extends Partial<NamedAccess> {
  /** `run.jsonl:12`, for sentences. */
  at: string
  /** Counts from 1 in the order of the log. */
  seq: bigint
  operation: Operation
  /** Name of the device; absent in mmiotrace, which has physical addresses. */
  device: string | undefined
  /** Bytes from the start of the device, or the physical address. */
  offset: bigint
  widthBytes: number
  /**
   * Of a masked access, which bytes it moves, bit i for byte i; `value` has 0 in the others. Absent where it moves all.
   */
  byteEnables?: bigint
  /** Absent where the device gave none: a refused read. */
  value: bigint | undefined
  status: Status
  cycles: { start: bigint; end: bigint } | undefined
  timePs: bigint
  /** When a real device answered, ISO 8601 with nanoseconds; absent of models. */
  wallTime?: string
  pid: number
  tid: number
  /** `function (file.c:12)`, or empty. */
  symbol: string
  /** The instruction's function and its callers, the innermost first; absent where they are not known. */
  frames?: CodeFrame[]
}

/** `gpio0+0x10`, or the physical address, or that on the bus. */
export function toPlace({ device, offset }: Pick<LogRecord, 'device' | 'offset'>): string {
  const address = `0x${offset.toString(16)}`
  return device ? `${device}+${address}` : address
}

/** The value with all digits of its width; `no value` for none. */
export function toDigits(value: bigint | undefined, widthBytes: number): string {
  return value === undefined ? 'no value' : `0x${value.toString(16).padStart(2 * widthBytes, '0')}`
}

/** `read gpio0+0x10 4 B = 0x00000001` and, if it is known, ` (STATUS.BUSY=1)` and `  in main (blink.c:18)`. */
export function toSentence(record: LogEntry): string {
  const { operation, widthBytes, byteEnables, value, status, symbol, packetEnd } = record
  const { register, fields = {} } = record
  const enables = byteEnables === undefined ? '' : `, byte enables 0x${byteEnables.toString(16)}`
  const ends = packetEnd ? ', packet ends' : ''
  if (isInterrupt(record)) return `interrupt of ${record.device ?? ''}${value === undefined ? '' : `, number ${value}`}`
  if (isInterruptControl(record)) return `interrupt control of ${record.device ?? ''}: ${value ?? 0n}`
  const place = isStream(record) ? (record.device ?? '') : toPlace(record)
  const result = value === undefined ? '' : ` = ${toDigits(value, widthBytes)}`
  const verdict = status === 'OKAY' ? '' : ` ${status}`
  const by = symbol ? `  in ${symbol}` : ''
  const words = register === undefined ? '' : ` (${toRegisterWords({ register, fields })})`
  return `${operation} ${place} ${widthBytes} B${enables}${ends}${result}${words}${verdict}${by}`
}
