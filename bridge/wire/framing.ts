/**
 * Messages on a socket, each behind its length in bytes as an unsigned 32-bit little-endian number: those of models
 * (model.proto) and the notices of hosts (notice.proto).
 */
const lengthBytes = 4

/** What the two contracts allow, in bytes without the length. */
export const largestModelMessage = 65_536
export const largestNotice = 64

/** A message behind its length. */
export function frame(message: Uint8Array): Buffer {
  const framed = allocateFrame(message.length)
  framed.set(message, lengthBytes)
  return framed
}

/** Room for a message that is written into it from `frameHead` on; its length stands there already. */
export function allocateFrame(messageBytes: number): Buffer {
  const framed = Buffer.allocUnsafe(lengthBytes + messageBytes)
  framed.writeUInt32LE(messageBytes, 0)
  return framed
}

export const frameHead = lengthBytes

/** A message that is longer than its contract allows. */
export class OverlongMessage extends RangeError {
  constructor(
    readonly length: number,
    readonly limit: number,
  ) {
    super(`a message of ${length} bytes, more than ${limit}`)
  }
}

/** Cuts what a connection brings into messages. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  constructor(private readonly largest: number) {}

  add(chunk: Buffer): void {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
  }

  /** The next one that is whole, as a part of what was added; undefined if none is. Throws an OverlongMessage. */
  next(): Buffer | undefined {
    if (this.#rest.length < lengthBytes) return undefined
    const length = this.#rest.readUInt32LE(0)
    if (length > this.largest) throw new OverlongMessage(length, this.largest)
    const end = lengthBytes + length
    if (this.#rest.length < end) return undefined
    const message = this.#rest.subarray(lengthBytes, end)
    this.#rest = this.#rest.subarray(end)
    return message
  }
}
