/**
 * A bridge that runs elsewhere, seen from the launcher of a host: makes its run directory ours, by links where it can
 * be seen from here, else mirrored over `AgentService.Watch` (`watch-service.ts` is the other end).
 */
import { randomBytes } from 'node:crypto'
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, symlinkSync, writeSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, credentials, status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js'
import { listenAt } from '../ground/listen.js'
import { Deferred } from '../ground/deferred.js'
import type { Address } from '../control/address.js'
import { agentService } from '../control/services.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { linkForeign, writeForeign } from '../ground/foreign-files.js'
import { isOwnPidNamespace } from '../ground/pid-namespace.js'
import { toPrintable } from '../ground/printable.js'
import { protocolVersion } from '../ground/version.js'
import { Beats, silenceLimitSeconds } from '../control/beats.js'
import { Breach, checkReply } from './check-reply.js'
import { checkSpace } from '../access/dma-memory.js'
import { answerLimitSeconds, DueAnswers } from './due-answers.js'
import { readAttaches } from '../run/ledger.js'
import { isSeenHere, lanesFolder, nodesFolder, rootFolder, socketIn } from '../run/layout.js'
import type { MemoryAccess, SocketBytes, WatchReply } from '../wire/watch-messages.js'

export interface FarBridgeSettings {
  /** The bridge's address as people know it. */
  address: Address
  /** Where it is reached without TLS: there, or by a tunnel. */
  way: Address
  token: string
  /** Run directory of the hosts here. */
  directory: string
}

type BridgePlace = Required<WatchReply>['place']
type Reply = WatchReply & { body: keyof WatchReply }

const { path, requestSerialize, responseDeserialize } = agentService.Watch as unknown as {
  path: string
  requestSerialize(value: object): Buffer
  responseDeserialize(bytes: Buffer): Reply
}

/** What grpc-js says of its own accord, and the bridge never does: which of them depends on what it was just doing. */
const brokenConnection = [status.UNAVAILABLE, status.INTERNAL, status.CANCELLED, status.UNKNOWN]

/** What the bridge gets to take note that we leave. */
const leaveMs = 500
/** Larger than every message of the contract (grpc-server.ts). */
const largestMessageBytes = 128 * 1024
/** Messages to a bridge that takes none, and bytes to a host that reads none, must not fill our memory. */
const mostUnread = 4_096
const mostUnreadBytes = 1 << 20
/** Connections that hosts may have open to one of the sockets here. */
const mostConnections = 1_024

/** Resolves when hosts can be started. Throws why the bridge can't be used. */
export async function connectFarBridge(settings: FarBridgeSettings): Promise<FarBridge> {
  const bridge = new FarBridge(settings)
  try {
    await bridge.begin()
    return bridge
  } catch (error) {
    await bridge[Symbol.asyncDispose]()
    throw error
  }
}

export class FarBridge implements AsyncDisposable {
  readonly #client: Client
  readonly #stream: ClientDuplexStream<object, Reply>
  readonly #checkedIn = new Set<number>()
  readonly #memories = new Map<string, { descriptor: number; size: bigint }>()
  /** Shows that we see the bridge's run directory, if a file of that name is there. */
  readonly #proof = randomBytes(16).toString('hex')
  readonly #servers: Server[] = []
  readonly #connections = new Map<number, Socket>()
  readonly #syncs: (() => void)[] = []
  readonly #beats: Beats
  readonly #dues = new DueAnswers((what) => this.#refuse(toUnanswered(what)))
  #lastConnection = 0
  #isBegun = false
  /** By its last beat: models there are in the midst of accesses, which may take as long as they like. */
  #movesMemory = false
  #isOver = false
  #giveUp: (error: Error) => void = () => undefined
  readonly #placed = new Deferred<BridgePlace>()
  /** Rejects when the bridge refuses or is lost. */
  readonly #lost: Promise<never>

  constructor(private readonly settings: FarBridgeSettings) {
    this.#client = new Client(settings.way, credentials.createInsecure(), {
      'grpc.enable_http_proxy': 0,
      'grpc.max_receive_message_length': largestMessageBytes,
    })
    this.#stream = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
    this.#stream.on('data', (reply: Reply) => this.#takeSafely(reply))
    let onSilence: () => void = () => undefined
    this.#lost = new Promise((_resolve, reject) => {
      this.#giveUp = reject
      onSilence = () => reject(this.#toSilence())
      this.#stream.on('error', (error: ServiceError) => reject(this.#toError(error)))
      this.#stream.on('end', () => reject(new TraplineError('bridge', `the bridge at ${settings.address} has ended`)))
    })
    this.#lost.catch(() => this.#beats.stop())
    this.#dues.watch('the Attach of a program', () => this.#isHostWaiting())
    this.#beats = new Beats({ beat: () => this.#beat(), onSilence })
  }

  /** Resolves with a sentence when the bridge is there no more. */
  get ended(): Promise<string> {
    return this.#lost.catch((error: TraplineError) => error.message)
  }

  /** Resolves when all is known here that the bridge knows now. Throws if it refuses or is lost. */
  async settle(): Promise<void> {
    const settled = new Promise<void>((resolve) => this.#syncs.push(resolve))
    this.#send({ sync: {} })
    await this.#dues.await('WatchSync', Promise.race([settled, this.#lost]), () => !this.#movesMemory)
  }

  /** Whether an agent is in that process: that the agent says so itself is enough. */
  hasCheckedIn(pid: number): boolean {
    return this.#checkedIn.has(pid) || readAttaches(this.settings.directory).asking > 0n
  }

  async begin(): Promise<void> {
    this.#send({ begin: { protocolVersion, token: this.settings.token, proof: this.#proof } })
    const place = await this.#dues.await('WatchBegin', Promise.race([this.#placed.promise, this.#lost]))
    this.#isBegun = true
    if (isSeenHere(place.directory, this.#proof)) this.#link(place)
    else await this.#mirror(place)
  }

  /** A bridge that hears that we leave does not take us for lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#beats.stop()
    this.#stream.end({ leave: {} })
    await Promise.race([this.ended, delay(leaveMs, undefined, { ref: false })])
    this.#stream.cancel()
    this.#client.close()
    for (const server of this.#servers) server.close()
    for (const socket of this.#connections.values()) socket.destroy()
    for (const { descriptor } of this.#memories.values()) closeSync(descriptor)
    this.#memories.clear()
  }

  #link({ directory, sockets, memories }: BridgePlace): void {
    for (const name of [rootFolder, nodesFolder, lanesFolder, ...sockets, ...memories.map((memory) => memory.name)])
      symlinkSync(join(directory, name), join(this.settings.directory, name))
  }

  async #mirror({ sockets, memories }: BridgePlace): Promise<void> {
    const { directory } = this.settings
    mkdirSync(join(directory, rootFolder))
    const bytes = memories.reduce((sum, { size }) => sum + BigInt(size), 0n)
    checkSpace(`the memory of the bridge at ${this.settings.address}`, bytes, directory)
    for (const { name, size } of memories) {
      const descriptor = openSync(join(directory, name), 'wx+', 0o600)
      this.#memories.set(name, { descriptor, size: BigInt(size) })
      ftruncateSync(descriptor, Number(size))
    }
    await Promise.race([Promise.all(sockets.map((name) => this.#listen(name))), this.#lost])
    this.#send({ mirror: {} })
    await this.settle()
  }

  #beat(): void {
    this.#send({ beat: {} })
    this.#dues.tick()
  }

  /** A bridge that takes note of an Attach may have models to build before it answers. */
  #isHostWaiting(): boolean {
    if (this.#checkedIn.size > 0) return false
    const { asking, attached } = readAttaches(this.settings.directory)
    return asking > 0n && attached === 0n
  }

  #send(message: object): void {
    if (this.#isOver) return
    this.#stream.write(message)
    if (this.#stream.writableLength > mostUnread)
      this.#refuse(new Breach(`has left ${mostUnread} messages unread; look whether it, or the network to it, works`))
  }

  #takeSafely(reply: Reply): void {
    if (this.#isOver) return
    this.#beats.note()
    try {
      checkReply(reply, (name) => this.#memories.get(name)?.size)
      this.#take(reply)
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** What comes behind has nobody to be carried out for. */
  #refuse(error: unknown): void {
    this.#isOver = true
    this.#giveUp(
      error instanceof Breach
        ? new TraplineError('bridge', `the bridge at ${this.settings.address} ${error.message}`, { cause: error })
        : (error as Error),
    )
    this.#stream.cancel()
  }

  #take(reply: Reply): void {
    if (reply.body === 'place' && reply.place) this.#placed.resolve(reply.place)
    else if (reply.body === 'checkIn' && reply.checkIn) this.#noteCheckIn(reply.checkIn)
    else if (reply.body === 'file' && reply.file) this.#writeFile(reply.file)
    else if (reply.body === 'socket' && reply.socket) this.#relay(reply.socket)
    else if (reply.body === 'memory' && reply.memory) this.#accessMemory(reply.memory)
    else if (reply.body === 'sync') this.#syncs.shift()?.()
    else if (reply.body === 'beat') this.#movesMemory = reply.beat?.movesMemory === true
  }

  /** Hosts of other launchers have pids of their own namespaces. */
  #noteCheckIn({ pid, pidNamespace = '' }: Required<WatchReply>['checkIn']): void {
    if (pidNamespace === '' || isOwnPidNamespace(pidNamespace)) this.#checkedIn.add(pid)
  }

  #writeFile({ path: name, contents, link }: Required<WatchReply>['file']): void {
    try {
      if (link) linkForeign(this.settings.directory, name.split('/'), link)
      else writeForeign(this.settings.directory, name.split('/'), contents)
    } catch (error) {
      throw this.#toOwnFailure(`its file '${toPrintable(name)}' can't be written`, error)
    }
  }

  #accessMemory({ id, name, position, size, data }: MemoryAccess): void {
    const { descriptor = -1 } = this.#memories.get(name) ?? {}
    const bytes = Buffer.alloc(size)
    try {
      const done =
        size > 0
          ? readSync(descriptor, bytes, 0, size, Number(position))
          : writeSync(descriptor, data, 0, data.length, Number(position))
      if (done !== size + data.length) throw new Error(`${done} of ${size + data.length} bytes at ${position}`)
    } catch (error) {
      throw this.#toOwnFailure(`its memory ${name} can't be accessed here`, error)
    }
    this.#send({ memory: { id, data: bytes } })
  }

  /** Each connection that a host makes here is one that the bridge makes there. */
  async #listen(name: string): Promise<void> {
    const socketPath = socketIn(this.settings.directory, name)
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#carry(name, socket))
    this.#servers.push(server)
    server.maxConnections = mostConnections
    await listenAt(server, socketPath).catch((error: unknown) => {
      throw this.#toOwnFailure(`there is no socket ${name} to be had here`, error)
    })
  }

  #carry(name: string, socket: Socket): void {
    const connection = ++this.#lastConnection
    this.#connections.set(connection, socket)
    const send = (bytes: SocketBytes) => this.#send({ socket: bytes })
    send({ connection, name })
    socket.on('data', (data: Buffer) => send({ connection, data }))
    socket.on('end', () => send({ connection, end: true }))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#connections.delete(connection))
  }

  #relay({ connection, data, end }: SocketBytes): void {
    const socket = this.#connections.get(connection)
    if (data?.length) socket?.write(data)
    if (end) socket?.end()
    // A host that does not read what its device tells it has no use for more.
    if (socket && socket.writableLength > mostUnreadBytes) socket.destroy()
  }

  /** An error of this machine's own, for which the bridge is not to blame. */
  #toOwnFailure(what: string, error: unknown): TraplineError {
    const { address, directory } = this.settings
    const sentence =
      `of the bridge at ${address} not everything can be mirrored: ${what} (${toPrintable(toMessage(error))}); ` +
      `look what became of ${directory}, and whether there is room`
    return new TraplineError('bridge', sentence, { cause: error })
  }

  #toError({ code, details, message }: ServiceError): TraplineError {
    const { address } = this.settings
    const words = toPrintable(details || message)
    const sentence =
      this.#isBegun && brokenConnection.includes(code)
        ? `the bridge at ${address} was killed, or the connection to it broke (${words}); look whether it is ` +
          `still there`
        : `the bridge at ${address} can't be used: ${words}`
    return new TraplineError('bridge', sentence)
  }

  #toSilence(): TraplineError {
    return new TraplineError(
      'bridge',
      `the bridge at ${this.settings.address} has said nothing for ${silenceLimitSeconds} s; look whether it ` +
        `was stopped, ` +
        'and whether the network to it works',
    )
  }
}

function toUnanswered(what: string): Breach {
  return new Breach(
    `is there, but has not answered ${what} for ${answerLimitSeconds} s; see its log, and whether it is ` +
      'a bridge of this release',
  )
}
