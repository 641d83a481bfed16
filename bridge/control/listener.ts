/**
 * The socket of a bridge: accepts connections, plain or by mutual TLS, and hands on those that may talk.
 * Knows nothing of HTTP/2 or gRPC.
 */
import { constants } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { toMessage, TraplineError } from '../ground/errors.js'
import { isLoopback, toEndpoint, type Address, type Endpoint } from './address.js'
import { isLoss, keepAlive, noticeEnd, watchPeers } from './lost-peers.js'
import { tlsLimits, type TlsIdentity } from './tls-files.js'

export interface ListenerSettings {
  address: Address
  /** Absent: connections are plain. UNIX sockets always are. */
  tls?: TlsIdentity
  /** A stranger holds a connection for no longer than this. */
  handshakeMs?: number
  /** Callers must show a token once they are connected. */
  asksForToken: boolean
  /** Takes a connection that may talk. */
  accept(socket: Socket): void
  /** Takes note of one that may not. */
  refuse(peer: string, reason: string): void
  /** Takes note of one that is there no more, without a word. */
  lose(peer: string): void
}

export interface Listener {
  /** The address that clients use, with the port that was chosen. */
  readonly address: Address
  /** If the connection of this one is lost, it is known already. */
  expectLoss(peer: string): void
  /** Stops listening and ends every connection. */
  close(): void
}

/** A host process and its launcher have one each, so this is room for as many hosts as there can be sessions. */
const mostConnections = 2_048
const longestHandshakeMs = 10_000
/** Bytes that every client begins with (RFC 9113, 3.4). */
const prefaceBytes = 24
/** Letters of a certificate's name that the log shows. */
const longestName = 64

export async function listen(settings: ListenerSettings): Promise<Listener> {
  const { address } = settings
  const endpoint = toEndpoint(address, '--listen')
  if ('host' in endpoint) checkHost(endpoint.host, settings)
  const server = settings.tls && 'host' in endpoint ? createTls(settings.tls, settings) : createPlain(settings)
  const connections = new Set<Socket>()
  const expected = new WeakSet<Socket>()
  const lose = (socket: Socket, peer: string) => !expected.has(socket) && settings.lose(peer)
  server.maxConnections = mostConnections
  server.on('drop', (peer) => settings.refuse(toPeer(peer ?? {}), `there are ${mostConnections} connections already`))
  server.on('connection', (socket: Socket) => {
    const peer = toPeer(socket)
    connections.add(socket)
    noticeEnd(socket)
    socket.on('error', (error) => isLoss(error) && lose(socket, peer))
    socket.on('close', () => connections.delete(socket))
  })
  await start(server, endpoint, address)
  const stopWatching = watchPeers(connections, (socket) => {
    lose(socket, toPeer(socket))
    socket.destroy()
  })
  const bound = server.address()
  return {
    address: bound && typeof bound === 'object' ? address.replace(/:\d+$/, `:${bound.port}`) : address,
    expectLoss: (peer) => {
      for (const socket of connections) if (toPeer(socket) === peer) expected.add(socket)
    },
    close: () => {
      stopWatching()
      server.close()
      for (const socket of connections) socket.destroy()
    },
  }
}

function checkHost(host: string, { address, tls, asksForToken }: ListenerSettings): void {
  if (isLoopback(host) || (tls && asksForToken)) return
  throw new TraplineError(
    'usage',
    `can't listen on ${address}: only loopback is allowed without TLS and token, e.g. 127.0.0.1:50051, or ` +
      `127.0.0.1:0 ` +
      'for any free port; for others give --tls-cert, --tls-key, --tls-ca and TRAPLINE_TOKEN',
  )
}

function createPlain(settings: ListenerSettings): Server {
  return createServer({ noDelay: true, ...keepAlive }, (socket) => acceptSpeaking(socket, settings))
}

/** Who is connected and says nothing has a place that others could use. */
function acceptSpeaking(socket: Socket, { accept, refuse, handshakeMs = longestHandshakeMs }: ListenerSettings): void {
  const peer = toPeer(socket)
  const look = () => {
    if (socket.destroyed || socket.bytesRead >= prefaceBytes) return
    refuse(peer, `it has not begun to speak HTTP/2 within ${handshakeMs / 1000} s`)
    socket.destroy()
  }
  // Where we stood still, timers come before what was sent meanwhile: that is read first.
  setTimeout(() => setImmediate(look), handshakeMs).unref()
  accept(socket)
}

function createTls(identity: TlsIdentity, settings: ListenerSettings): Server {
  const { refuse, handshakeMs } = settings
  const server = createTlsServer({
    ...identity,
    ALPNProtocols: ['h2'],
    handshakeTimeout: handshakeMs ?? longestHandshakeMs,
    ...tlsLimits,
    noDelay: true,
    ...keepAlive,
    // We look at the certificate ourselves, to say what is wrong with it. No tickets: a resumed session is not looked
    // at.
    requestCert: true,
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET,
  })
  /** Peers whose handshake is not over, and what is known to be wrong with it. */
  const handshakes = new Map<string, string>()
  server.on('connection', (raw: Socket) => {
    const peer = toPeer(raw)
    handshakes.set(peer, 'it went away')
    raw.once('close', () => {
      const problem = handshakes.get(peer)
      // A handshake that we break off as we close is nobody's attempt.
      if (handshakes.delete(peer) && server.listening) refuse(peer, `no TLS connection: ${problem}`)
    })
  })
  server.on('tlsClientError', (error: Error & { reason?: string }, socket) => {
    if (handshakes.has(toPeer(socket))) handshakes.set(toPeer(socket), error.reason ?? error.message)
    // Node tells of a handshake that takes too long, and leaves its connection open.
    socket.destroy()
  })
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined)
    if (!handshakes.delete(toPeer(socket))) return socket.destroy()
    const problem = problemOf(socket)
    if (problem === undefined) return acceptSpeaking(asHttp2(socket), settings)
    refuse(toPeer(socket), problem)
    socket.destroy()
  })
  return server
}

/** What is wrong with the certificate of a client. */
function problemOf(socket: TLSSocket): string | undefined {
  if (socket.authorized) return undefined
  const { subject } = socket.getPeerCertificate()
  if (!subject) return 'it shows no certificate'
  return `its certificate (${toPrintableName(subject.CN)}) is not valid: ${socket.authorizationError}`
}

/** Strangers choose what stands in their certificates; they shall not choose what our log looks like. */
function toPrintableName(name: unknown): string {
  return String(name)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, longestName)
}

/** Tunnels such as stunnel know no ALPN; Node would take what they carry for HTTP/1. */
function asHttp2(socket: TLSSocket): TLSSocket {
  socket.alpnProtocol = 'h2'
  return socket
}

function toPeer({ remoteAddress, remotePort }: { remoteAddress?: string; remotePort?: number }): string {
  return remoteAddress === undefined ? 'unknown' : `${remoteAddress}:${remotePort}`
}

function start(server: Server, endpoint: Endpoint, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `can't listen on ${address} (${toMessage(error)}); choose another place`
      reject(new TraplineError('bridge', message, { cause: error }))
    })
    server.listen(endpoint, resolve)
  })
}
