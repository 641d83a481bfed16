/**
 * `Transact` on the wire: gRPC over HTTP/2 on a stream of Node's, past grpc-js. What has come is handed on before the
 * end of its connection is seen, which grpc-js does not do: a process that posts its last writes and is gone would
 * lose them there. It also takes a fraction of the time.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, Http2Server, ServerHttp2Stream } from 'node:http2'
import { status, type Server as GrpcServer } from '@grpc/grpc-js'

/** A flag of compression, then the length of the message, big endian (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const headBytes = 5
const path = '/trapline.v1.AgentService/Transact'
const responseHeaders = { ':status': 200, 'content-type': 'application/grpc+proto' }

export class TransactStream {
  /** As grpc-js names peers. */
  readonly peer: string
  /** The secret session number that the caller shows. */
  readonly key: string
  /** Completions that have not left yet. */
  unsent = 0
  /** Takes a message; it may keep the bytes. */
  onMessage: (message: Buffer) => void = () => undefined
  /** No more comes. Called once. */
  onEnd: () => void = () => undefined
  #rest: Buffer = Buffer.alloc(0)
  #isOver = false
  #hasBegun = false
  readonly #sent = () => void this.unsent--

  constructor(
    private readonly stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    private readonly largestBytes: number,
  ) {
    const { remoteAddress, remotePort } = stream.session?.socket ?? {}
    this.peer = remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`
    this.key = String(headers['trapline-session'] ?? '')
  }

  /** Says that the call is accepted; from now on messages come. */
  begin(): void {
    this.#hasBegun = true
    const { stream } = this
    stream.respond(responseHeaders, { waitForTrailers: true })
    stream.on('data', (chunk: Buffer) => this.#receive(chunk))
    stream.on('end', () => this.#end(status.OK, ''))
    stream.on('close', () => this.#end(status.CANCELLED, ''))
  }

  send(message: Buffer): void {
    if (this.#isOver || this.stream.destroyed) return
    const framed = Buffer.allocUnsafe(headBytes + message.length)
    framed[0] = 0
    framed.writeUInt32BE(message.length, 1)
    framed.set(message, headBytes)
    this.unsent++
    this.stream.write(framed, this.#sent)
  }

  /** Ends the call with an error; nothing more is handed on. */
  fail(code: status, details: string): void {
    this.#isOver = true
    const trailers = { 'grpc-status': code, 'grpc-message': encodeURI(details) }
    if (this.stream.destroyed || this.stream.closed) return
    if (this.#hasBegun) this.#endWith(trailers)
    else this.stream.respond({ ...responseHeaders, ...trailers }, { endStream: true })
    this.stream.resume()
  }

  #end(code: status, details: string): void {
    if (this.#isOver) return
    this.onEnd()
    this.fail(code, details)
  }

  #endWith(trailers: OutgoingHttpHeaders): void {
    this.stream.once('wantTrailers', () => this.stream.sendTrailers(trailers))
    this.stream.end()
  }

  #receive(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    while (bytes.length >= headBytes && !this.#isOver) {
      const length = bytes.readUInt32BE(1)
      if (bytes[0] !== 0) return this.#refuse(status.UNIMPLEMENTED, 'messages of Transact may not be compressed')
      if (length > this.largestBytes)
        return this.#refuse(
          status.RESOURCE_EXHAUSTED,
          `Received message larger than max (${length} vs ${this.largestBytes})`,
        )
      if (bytes.length < headBytes + length) break
      this.onMessage(bytes.subarray(headBytes, headBytes + length))
      bytes = bytes.subarray(headBytes + length)
    }
    this.#rest = bytes
  }

  #refuse(code: status, details: string): void {
    this.onEnd()
    this.fail(code, details)
  }
}

/** What grpc-js keeps to itself; its version is pinned. */
interface Internals {
  http2Servers: Map<Http2Server, unknown>
  /** The connection is in use until the stream closes. */
  onStreamOpened(stream: ServerHttp2Stream): void
}

/** Takes the Transact calls of a gRPC server; all others stay with it. */
export function takeTransact(server: GrpcServer, largestBytes: number, take: (call: TransactStream) => void): void {
  const internals = server as unknown as Internals
  for (const http2 of internals.http2Servers.keys()) {
    const others = http2.listeners('stream') as ((...args: unknown[]) => void)[]
    http2.removeAllListeners('stream')
    http2.on('stream', (stream, headers, ...more) => {
      if (headers[':path'] !== path) return others.forEach((other) => other.call(http2, stream, headers, ...more))
      // An error is followed by 'close', which says all there is to say.
      stream.once('error', () => undefined)
      internals.onStreamOpened(stream)
      take(new TransactStream(stream, headers, largestBytes))
    })
  }
}
