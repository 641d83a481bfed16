/**
 * A bridge that runs elsewhere, seen from the launcher of a host: makes its run directory ours, by links where it can be
 * seen from here, else mirrored over `AgentService.Watch` (`watch-service.ts` is the other end).
 */
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readSync } from 'node:fs'
import { symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { dirname, join, normalize } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, credentials, status, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js'
import type { Address } from '../control/address.js'
import { agentService } from '../control/services.js'
import { TraplineError } from '../errors.js'
import { protocolVersion } from '../version.js'
import { Beats, silenceLimitSeconds } from './beats.js'
import { nodesFolder } from './run-directory.js'
import type { MemoryAccess, SocketBytes, WatchReply } from './watch-service.js'

export interface FarBridgeSettings {
  /** As people know it. */
  address: Address
  /** Where it is reached without TLS: there, or by a tunnel. */
  way: Address
  token: string
  /** Run directory of the hosts here. */
  directory: string
}

type Place = Required<WatchReply>['place']
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
  readonly #descriptors = new Map<string, number>()
  readonly #servers: Server[] = []
  readonly #connections = new Map<number, Socket>()
  readonly #syncs: (() => void)[] = []
  readonly #beats: Beats
  #lastConnection = 0
  #isBegun = false
  #place: (place: Place) => void = () => undefined
  /** Rejects when the bridge refuses or is lost. */
  readonly #lost: Promise<never>

  constructor(private readonly settings: FarBridgeSettings) {
    this.#client = new Client(settings.way, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 })
    this.#stream = this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize)
    this.#stream.on('data', (reply: Reply) => this.#take(reply))
    let onSilence: () => void = () => undefined
    this.#lost = new Promise((_resolve, reject) => {
      onSilence = () => reject(this.#toSilence())
      this.#stream.on('error', (error: ServiceError) => reject(this.#toError(error)))
      this.#stream.on('end', () => reject(new TraplineError('bridge', `the bridge at ${settings.address} has ended`)))
    })
    this.#lost.catch(() => this.#beats.stop())
    this.#beats = new Beats({ beat: () => this.#stream.write({ beat: {} }), onSilence })
  }

  /** Resolves with a sentence when the bridge is there no more. */
  get ended(): Promise<string> {
    return this.#lost.catch((error: TraplineError) => error.message)
  }

  /** Resolves when all is known here that the bridge knows now. Throws if it refuses or is lost. */
  async settle(): Promise<void> {
    const settled = new Promise<void>((resolve) => this.#syncs.push(resolve))
    this.#stream.write({ sync: {} })
    await Promise.race([settled, this.#lost])
  }

  hasCheckedIn(pid: number): boolean {
    return this.#checkedIn.has(pid)
  }

  async begin(): Promise<void> {
    const placed = new Promise<Place>((resolve) => (this.#place = resolve))
    this.#stream.write({ begin: { protocolVersion, token: this.settings.token } })
    const place = await Promise.race([placed, this.#lost])
    this.#isBegun = true
    if (existsSync(join(place.directory, 'clock'))) this.#link(place)
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
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
  }

  #link({ directory, sockets, memories }: Place): void {
    for (const name of ['root', nodesFolder, ...sockets, ...memories.map((memory) => memory.name)])
      symlinkSync(join(directory, name), join(this.settings.directory, name))
  }

  async #mirror({ sockets, memories }: Place): Promise<void> {
    mkdirSync(join(this.settings.directory, 'root'))
    for (const { name, size } of memories) {
      const descriptor = openSync(this.#own(name), 'wx+', 0o600)
      ftruncateSync(descriptor, Number(size))
      this.#descriptors.set(name, descriptor)
    }
    await Promise.race([Promise.all(sockets.map((name) => this.#listen(name))), this.#lost])
    this.#stream.write({ mirror: {} })
    await this.settle()
  }

  #take(reply: Reply): void {
    this.#beats.note()
    if (reply.body === 'place' && reply.place) this.#place(reply.place)
    else if (reply.body === 'checkIn' && reply.checkIn) this.#checkedIn.add(reply.checkIn.pid)
    else if (reply.body === 'file' && reply.file) this.#writeFile(reply.file)
    else if (reply.body === 'socket' && reply.socket) this.#relay(reply.socket)
    else if (reply.body === 'memory' && reply.memory) this.#accessMemory(reply.memory)
    else if (reply.body === 'sync') this.#syncs.shift()?.()
  }

  #writeFile({ path: name, contents }: Required<WatchReply>['file']): void {
    const file = this.#own(name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, contents)
  }

  #accessMemory({ id, name, position, size, data }: MemoryAccess): void {
    const descriptor = this.#descriptors.get(name)
    const bytes = Buffer.alloc(size)
    if (descriptor !== undefined && data.length > 0) writeSync(descriptor, data, 0, data.length, Number(position))
    if (descriptor !== undefined) readSync(descriptor, bytes, 0, size, Number(position))
    this.#stream.write({ memory: { id, data: bytes } })
  }

  /** Each connection that a host makes here is one that the bridge makes there. */
  async #listen(name: string): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#carry(name, socket))
    this.#servers.push(server)
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.#own(name), resolve))
  }

  #carry(name: string, socket: Socket): void {
    const connection = ++this.#lastConnection
    this.#connections.set(connection, socket)
    const send = (bytes: SocketBytes) => this.#stream.write({ socket: bytes })
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
  }

  /** Whatever the bridge says, no file outside the run directory is touched. */
  #own(name: string): string {
    const file = normalize(join(this.settings.directory, name))
    if (file.startsWith(join(this.settings.directory, '/'))) return file
    throw new TraplineError('bridge', `the bridge names ${name}, which is outside of the run directory`)
  }

  #toError({ code, details, message }: ServiceError): TraplineError {
    const { address } = this.settings
    const words = details || message
    const sentence =
      this.#isBegun && brokenConnection.includes(code)
        ? `the bridge at ${address} was killed, or the connection to it broke (${words}); look whether it is still there`
        : `the bridge at ${address} can't be used: ${words}`
    return new TraplineError('bridge', sentence)
  }

  #toSilence(): TraplineError {
    return new TraplineError(
      'bridge',
      `the bridge at ${this.settings.address} has said nothing for ${silenceLimitSeconds} s; look whether it was stopped, ` +
        'and whether the network to it works',
    )
  }
}
