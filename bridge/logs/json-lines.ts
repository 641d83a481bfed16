/**
 * A line of our JSONL log as a record; numbers of 64 bits are quoted before they are parsed, for JSON would round them.
 */
import { z } from 'zod'
import { statuses } from '../wire/access.js'
import type { LogEntry } from './log-record.js'

const wideNumbers = /("(?:seq|cycleStart|cycleEnd|timePs|offset)":)(\d+)/g
const wide = z.string().regex(/^\d+$/).transform(BigInt)

const operations = [
  ...(['read', 'write', 'dma-read', 'dma-write', 'stream-read', 'stream-write'] as const),
  ...(['interrupt', 'interrupt-control'] as const),
]

/** A number, one beyond what JSON keeps in hex, or the name of one. */
const fieldValue = z.union([
  z.int().transform(BigInt),
  z
    .string()
    .regex(/^0x[0-9a-f]+$/)
    .transform(BigInt),
  z.string(),
])

const schema = z
  .object({
    seq: wide,
    /** Real devices have none. */
    cycleStart: wide.optional(),
    cycleEnd: wide.optional(),
    wallTime: z.string().optional(),
    timePs: wide,
    op: z.enum(operations),
    device: z.string(),
    offset: wide,
    widthBytes: z.int().nonnegative(),
    packetEnd: z.boolean().optional(),
    data: z.string().regex(/^(0x[0-9a-f]+)?$/i),
    byteEnables: z
      .string()
      .regex(/^0x[0-9a-f]{1,16}$/i)
      .transform(BigInt)
      .optional(),
    status: z.enum(statuses),
    pid: z.int().default(0),
    tid: z.int().default(0),
    symbol: z.string().default(''),
    register: z.string().optional(),
    fields: z.record(z.string(), fieldValue).optional(),
    frames: z
      .array(z.object({ function: z.string(), file: z.string().optional(), line: z.int().optional() }))
      .optional(),
  })
  .refine(({ op, widthBytes }) => widthBytes > 0 || !['read', 'write'].includes(op), 'widthBytes is 0')

export function toJsonRecord(line: string, _seq: bigint, at: string): LogEntry {
  const parsed = schema.safeParse(JSON.parse(line.replace(wideNumbers, '$1"$2"')))
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll('\n', ' '))
  const { op, data, cycleStart, cycleEnd, wallTime, packetEnd, byteEnables, register, fields, frames, ...rest } =
    parsed.data
  return {
    ...rest,
    ...(byteEnables !== undefined && { byteEnables }),
    ...(packetEnd !== undefined && { packetEnd }),
    ...(register !== undefined && { register }),
    ...(fields !== undefined && { fields }),
    ...(frames && { frames }),
    at,
    operation: op,
    value: data === '' ? undefined : BigInt(data),
    ...(wallTime !== undefined && { wallTime }),
    cycles: cycleStart === undefined || cycleEnd === undefined ? undefined : { start: cycleStart, end: cycleEnd },
  }
}
