/**
 * The raw access logs of models: the lines that golden models write, and the reading of all of them, line by line and
 * merged into one sequence. What becomes of the lines is decided elsewhere.
 */
import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { TraplineError } from '../ground/errors.js'
import { openForeign } from '../ground/foreign-files.js'
import { toAddress } from '../map/address-map.js'
import { partialEnables, toHex, type Access, type Operation, type Status } from '../wire/access.js'
import type { InterruptOperation } from './log-record.js'
import { toRawEvent, type RawEvent } from './raw-hardware.js'

/** A line of a raw log, taken apart as far as finishing needs it. */
export type RawLine = RawAccess | RawBurst | RawEvent

export interface RawAccess {
  /** A read or write of a real UIO device itself is no access to one of its registers. */
  kind: 'access' | 'interrupt'
  /** `"cycleStart":…` up to and with `"tid":…`, as it stands. */
  fields: string
  /** `0x…` */
  pc: string
  /** 0: nobody knows who called. */
  stack: number
  session: number
  /** Of a real device, in the memory of the program; 0: by a call that has none. */
  address: bigint
  wallNs: string
}

/** A burst of a manager port of the RTL. */
export interface RawBurst {
  kind: 'burst'
  /** `"cycleStart":…` up to and with `"op":…`, as it stands. */
  stamp: string
  /** The name of the port as JSON, in quotes. */
  port: string
  /** On the bus. */
  address: bigint
  /** `"widthBytes":…` up to and with `"beats":…`, as it stands. */
  fields: string
  wallNs: string
}

/** What a model writes of one access; hdl/sim/access_log.cc writes the same lines for RTL. */
export interface RawAccessFields {
  /** Counts from 1 in each model. */
  seq: number
  cycle: bigint
  timePs: bigint
  device: string
  access: Access
  status: Status
  /** The bytes as `movedBytes` has them; none of a read that was refused. */
  moved: Uint8Array
  /** Transfers on the bus; each is a burst of its own. */
  beats: number
  pid: number
  session: number
  wallNs: bigint
}

/** A line for one access, with its line feed. */
export function toRawAccessLine(fields: RawAccessFields): string {
  const { seq, cycle, timePs, device, access, status, moved, beats, pid, session, wallNs } = fields
  const enables = partialEnables(access)
  const enabled = enables === undefined ? '' : `"byteEnables":"${toAddress(enables)}",`
  return (
    `{"seq":${seq},"cycleStart":${cycle},"cycleEnd":${cycle},"timePs":${timePs},"op":"${access.operation}",` +
    `"device":${JSON.stringify(device)},"offset":${access.offset},"widthBytes":${access.widthBytes},` +
    `"data":"${moved.length > 0 ? toHex(moved) : ''}",${enabled}"status":"${status}",` +
    `"beats":${beats},"bursts":${beats},` +
    `"pid":${pid},"tid":${access.tid},"pc":"${toAddress(access.pc)}","stack":${access.stack},` +
    `"session":${session},"wallNs":${wallNs}}\n`
  )
}

const accessPattern =
  /^\{"seq":\d+,(.*),"pc":"(0x[0-9a-f]+)","stack":(\d+),"session":(\d+)(?:,"address":(\d+))?,"wallNs":(\d+)\}$/
const interruptPattern = /^"timePs":\d+,"op":"interrupt/
const burstPattern = /^\{(.*"op":"dma-\w+"),"port":(".*"),"address":(\d+),("widthBytes":.*),"wallNs":(\d+)\}$/

/** An access or interrupt as the fields of its line have it. */
export interface RawParts {
  timePs: bigint
  operation: Operation | InterruptOperation
  device: string
  offset: bigint
  widthBytes: number
  /** Absent of a read that was refused. */
  value: bigint | undefined
  byteEnables: bigint | undefined
  status: string
  pid: string
}

const partsPattern = new RegExp(
  '"timePs":(?<timePs>\\d+),"op":"(?<op>[\\w-]+)","device":(?<device>".*"),"offset":(?<offset>\\d+),' +
    '"widthBytes":(?<width>\\d+),"data":"(?<data>\\w*)",("byteEnables":"(?<enables>\\w+)",)?' +
    '"status":"(?<status>\\w+)",.*"pid":(?<pid>-?\\d+)',
)

/** @param fields of an access to an address or of an interrupt, not of a piece of a packet */
export function readParts(fields: string): RawParts {
  const groups = partsPattern.exec(fields)?.groups ?? {}
  const { timePs = 0, op = 'read', device = '""', offset = 0, width = 0, data, enables, status = '', pid = '' } = groups
  return {
    ...{ timePs: BigInt(timePs), operation: op as RawParts['operation'], offset: BigInt(offset), status, pid },
    device: JSON.parse(device) as string,
    widthBytes: Number(width),
    value: data ? BigInt(data) : undefined,
    byteEnables: enables === undefined ? undefined : BigInt(enables),
  }
}

function toRawLine(line: string): RawLine | undefined {
  const [, fields = '', pc = '', stack, session, address = '0', wallNs = ''] = accessPattern.exec(line) ?? []
  if (session !== undefined)
    return {
      kind: interruptPattern.test(fields) ? 'interrupt' : 'access',
      fields,
      pc,
      stack: Number(stack),
      session: Number(session),
      address: BigInt(address),
      wallNs,
    }
  const [, stamp = '', port = '', start, rest = '', burstNs = ''] = burstPattern.exec(line) ?? []
  if (start === undefined) return toRawEvent(line)
  return { kind: 'burst', stamp, port, address: BigInt(start), fields: rest, wallNs: burstNs }
}

/** Lines of all logs in the order of wall-clock time. A model that was never used has written no log. */
export function readRawLogs(paths: string[]): AsyncGenerator<RawLine> {
  return mergeByTime(paths.filter((path) => existsSync(path)).map(readRawLog))
}

/** The last line may be torn if its model was killed; any other that does not fit is an error. */
async function* readRawLog(path: string): AsyncGenerator<RawLine> {
  let torn: number | undefined
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path, { fd: openForeign(path) }) })) {
    if (torn !== undefined) throw new TraplineError('output', `${path}:${torn} is not a line of a raw access log`)
    const raw = toRawLine(line)
    number++
    if (raw) yield raw
    else torn = number
  }
}

async function* mergeByTime(sources: AsyncGenerator<RawLine>[]): AsyncGenerator<RawLine> {
  if (sources.length === 1 && sources[0]) return yield* sources[0]
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })))
  for (;;) {
    const live = heads.filter(({ head }) => !head.done)
    const first = live.sort((a, b) => compareWhole(a.head.value.wallNs, b.head.value.wallNs))[0]
    if (!first) return
    yield first.head.value
    first.head = await first.source.next()
  }
}

/** Orders decimal numbers of any size. */
function compareWhole(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}
