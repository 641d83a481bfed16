/**
 * `AgentService.Watch`, the bridge's end: a launcher on another machine mirrors what its hosts need of the run
 * directory, and keeps the memory that the models reach. Its other end is `far-bridge.ts`.
 */
import { closeSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { status, type ServerDuplexStream } from '@grpc/grpc-js'
import { wrongToken, type Gate } from './gate.js'
import { toMessage } from '../ground/errors.js'
import { makeForeign } from '../ground/foreign-files.js'
import type { Log } from '../ground/log.js'
import { protocolVersion, version } from '../ground/version.js'
import type { SocketBytes, WatchReply, WatchRequest } from '../wire/watch-messages.js'
import { proofFile } from '../run/layout.js'
import { Beats, silenceLimitSeconds } from './beats.js'
import type { DeviceTree } from '../map/device-tree.js'
import type { DmaMemory, MemoryKeeper } from '../access/dma-memory.js'

type Call = ServerDuplexStream<WatchRequest, WatchReply>

/** Launchers at once. */
export const mostLaunchers = 256
/** Connections of a launcher's hosts to sockets of ours, at once. */
export const mostConnections = 1_024
/** Messages to a launcher that takes none. */
const mostUnread = 4_096
const proofPattern = /^[0-9a-f]{32}$/

export interface WatchSettings {
  directory: string
  /** Names in it. */
  sockets(): string[]
  tree: DeviceTree
  memory: DmaMemory
  gate: Gate
  log: Log
}

export interface LossListener {
  /** The loss of that connection has been noted. It stays: if the launcher was only stopped, it shall know why. */
  expectLoss(peer: string): void
}

export class WatchService {
  readonly #watchers = new Set<Watcher>()
  #listener: LossListener | undefined

  constructor(private readonly settings: WatchSettings) {}

  /** Before any launcher connects. */
  listen(listener: LossListener): void {
    this.#listener = listener
  }

  /** A host has attached. */
  noteCheckIn(pid: number, pidNamespace: string): void {
    for (const watcher of this.#watchers) watcher.send({ checkIn: { pid, pidNamespace } })
  }

  readonly watch = (call: Call): void => {
    if (this.#watchers.size >= mostLaunchers) {
      const details = `the bridge has ${mostLaunchers} launchers and takes no more; end one first`
      return void call.emit('error', { code: status.RESOURCE_EXHAUSTED, details })
    }
    const watcher = new Watcher(call, { ...this.settings, onLoss: (peer) => this.#listener?.expectLoss(peer) })
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
  /** Models take their memory from another place, each when it has ended its access. */
  #movesMemory = false
  #isOpen = true
  #mirrored = Promise.resolve()
  #stopMirroring: () => void = () => undefined
  #lastId = 0
  readonly #beats: Beats
  /** A connection that is gone tells it no more. */
  readonly #peer: string
  readonly #connections = new Map<number, Socket>()
  readonly #reads = new Map<number, { size: number; resolve(data: Uint8Array): void }>()
  #proof: string | undefined
  #isFull = false

  constructor(
    private readonly call: Call,
    private readonly settings: WatchSettings & { onLoss(peer: string): void },
  ) {
    this.#peer = call.getPeer()
    this.#beats = new Beats({
      beat: () => this.send({ beat: { movesMemory: this.#movesMemory } }),
      onSilence: () => this.#lose(),
    })
  }

  send(reply: WatchReply): void {
    if (!this.#isOpen || !(this.#hasBegun || reply.place)) return
    this.call.write(reply)
    if (this.call.writableLength <= mostUnread) return
    this.#noteLoss(`it has left ${mostUnread} messages unread`)
    this.#refuse(status.RESOURCE_EXHAUSTED, `the launcher has left ${mostUnread} messages unread`)
  }

  take(request: WatchRequest): void {
    if (!this.#isOpen) return
    this.#beats.note()
    if (request.body === 'begin' && !this.#hasBegun) return this.#begin(request.begin)
    if (request.body === 'begin') return this.#refuse(status.FAILED_PRECONDITION, 'WatchBegin comes once')
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
    if (!this.#isOpen) return Promise.resolve(Buffer.alloc(size))
    const answered = new Promise<Uint8Array>((resolve) => this.#reads.set(id, { size, resolve }))
    this.send({ memory: { id, name, position: String(position), size, data: Buffer.from(data) } })
    return answered
  }

  /** The call is over. A launcher of which neither it nor we have said so is lost. */
  async finish(): Promise<void> {
    if (this.#isOpen) this.#noteLoss('it was killed, or the connection broke')
    this.#isOpen = false
    this.#beats.stop()
    this.#stopMirroring()
    for (const socket of this.#connections.values()) socket.destroy()
    for (const { size, resolve } of this.#reads.values()) resolve(Buffer.alloc(size))
    this.#reads.clear()
    if (this.#proof !== undefined) rmSync(this.#proof, { force: true })
    this.#proof = undefined
    await this.settings.memory.takeBack(this)
  }

  /** Ends the call in peace. */
  dismiss(): void {
    this.#isOpen = false
    this.call.end()
    void this.finish()
  }

  #begin({ protocolVersion: theirs, token, proof }: WatchRequest['begin']): void {
    if (!this.settings.gate.admits(token, this.#peer)) return this.#refuse(status.UNAUTHENTICATED, wrongToken)
    if (theirs !== protocolVersion)
      return this.#refuse(
        status.FAILED_PRECONDITION,
        `the launcher speaks protocol version ${theirs}, but this bridge (${version}) speaks version ` +
          `${protocolVersion}`,
      )
    this.#hasBegun = true
    const { directory, sockets, memory } = this.settings
    if (proofPattern.test(proof)) this.#prove(join(directory, proofFile(proof)))
    const memories = memory.files.map(({ name, size }) => ({ name, size: String(size) }))
    this.send({ place: { directory, sockets: sockets(), memories } })
  }

  /** Without it the launcher mirrors, which works as well. */
  #prove(file: string): void {
    try {
      closeSync(makeForeign(file))
      this.#proof = file
    } catch (error) {
      this.settings.log.warn(`${file} can't be made (${toMessage(error)}), so a launcher mirrors what it could see`)
    }
  }

  async #mirrorOnce(): Promise<void> {
    if (this.#isMirror) return this.#refuse(status.FAILED_PRECONDITION, 'WatchMirror comes once')
    this.#isMirror = true
    await this.#mirror()
  }

  async #mirror(): Promise<void> {
    const { memory, tree } = this.settings
    this.#movesMemory = true
    try {
      await memory.handTo(this)
    } catch (error) {
      return this.#refuse(status.FAILED_PRECONDITION, toMessage(error))
    } finally {
      this.#movesMemory = false
    }
    if (!this.#isOpen) return
    this.#stopMirroring = tree.follow(({ path, text, link }) =>
      this.send({ file: { path, contents: Buffer.from(text), link } }),
    )
  }

  #relay({ connection, name, data, end }: Required<SocketBytes>): void {
    const socket = this.#connections.get(connection) ?? this.#open(connection, name)
    if (data.length > 0) socket?.write(data)
    if (end) socket?.end()
  }

  #open(connection: number, name: string): Socket | undefined {
    const isFull = this.#connections.size >= mostConnections
    if (isFull) this.#noteFull()
    if (isFull || !this.settings.sockets().includes(name)) return void this.send({ socket: { connection, end: true } })
    const socket = connect({ path: join(this.settings.directory, name), allowHalfOpen: true })
    this.#connections.set(connection, socket)
    socket.on('data', (data: Buffer) => this.send({ socket: { connection, data } }))
    socket.on('end', () => this.send({ socket: { connection, end: true } }))
    socket.on('error', () => undefined)
    socket.on('close', () => this.#connections.delete(connection))
    return socket
  }

  /** Once for each launcher. */
  #noteFull(): void {
    if (this.#isFull) return
    this.#isFull = true
    this.settings.log.warn(
      `the launcher ${this.#place()} has ${mostConnections} connections of its hosts; further ones are closed`,
    )
  }

  #resolveRead({ id, data }: WatchRequest['memory']): void {
    const read = this.#reads.get(id)
    if (!read) return this.#refuse(status.INVALID_ARGUMENT, `the launcher answers MemoryAccess ${id}, which is none`)
    if (data.length !== read.size) {
      const problem = `it answered ${data.length} bytes of memory where ${read.size} are due`
      this.#noteLoss(problem)
      return this.#refuse(status.INVALID_ARGUMENT, `the launcher is not ours: ${problem}`)
    }
    this.#reads.delete(id)
    read.resolve(data)
  }

  #lose(): void {
    const silence = `it has said nothing for ${silenceLimitSeconds} s`
    this.#noteLoss(silence)
    this.settings.onLoss(this.#peer)
    this.#refuse(status.DEADLINE_EXCEEDED, `it took us for lost, for we had said nothing for ${silenceLimitSeconds} s`)
  }

  #noteLoss(cause: string): void {
    if (!this.#hasBegun) return
    this.settings.log.warn(`lost the launcher ${this.#place()}: ${cause}; what its hosts held is free again`)
  }

  #place(): string {
    return this.#peer === 'unknown' ? 'on the UNIX socket' : `at ${this.#peer}`
  }

  #refuse(code: status, details: string): void {
    this.#isOpen = false
    this.call.emit('error', { code, details })
  }
}
