/**
 * `AgentService.Watch`, the bridge's end: a launcher on another machine mirrors what its hosts need of the run directory,
 * and keeps the memory that the models reach. Its other end is `far-bridge.ts`.
 */
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { status, type ServerDuplexStream } from '@grpc/grpc-js'
import { wrongToken, type Gate } from '../control/gate.js'
import { toMessage } from '../errors.js'
import type { Log } from '../log.js'
import { protocolVersion, version } from '../version.js'
import { Beats, silenceLimitSeconds } from './beats.js'
import type { DeviceTree } from './device-tree.js'
import type { DmaMemory, MemoryKeeper } from './dma-memory.js'

export interface SocketBytes {
  connection: number
  name?: string
  data?: Buffer
  end?: boolean
}

export interface MemoryAccess {
  id: number
  name: string
  position: string
  size: number
  data: Buffer
}

export interface WatchRequest {
  body: 'begin' | 'mirror' | 'socket' | 'memory' | 'sync' | 'beat' | 'leave'
  begin: { protocolVersion: number; token: string }
  socket: Required<SocketBytes>
  memory: { id: number; data: Buffer }
}

export interface WatchReply {
  place?: { directory: string; sockets: string[]; memories: { name: string; size: string }[] }
  checkIn?: { pid: number }
  file?: { path: string; contents: Buffer }
  socket?: SocketBytes
  memory?: MemoryAccess
  sync?: object
  beat?: object
}

type Call = ServerDuplexStream<WatchRequest, WatchReply>

export interface WatchSettings {
  directory: string
  /** Names in it. */
  sockets(): string[]
  tree: DeviceTree
  memory: DmaMemory
  gate: Gate
  log: Log
  /** The loss of that connection has been noted. It stays: if the launcher was only stopped, it shall know why. */
  expectLoss(peer: string): void
}

export class WatchService {
  readonly #watchers = new Set<Watcher>()

  constructor(private readonly settings: WatchSettings) {}

  /** A host has attached. */
  noteCheckIn(pid: number): void {
    for (const watcher of this.#watchers) watcher.send({ checkIn: { pid } })
  }

  readonly watch = (call: Call): void => {
    const watcher = new Watcher(call, this.settings)
    this.#watchers.add(watcher)
    const end = () => {
      this.#watchers.delete(watcher)
      void watcher.finish()
    }
    call.on('data', (request: WatchRequest) => watcher.take(request))
    call.on('end', () => {
      end()
      call.end()
    })
    call.on('error', end)
    call.on('cancelled', end)
  }

  /** The bridge ends, and says so. */
  close(): void {
    for (const watcher of this.#watchers) watcher.dismiss()
  }
}

/** One launcher. */
class Watcher implements MemoryKeeper {
  #hasBegun = false
  #isMirror = false
  #isOpen = true
  #mirrored = Promise.resolve()
  #stopMirroring: () => void = () => undefined
  #lastId = 0
  readonly #beats: Beats
  /** A connection that is gone tells it no more. */
  readonly #peer: string
  readonly #connections = new Map<number, Socket>()
  readonly #reads = new Map<number, (data: Uint8Array) => void>()

  constructor(
    private readonly call: Call,
    private readonly settings: WatchSettings,
  ) {
    this.#peer = call.getPeer()
    this.#beats = new Beats({ beat: () => this.send({ beat: {} }), onSilence: () => this.#lose() })
  }

  send(reply: WatchReply): void {
    if (this.#isOpen && (this.#hasBegun || reply.place)) this.call.write(reply)
  }

  take(request: WatchRequest): void {
    if (!this.#isOpen) return
    this.#beats.note()
    if (request.body === 'begin') return this.#begin(request.begin)
    if (!this.#hasBegun) return this.#refuse(status.FAILED_PRECONDITION, 'WatchBegin comes first')
    if (request.body === 'mirror') this.#mirrored = this.#mirrorOnce()
    else if (request.body === 'socket') this.#relay(request.socket)
    else if (request.body === 'memory') this.#resolveRead(request.memory)
    else if (request.body === 'leave') this.dismiss()
    else if (request.body === 'sync') void this.#mirrored.then(() => this.send({ sync: {} }))
  }

  /** MemoryKeeper: reads where the hosts are, or writes there if there are data. */
  access(name: string, position: bigint, size: number, data: Uint8Array): Promise<Uint8Array> {
    const id = ++this.#lastId
    const answered = new Promise<Uint8Array>((resolve) => this.#reads.set(id, resolve))
    if (!this.#isOpen) return Promise.resolve(Buffer.alloc(size))
    this.send({ memory: { id, name, position: String(position), size, data: Buffer.from(data) } })
    return answered.then((bytes) => (bytes.length === size ? bytes : Buffer.alloc(size)))
  }

  /** The call is over. A launcher of which neither it nor we have said so is lost. */
  async finish(): Promise<void> {
    if (this.#isOpen) this.#noteLoss('it was killed, or the connection broke')
    this.#isOpen = false
    this.#beats.stop()
    this.#stopMirroring()
    for (const socket of this.#connections.values()) socket.destroy()
    for (const resolve of this.#reads.values()) resolve(Buffer.alloc(0))
    this.#reads.clear()
    await this.settings.memory.takeBack(this)
  }

  /** Ends the call in peace. */
  dismiss(): void {
    this.#isOpen = false
    this.call.end()
    void this.finish()
  }

  #begin({ protocolVersion: theirs, token }: WatchRequest['begin']): void {
    if (!this.settings.gate.admits(token, this.#peer)) return this.#refuse(status.UNAUTHENTICATED, wrongToken)
    if (theirs !== protocolVersion)
      return this.#refuse(
        status.FAILED_PRECONDITION,
        `the launcher speaks protocol version ${theirs}, but this bridge (${version}) speaks version ${protocolVersion}`,
      )
    this.#hasBegun = true
    const { directory, sockets, memory } = this.settings
    const memories = memory.files.map(({ name, size }) => ({ name, size: String(size) }))
    this.send({ place: { directory, sockets: sockets(), memories } })
  }

  async #mirrorOnce(): Promise<void> {
    if (this.#isMirror) return this.#refuse(status.FAILED_PRECONDITION, 'WatchMirror comes once')
    this.#isMirror = true
    await this.#mirror()
  }

  async #mirror(): Promise<void> {
    const { memory, tree } = this.settings
    try {
      await memory.handTo(this)
    } catch (error) {
      return this.#refuse(status.FAILED_PRECONDITION, toMessage(error))
    }
    if (!this.#isOpen) return
    this.#stopMirroring = tree.follow((path, text) => this.send({ file: { path, contents: Buffer.from(text) } }))
  }

  #relay({ connection, name, data, end }: Required<SocketBytes>): void {
    const socket = this.#connections.get(connection) ?? this.#open(connection, name)
    if (data.length > 0) socket?.write(data)
    if (end) socket?.end()
  }

  #open(connection: number, name: string): Socket | undefined {
    if (!this.settings.sockets().includes(name)) return void this.send({ socket: { connection, end: true } })
    const socket = connect({ path: join(this.settings.directory, name), allowHalfOpen: true })
    this.#connections.set(connection, socket)
    socket.on('data', (data: Buffer) => this.send({ socket: { connection, data } }))
    socket.on('end', () => this.send({ socket: { connection, end: true } }))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#connections.delete(connection))
    return socket
  }

  #resolveRead({ id, data }: WatchRequest['memory']): void {
    this.#reads.get(id)?.(data)
    this.#reads.delete(id)
  }

  #lose(): void {
    const silence = `it has said nothing for ${silenceLimitSeconds} s`
    this.#noteLoss(silence)
    this.settings.expectLoss(this.#peer)
    this.#refuse(status.DEADLINE_EXCEEDED, `it took us for lost, for we had said nothing for ${silenceLimitSeconds} s`)
  }

  #noteLoss(cause: string): void {
    if (!this.#hasBegun) return
    const place = this.#peer === 'unknown' ? 'on the UNIX socket' : `at ${this.#peer}`
    this.settings.log.warn(`lost the launcher ${place}: ${cause}; what its hosts held is free again`)
  }

  #refuse(code: status, details: string): void {
    this.#isOpen = false
    this.call.emit('error', { code, details })
  }
}
