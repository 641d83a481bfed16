/**
 * The stream devices of a configuration: a socket for each, and a connection for each open(). Packets travel as
 * accesses; what goes over a connection makes it readable for poll and its kin, and tells when a host waits
 * (proto/trapline/v1/notice.proto).
 */
import { createServer, type Server, type Socket } from 'node:net'
import { listenAt } from '../ground/listen.js'
import type { MappedDevice } from '../map/address-map.js'
import { socketIn, streamSocket } from '../run/layout.js'
import { hearWaits, type WaitListener } from './waiting-connection.js'

export interface StreamSettings extends WaitListener {
  devices: MappedDevice[]
  runDirectory: string
  /** Name of the stream that reads of a device take from; undefined if it has none, or none is known yet. */
  readStreamOf(device: MappedDevice): string | undefined
  /** A host has opened a device of that model. */
  onOpen(model: string): void
  /** Hosts have been told that there is something to read. */
  onReadable(device: string): void
}

interface ServedStream {
  device: MappedDevice
  /** Name in the run directory, unique to it: hosts know connections by it. */
  socket: string
  server: Server
  connections: Set<Socket>
  /** Whether a read would be answered at once, as far as is known. */
  isReadable: boolean
}

const opened = Buffer.from([0])
const readable = Buffer.from([1])

export class StreamDevices {
  readonly #served: ServedStream[]

  constructor(private readonly settings: StreamSettings) {
    this.#served = settings.devices.flatMap((device) => (device.config.stream ? [this.#make(device)] : []))
  }

  /** Resolves when hosts can open all of them. */
  async listen(): Promise<void> {
    const { runDirectory } = this.settings
    await Promise.all(this.#served.map(({ server, socket }) => listenAt(server, socketIn(runDirectory, socket))))
  }

  close(): void {
    for (const { server, connections } of this.#served) {
      server.close()
      for (const connection of connections) connection.destroy()
    }
  }

  get sockets(): string[] {
    return this.#served.map(({ socket }) => socket)
  }

  /** What the agent has to know of a device's connections; undefined if it is no stream. */
  connectionOf({ handle }: MappedDevice): { socket: string } | undefined {
    const served = this.#served.find(({ device }) => device.handle === handle)
    return served && { socket: served.socket }
  }

  /** The model of a stream device, for people; undefined if there is none of that name. */
  modelOf(name: string): string | undefined {
    return this.#served.find(({ device }) => device.name === name)?.device.config.model
  }

  /** A model has something to read on a stream. */
  change(model: string, stream: string): void {
    for (const served of this.#served)
      if (served.device.config.model === model && this.settings.readStreamOf(served.device) === stream)
        this.#tell(served)
  }

  /** A read has been answered, and this is what is left. Comes before its host is answered. */
  noteAnswer({ handle }: MappedDevice, isReadable: boolean): void {
    const served = this.#served.find(({ device }) => device.handle === handle)
    if (!served) return
    if (isReadable) this.#tell(served)
    else served.isReadable = false
  }

  /** A connection that nobody has read since needs no second byte. */
  #tell(served: ServedStream): void {
    served.isReadable = true
    for (const connection of served.connections) if (connection.writableLength === 0) connection.write(readable)
    this.settings.onReadable(served.device.name)
  }

  #make(device: MappedDevice): ServedStream {
    const server = createServer((connection) => this.#serve(served, connection))
    const socket = streamSocket(this.settings.runDirectory, device.handle)
    const served: ServedStream = { device, socket, server, connections: new Set(), isReadable: false }
    return served
  }

  #serve(served: ServedStream, connection: Socket): void {
    const { device, connections } = served
    hearWaits(connection, device.name, this.settings)
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
    connection.write(opened)
    if (served.isReadable) connection.write(readable)
    this.settings.onOpen(device.config.model)
  }
}
