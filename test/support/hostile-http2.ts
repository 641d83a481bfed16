/** HTTP/2 frames as a client sends them, good ones and ones that no client should send (RFC 9113). */
import type { Chance } from './fuzz.js'

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const types = { data: 0, headers: 1, settings: 4, continuation: 9 }
const endStream = 1
const endHeaders = 4

export function toFrame(type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const header = Buffer.alloc(9)
  header.writeUIntBE(length & 0xff_ffff, 0, 3)
  header.writeUInt8(type & 0xff, 3)
  header.writeUInt8(flags & 0xff, 4)
  header.writeUInt32BE(stream >>> 0, 5)
  return Buffer.concat([header, payload])
}

/** How a connection begins. */
export const opening = [preface, toFrame(types.settings, 0, 0, Buffer.alloc(0))]

/** The beginning of a gRPC call. */
export function toHeaders(path: string, stream: number): Buffer {
  const fields = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'localhost',
    te: 'trailers',
    'content-type': 'application/grpc',
  }
  return toFrame(types.headers, endHeaders, stream, Buffer.concat(Object.entries(fields).map(toField)))
}

/** A gRPC call on stream 1, frame by frame. */
export function toCall(path: string, message: Buffer): Buffer[] {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return [...opening, toHeaders(path, 1), toFrame(types.data, endStream, 1, Buffer.concat([prefix, message]))]
}

/** Not indexed, with a new name (RFC 7541, 6.2.2). */
function toField([name, value]: [string, string]): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])
}

const streams = [0, 1, 2, 3, 0x7fff_ffff, 0xffff_ffff]
const limits = [0, 1, 0x3fff, 0x4000, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]

/** Wrong by itself or at its place. */
export function toHostileFrame(chance: Chance): Buffer {
  const type = chance.below(12)
  const payload = type === types.settings ? toSettings(chance) : chance.oneIn(2) ? toWord(chance) : chance.bytes(300)
  const length = chance.oneIn(8) ? chance.pick(limits) : payload.length
  return toFrame(type, chance.below(256), chance.pick(streams), payload, length)
}

function toSettings(chance: Chance): Buffer {
  const setting = () => Buffer.concat([Buffer.from([0, chance.below(9)]), toWord(chance)])
  return Buffer.concat(Array.from({ length: chance.below(8) }, setting))
}

function toWord(chance: Chance): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt32BE(chance.pick(limits))
  return word
}

/** Frames that each ask for an answer, or headers that never end. */
export function toFlood(chance: Chance): Buffer {
  const ping = toFrame(6, 0, 0, Buffer.alloc(8))
  const frame = chance.pick([
    ping,
    toFrame(4, 0, 0, Buffer.alloc(0)),
    toFrame(types.continuation, 0, 1, Buffer.alloc(8)),
  ])
  return Buffer.concat(new Array<Buffer>(chance.below(2000)).fill(frame))
}
