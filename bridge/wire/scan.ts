/**
 * What the way of an access has to know of its messages, read off their bytes without decoding them. An access comes
 * from a process that is not ours, and its bytes go on to a model that ends when it can't read them: what passes here
 * can be read by every decoder behind it.
 */
import { statuses } from './access.js'
import { mostBytes, mostItems, mostTextBytes } from './contract-limits.js'
import { lengthDelimited, tagsOf } from './model-messages.js'

/** Bytes of the widest access; a device without bursts is given 64 at most. */
const maxAccessBytes = mostBytes('Access.data')
/** What byte_enables can speak of. */
const maxEnabledBytes = 64
/** Texts of a Site that models keep room for. */
const maxModuleBytes = mostTextBytes('Site.module')
const maxInstructionBytes = mostTextBytes('Site.instruction')
const maxBuildIdBytes = mostBytes('Site.build_id')
const maxFrames = mostItems('Access.frames')
const maxFunctionBytes = mostTextBytes('CallFrame.function')
/** What agents keep room for. */
const maxAnswerBytes = mostBytes('Completion.data')
const maxDetailBytes = mostTextBytes('Completion.detail')

/** What routing needs to know of an access. */
export interface AccessOutline {
  seq: number
  device: number
  isWrite: boolean
  widthBytes: number
  /** At least 1; more: it is a string. */
  elements: number
  hasSite: boolean
  /** So many callers are told. */
  frames: number
  /** A piece of a packet of a stream. */
  isStream: boolean
  /** First half of a locked instruction. */
  isHolding: boolean
  /** A write that nobody waits for. */
  isPosted: boolean
  /** Only waits for those. */
  isFlush: boolean
  /** What is wrong with the message, if anything. */
  fault: string | undefined
}

export interface CompletionOutline {
  seq: number
  /** Index in `statuses`. */
  status: number
  /** Of a string: elements that ended with OKAY. */
  done: number
}

const inAccess = tagsOf(
  'Access',
  ...(['seq', 'device', 'offset', 'operation', 'widthBytes', 'data', 'byteEnables', 'hold', 'tid', 'pc'] as const),
  ...([
    'site',
    'patienceCycles',
    'packetEnd',
    'wantedBytes',
    'posted',
    'elements',
    'descending',
    'stack',
    'frames',
  ] as const),
)
const inSite = tagsOf('Site', 'module', 'moduleOffset', 'instruction', 'buildId')
const inFrame = tagsOf(
  'CallFrame',
  ...(['pc', 'isReturn', 'module', 'moduleOffset', 'buildId', 'function', 'line'] as const),
)
const inCompletion = tagsOf(
  'Completion',
  ...(['seq', 'status', 'data', 'cycleStart', 'cycleEnd', 'timePs', 'beats', 'detail'] as const),
  ...(['takenBytes', 'isPending', 'packetEnd', 'isReadable', 'done'] as const),
)
const inReply = tagsOf('ModelReply', 'id', 'completion', 'observed')
const inObserved = tagsOf('Observed', 'session', 'access', 'completion')

let cursor = 0
let end = 0

const longestVarint = 10

/** A varint of up to 64 bits as a number; exact up to 2^53. */
function readVarint(bytes: Uint8Array): number {
  let value = 0
  let scale = 1
  for (let count = 1; count <= longestVarint; count++) {
    const byte = cursor < end ? bytes[cursor++] : undefined
    if (byte === undefined) throw new RangeError('message ends in the middle of a field')
    value += (byte & 0x7f) * scale
    if (byte < 0x80 && (count < longestVarint || byte <= 1)) return value
    scale *= 128
  }
  throw new RangeError('a number has more than 64 bits')
}

function readUint32(bytes: Uint8Array): number {
  const value = readVarint(bytes)
  if (value > 0xffff_ffff) throw new RangeError(`${value} has more than 32 bits`)
  return value
}

/** Returns the length of what it has passed over. */
function skipBytes(bytes: Uint8Array): number {
  const length = readUint32(bytes)
  if (length > end - cursor) throw new RangeError('message ends in the middle of a field')
  cursor += length
  return length
}

function skipAtMost(bytes: Uint8Array, most: number, what: string): void {
  const length = skipBytes(bytes)
  if (length > most) throw new RangeError(`${what} has ${length} bytes; ${most} is the limit`)
}

/** The lead of a field that the message does not have, or has with another wire type. */
function refuseTag(tag: number): never {
  throw new RangeError(`there is no field ${Math.floor(tag / 8)} of wire type ${tag % 8}`)
}

/** Looks an access over without decoding it. A malformed one comes back with `fault`. */
export function scanAccess(bytes: Uint8Array): AccessOutline {
  const outline: AccessOutline = {
    ...{
      seq: 0,
      device: 0,
      isWrite: false,
      widthBytes: 0,
      hasSite: false,
      frames: 0,
      isStream: false,
      isHolding: false,
    },
    ...{ isPosted: false, isFlush: false, elements: 1 },
    fault: undefined,
  }
  let operation = 0
  let dataBytes = 0
  let hasEnables = false
  try {
    cursor = 0
    end = bytes.length
    while (cursor < end) {
      const tag = readVarint(bytes)
      if (tag === inAccess.seq) outline.seq = readVarint(bytes)
      else if (tag === inAccess.device) outline.device = readUint32(bytes)
      else if (tag === inAccess.operation) operation = readUint32(bytes)
      else if (tag === inAccess.widthBytes) outline.widthBytes = readUint32(bytes)
      else if (tag === inAccess.data) dataBytes = skipBytes(bytes)
      else if (tag === inAccess.tid) readUint32(bytes)
      else if (tag === inAccess.offset || tag === inAccess.pc) readVarint(bytes)
      else if (tag === inAccess.byteEnables) hasEnables = readVarint(bytes) !== 0
      else if (tag === inAccess.hold) outline.isHolding = readFlag(bytes)
      else if (tag === inAccess.patienceCycles) outline.isStream = readUint32(bytes) !== 0
      else if (tag === inAccess.packetEnd) readFlag(bytes)
      else if (tag === inAccess.wantedBytes) readUint32(bytes)
      else if (tag === inAccess.posted) outline.isPosted = readFlag(bytes)
      else if (tag === inAccess.elements) outline.elements = Math.max(readUint32(bytes), 1)
      else if (tag === inAccess.descending) readFlag(bytes)
      else if (tag === inAccess.site) outline.hasSite = scanSite(bytes)
      else if (tag === inAccess.stack) readUint32(bytes)
      else if (tag === inAccess.frames) outline.frames = scanFrame(bytes, outline.frames)
      else refuseTag(tag)
    }
  } catch (error) {
    outline.fault = (error as Error).message
    return outline
  }
  outline.isWrite = operation === 2
  outline.isFlush = operation === 3
  outline.fault = accessFault(outline, operation, dataBytes, hasEnables)
  return outline
}

function readFlag(bytes: Uint8Array): boolean {
  const value = readVarint(bytes)
  if (value > 1) throw new RangeError(`${value} is neither true nor false`)
  return value === 1
}

/** Passes over a Site. Returns true. */
function scanSite(bytes: Uint8Array): true {
  const behind = end
  const length = readUint32(bytes)
  if (length > behind - cursor) throw new RangeError('message ends in the middle of a field')
  end = cursor + length
  while (cursor < end) {
    const tag = readVarint(bytes)
    if (tag === inSite.module) skipAtMost(bytes, maxModuleBytes, 'a text of its site')
    else if (tag === inSite.moduleOffset) readVarint(bytes)
    else if (tag === inSite.instruction) skipAtMost(bytes, maxInstructionBytes, 'a text of its site')
    else if (tag === inSite.buildId) skipAtMost(bytes, maxBuildIdBytes, 'a text of its site')
    else refuseTag(tag)
  }
  end = behind
  return true
}

/** Passes over one of the callers, of which that many came before. Returns how many there are now. */
function scanFrame(bytes: Uint8Array, before: number): number {
  if (before >= maxFrames) throw new RangeError(`it tells ${before + 1} callers; ${maxFrames} is the limit`)
  const behind = end
  const length = readUint32(bytes)
  if (length > behind - cursor) throw new RangeError('message ends in the middle of a field')
  end = cursor + length
  while (cursor < end) {
    const tag = readVarint(bytes)
    if (tag === inFrame.pc || tag === inFrame.moduleOffset) readVarint(bytes)
    else if (tag === inFrame.isReturn) readFlag(bytes)
    else if (tag === inFrame.line) readUint32(bytes)
    else if (tag === inFrame.module) skipAtMost(bytes, maxModuleBytes, 'a module of its callers')
    else if (tag === inFrame.buildId) skipAtMost(bytes, maxBuildIdBytes, 'a build ID of its callers')
    else if (tag === inFrame.function) skipAtMost(bytes, maxFunctionBytes, 'a function of its callers')
    else refuseTag(tag)
  }
  end = behind
  return before + 1
}

function accessFault(
  outline: AccessOutline,
  operation: number,
  dataBytes: number,
  hasEnables: boolean,
): string | undefined {
  const { isPosted, isHolding, isStream, isFlush, elements } = outline
  if (isPosted && (!outline.isWrite || isHolding || isStream)) return 'only a plain write can be posted'
  if (isFlush)
    return outline.widthBytes + dataBytes > 0 || elements > 1 || isHolding || isStream
      ? 'a flush moves nothing'
      : undefined
  if (operation !== 1 && operation !== 2) return `operation ${operation} is neither a read nor a write`
  const least = outline.isStream && outline.isWrite ? 0 : 1
  if (outline.widthBytes < least || outline.widthBytes > maxAccessBytes)
    return `width_bytes ${outline.widthBytes} is not ${least} to ${maxAccessBytes}`
  if (hasEnables && outline.widthBytes > maxEnabledBytes)
    return `byte_enables reach no further than ${maxEnabledBytes} bytes, and width_bytes is ${outline.widthBytes}`
  if (elements > 1 && (isPosted || isHolding || isStream || hasEnables))
    return 'a string is neither masked, locked nor posted, nor of a stream'
  if (elements * outline.widthBytes > maxAccessBytes)
    return `${elements} elements of ${outline.widthBytes} bytes are more than ${maxAccessBytes} bytes`
  const expected = outline.isWrite ? elements * outline.widthBytes : 0
  return dataBytes === expected ? undefined : `data has ${dataBytes} bytes instead of ${expected}`
}

/** Throws if the bytes are no Completion, or one that an agent has no room for. */
export function scanCompletion(bytes: Uint8Array): CompletionOutline {
  const outline = { seq: 0, status: 0, done: 0 }
  cursor = 0
  end = bytes.length
  while (cursor < end) {
    const tag = readVarint(bytes)
    if (tag === inCompletion.seq) outline.seq = readVarint(bytes)
    else if (tag === inCompletion.status) outline.status = readUint32(bytes)
    else if (tag === inCompletion.done) outline.done = readUint32(bytes)
    else skipOfCompletion(bytes, tag)
  }
  if (outline.status < 1 || outline.status >= statuses.length)
    throw new RangeError(`there is no status ${outline.status}`)
  return outline
}

/** What of a completion only its receiver reads. */
function skipOfCompletion(bytes: Uint8Array, tag: number): void {
  const { cycleStart, cycleEnd, timePs, beats, takenBytes, isPending, packetEnd, isReadable, data, detail } =
    inCompletion
  if (tag === cycleStart || tag === cycleEnd || tag === timePs) readVarint(bytes)
  else if (tag === beats || tag === takenBytes) readUint32(bytes)
  else if (tag === isPending || tag === packetEnd || tag === isReadable) readFlag(bytes)
  else if (tag === data) skipAtMost(bytes, maxAnswerBytes, 'its data')
  else if (tag === detail) skipAtMost(bytes, maxDetailBytes, 'its detail')
  else refuseTag(tag)
}

export interface ReplyOutline {
  id: number
  completion: Buffer | undefined
  observed: Buffer | undefined
}

/** The id of a model's reply and, if it is of an access, the bytes of that. Throws if they can't be found. */
export function scanReply(bytes: Buffer): ReplyOutline {
  const reply: ReplyOutline = { id: 0, completion: undefined, observed: undefined }
  cursor = 0
  end = bytes.length
  while (cursor < end) {
    const tag = readVarint(bytes)
    if (tag === inReply.id) reply.id = readVarint(bytes)
    else if (tag % 8 === lengthDelimited) {
      const length = skipBytes(bytes)
      if (tag === inReply.completion) reply.completion = bytes.subarray(cursor - length, cursor)
      else if (tag === inReply.observed) reply.observed = bytes.subarray(cursor - length, cursor)
    } else refuseTag(tag)
  }
  return reply
}

export interface ObservedAccess {
  session: number
  access: Buffer
  completion: Buffer
}

/** Throws if the bytes are no Observed. */
export function scanObserved(bytes: Buffer): ObservedAccess {
  const observed: ObservedAccess = { session: 0, access: Buffer.alloc(0), completion: Buffer.alloc(0) }
  cursor = 0
  end = bytes.length
  while (cursor < end) {
    const tag = readVarint(bytes)
    if (tag === inObserved.session) observed.session = readUint32(bytes)
    else if (tag === inObserved.access || tag === inObserved.completion) {
      const length = skipBytes(bytes)
      const part = bytes.subarray(cursor - length, cursor)
      if (tag === inObserved.access) observed.access = part
      else observed.completion = part
    } else refuseTag(tag)
  }
  return observed
}
