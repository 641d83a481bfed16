/**
 * The only place where protobuf and the bridge's own words meet.
 *
 * An access and its completion pass through the bridge as the bytes they came in: `scan.ts`
 * looks at the few fields that routing needs, and `frameAccess` wraps the bytes for the model. Whoever wants all fields
 * (an error line, `--show`) decodes the same bytes later. So 64-bit values survive by never being numbers here.
 */
import { tagsOf } from './model-messages.js'
import { messages, plainObjects as conversion } from './protobuf.js'
import { statuses, type Access, type CallFrame, type Completion, type Status } from './access.js'
import { cutText, excessOf } from './contract-limits.js'
import { allocateFrame, frame, frameHead } from './framing.js'
import { TraplineError } from '../ground/errors.js'

const accessType = messages.lookupType('trapline.v1.Access')
const completionType = messages.lookupType('trapline.v1.Completion')
const requestType = messages.lookupType('trapline.v1.ModelRequest')
const replyType = messages.lookupType('trapline.v1.ModelReply')

function varintBytes(value: number): number {
  let count = 1
  while (value >= 128) {
    value = Math.floor(value / 128)
    count++
  }
  return count
}

function writeVarint(buffer: Buffer, at: number, value: number): number {
  while (value >= 128) {
    buffer[at++] = (value % 128) | 0x80
    value = Math.floor(value / 128)
  }
  buffer[at++] = value
  return at
}

const inRequest = tagsOf('ModelRequest', 'id', 'access')
const inSessionAccess = tagsOf('SessionAccess', 'session', 'access')

/** `ModelRequest { id, access: { session, access } }` behind its length, in one buffer; `access` is copied as it is. */
export function frameAccess(id: number, session: number, access: Uint8Array): Buffer {
  const inner = 1 + varintBytes(session) + 1 + varintBytes(access.length) + access.length
  const outer = 1 + varintBytes(id) + 1 + varintBytes(inner) + inner
  const framed = allocateFrame(outer)
  let at = frameHead
  framed[at++] = inRequest.id
  at = writeVarint(framed, at, id)
  framed[at++] = inRequest.access
  at = writeVarint(framed, at, inner)
  framed[at++] = inSessionAccess.session
  at = writeVarint(framed, at, session)
  framed[at++] = inSessionAccess.access
  at = writeVarint(framed, at, access.length)
  framed.set(access, at)
  return framed
}

/** The fields of a message as protobufjs gives them, 64-bit values as decimal strings. */
type PlainFields = Record<string, unknown>

/**
 * A request other than an access, behind its length. 64-bit values may be bigint, number or decimal string. Throws a
 * sentence if the model has no room for what it says.
 */
export function frameRequest(request: PlainFields): Buffer {
  const plain = plainOf(request) as PlainFields
  const excess = excessOf(requestType, plain)
  if (excess !== undefined) throw new TraplineError('model', `a model can't be told ${excess}; say it shorter`)
  return frame(requestType.encode(requestType.fromObject(plain)).finish())
}

function plainOf(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(plainOf)
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plainOf(field)]))
}

export interface Hello {
  protocolVersion: number
  verilatorVersion: string
  ports: string[]
  interrupts: string[]
  pid: number
  /** Accesses may be strings. */
  takesStrings: boolean
  /** Of its first clock; 0: what it was started with. */
  periodPs: bigint
}

export interface ModelTime {
  cycle: bigint
  timePs: bigint
}

export interface ModelStatistics extends ModelTime {
  reads: bigint
  writes: bigint
  beats: bigint
  errors: bigint
  /** What its manager ports wait for from the design, a phrase each. */
  dmaWaits: string[]
}

export interface Progress extends ModelTime {
  accesses: bigint
  pending: string
  dmaWaits: string[]
}

export interface Fault extends ModelTime {
  kind: string
  message: string
  file: string
  line: number
}

/** A level change of an interrupt line. */
export interface InterruptChange extends ModelTime {
  line: number
  level: boolean
}

/** A read of this stream would be answered at once. */
export interface StreamReadable extends ModelTime {
  stream: number
}

/** The RTL reached for memory that is not mapped, or wrote what it may only read; it got DECERR. */
export interface DmaFault extends ModelTime {
  port: string
  write: boolean
  /** The address of the beat. */
  address: bigint
  /** Counts from 0 in its burst. */
  beat: number
  burstAddress: bigint
}

/** The RTL wants host memory that is not shared. */
export interface DmaRequest {
  address: bigint
  size: number
  /** What it writes; empty if it reads. */
  data: Buffer
}

export type ModelReply =
  | { body: 'hello'; hello: Hello }
  | { body: 'done'; done: ModelTime }
  | { body: 'statistics'; statistics: ModelStatistics }
  | { body: 'progress'; progress: Progress }
  | { body: 'fault'; fault: Fault }
  | { body: 'interrupt'; interrupt: InterruptChange }
  | { body: 'streamReadable'; streamReadable: StreamReadable }
  | { body: 'dmaFault'; dmaFault: DmaFault }
  | { body: 'dmaRequest'; dmaRequest: DmaRequest }
  | { body: 'pass'; pass: object }
  | { body: 'refusal'; refusal: { message: string } }

const longFields = new Set([
  ...['cycle', 'timePs', 'reads', 'writes', 'beats', 'errors', 'accesses'],
  ...['address', 'burstAddress', 'periodPs'],
])

/** Decodes any reply but a completion. */
export function decodeReply(bytes: Uint8Array): ModelReply {
  const plain = replyType.toObject(replyType.decode(bytes), conversion)
  const body = plain.body as string | undefined
  if (!body) throw new RangeError('a reply that says nothing')
  const fields = Object.entries(plain[body] as PlainFields)
  const converted = fields.map(([key, value]) => [key, longFields.has(key) ? BigInt(value as string) : value])
  return { body, [body]: Object.fromEntries(converted) } as unknown as ModelReply
}

/** What the bridge asks of a model, seen by a model that runs in this process. */
export type ModelRequest = { id: number } & (
  | { body: 'openSession'; openSession: { session: number; pid: number; devices: SessionDevice[] } }
  | { body: 'closeSession'; closeSession: { session: number } }
  | { body: 'access'; access: { session: number; access: Access } }
  | { body: 'advance'; advance: { cycles: string } }
  | { body: 'run'; run: { cycles: string; untilInterrupt: boolean } }
  | { body: 'reset'; reset: { cycles: string } }
  | { body: 'trace'; trace: { on: boolean } }
  | { body: 'statistics' | 'stop' }
)

interface SessionDevice {
  handle: number
  name: string
  port: number
  address: string
  size: string
}

export function decodeRequest(bytes: Uint8Array): ModelRequest {
  const plain = requestType.toObject(requestType.decode(bytes), conversion)
  if (plain.access) plain.access.access = toAccess(plain.access.access)
  return { ...plain, id: Number(plain.id) } as unknown as ModelRequest
}

/** The message with its length in front. */
export function frameReply({ completion, ...reply }: { id: number; completion?: Partial<Completion> }): Buffer {
  const body = completion && completionType.decode(encodeCompletion(completion))
  const message = replyType.fromObject({ ...(plainOf(reply) as PlainFields), ...(body && { completion: body }) })
  return frame(replyType.encode(message).finish())
}

export function decodeAccess(bytes: Uint8Array): Access {
  return toAccess(accessType.toObject(accessType.decode(bytes), conversion))
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function toAccess(plain: any): Access {
  return {
    seq: BigInt(plain.seq),
    device: plain.device,
    offset: BigInt(plain.offset),
    operation: plain.operation === 'OPERATION_WRITE' ? 'write' : 'read',
    widthBytes: plain.widthBytes,
    data: plain.data,
    byteEnables: BigInt(plain.byteEnables),
    hold: plain.hold,
    tid: plain.tid,
    pc: BigInt(plain.pc),
    site: plain.site ? { ...plain.site, moduleOffset: BigInt(plain.site.moduleOffset) } : undefined,
    patienceCycles: plain.patienceCycles,
    packetEnd: plain.packetEnd,
    wantedBytes: plain.wantedBytes,
    posted: plain.posted,
    elements: plain.elements,
    descending: plain.descending,
    stack: plain.stack,
    frames: plain.frames.map((frame: CallFrame) => ({
      ...{ ...frame, pc: BigInt(frame.pc), moduleOffset: BigInt(frame.moduleOffset) },
    })),
  }
}

export function encodeAccess(access: Partial<Access>): Buffer {
  const plain = { ...access, operation: `OPERATION_${(access.operation ?? 'unspecified').toUpperCase()}` }
  return Buffer.from(accessType.encode(accessType.fromObject(plainOf(plain) as PlainFields)).finish())
}

export function decodeCompletion(bytes: Uint8Array): Completion {
  const plain = completionType.toObject(completionType.decode(bytes), conversion)
  return {
    seq: BigInt(plain.seq),
    status: String(plain.status).replace('STATUS_', '') as Status,
    data: plain.data,
    cycleStart: BigInt(plain.cycleStart),
    cycleEnd: BigInt(plain.cycleEnd),
    timePs: BigInt(plain.timePs),
    beats: plain.beats,
    detail: plain.detail,
    takenBytes: plain.takenBytes,
    isPending: plain.isPending,
    packetEnd: plain.packetEnd,
    isReadable: plain.isReadable,
    posted: BigInt(plain.posted),
    done: plain.done,
  }
}

/** A detail that is too long for an agent is cut: what it is about, a failed build say, is told in full elsewhere. */
export function encodeCompletion(completion: Partial<Completion>): Buffer {
  const status = statuses.indexOf(completion.status ?? 'UNSPECIFIED')
  const detail = cutText(completion.detail ?? '', 'Completion.detail')
  const plain = plainOf({ ...completion, status, detail }) as PlainFields
  return Buffer.from(completionType.encode(completionType.fromObject(plain)).finish())
}
