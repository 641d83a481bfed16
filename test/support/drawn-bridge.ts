/**
 * A bridge that is none: it answers every method that agents and launchers call, mostly right, any field of it drawn.
 */
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServerDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import type { Method, Type } from 'protobufjs'
import { messages, plainObjects } from '../../bridge/wire/protobuf.js'
import type { Draw, Right } from './draw.js'
import { spoil, type Chance } from './fuzz.js'
import { toHostileFrame } from './hostile-http2.js'

export interface DrawnSettings {
  draw: Draw
  chance: Chance
  /** A folder that it says is its run directory; the files in it are there. */
  directory: string
  /** Where its sockets are. */
  sockets: string
}

export interface DrawnBridge {
  readonly address: string
  close(): void
}

type Bytes = ServerDuplexStream<Right, Buffer>

const typeOf = (name: string) => messages.lookupType(`trapline.v1.${name}`)

export const memoryBytes = 0x1000
const names = ['clock', 'uio1', 'stream3']

const common = { size: 0x1000, onError: 'ERROR_POLICY_SIGBUS', widthBytes: 4 }
const devices: Right[] = [
  {
    ...common,
    handle: 1,
    name: 'regs',
    kind: 'DEVICE_KIND_MEM',
    path: '/dev/mem',
    base: 0x43c0_0000,
    burstBytes: 4096,
  },
  { ...common, handle: 2, name: 'uio', kind: 'DEVICE_KIND_UIO', path: '/dev/uio0', socket: 'uio1', hasInterrupt: true },
  { ...common, handle: 3, name: 'char', kind: 'DEVICE_KIND_CHAR', path: '/dev/char0' },
  {
    ...{ ...common, handle: 4, name: 'link', kind: 'DEVICE_KIND_STREAM', path: '/dev/axis0', socket: 'stream3' },
    ...{ isReadable: true, isWritable: true, unitBytes: 1, burstBytes: 4096 },
  },
  { ...common, handle: 5, name: 'buffer', kind: 'DEVICE_KIND_DMA_BUFFER', path: '/dev/udmabuf0', backing: '5.memory' },
]

export async function startDrawnBridge({ draw, chance, directory, ...settings }: DrawnSettings): Promise<DrawnBridge> {
  const watchers = new Set<Bytes>()
  const say = (call: Bytes, reply: Right) => void call.write(draw.message(typeOf('WatchReply'), reply))
  const fails = () => chance.oneIn(60)
  const failure = () => ({ code: chance.pick(Object.values(status)) as status, details: chance.pick(words) })

  const attach: handleUnaryCall<Right, Buffer> = ({ request }, reply) => {
    for (const watcher of watchers) say(watcher, { checkIn: { pid: request.pid } })
    const right = { session: '7', devices, clockSocket: 'clock', virtualTime: chance.oneIn(2) }
    if (fails()) reply(failure())
    else reply(null, draw.message(typeOf('AttachReply'), right))
  }

  const transact: handleBidiStreamingCall<Right, Buffer> = (call) => {
    call.sendMetadata(new Metadata())
    call.on('error', () => undefined)
    call.on('data', (access: Right) => {
      if (fails()) return void call.emit('error', failure())
      for (let i = chance.oneIn(40) ? 2 : 1; i > 0; i--)
        call.write(draw.message(typeOf('Completion'), toCompletion(access)))
    })
    call.on('end', () => call.end())
  }

  const watch: handleBidiStreamingCall<Right, Buffer> = (call) => {
    watchers.add(call)
    call.on('error', () => watchers.delete(call))
    call.on('end', () => {
      watchers.delete(call)
      call.end()
    })
    call.on('data', (request: Right) => {
      if (fails()) return void call.emit('error', failure())
      if (request.body === 'leave') return call.end()
      for (const reply of toReplies(request, directory)) say(call, reply)
      if (chance.oneIn(6)) say(call, chance.pick(unasked))
    })
  }

  const server = new Server({ 'grpc.enable_channelz': 0 })
  const methods = messages.lookupService('trapline.v1.AgentService').methodsArray
  server.addService(Object.fromEntries(methods.map(toRaw)), { attach, transact, watch })
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const main = await listen({ port: 0, host: '127.0.0.1' }, (socket) => injector.injectConnection(socket))
  const beside = names.map((name) =>
    listen({ path: join(settings.sockets, name) }, (socket) => open(name, socket, draw)),
  )
  const listeners = [main, ...(await Promise.all(beside))]
  return { address: main.address, close: () => listeners.forEach((one) => one.close()) }
}

/** A device's count or mark when it is opened, an answer of the clock after a request. */
function open(name: string, socket: Socket, draw: Draw): void {
  if (name !== 'clock') socket.write(Buffer.alloc(name.startsWith('uio') ? 4 : 1))
  socket.once('data', () => socket.end(draw.bytes(clockReply)))
}

async function listen(place: { path: string } | { port: number; host: string }, accept: (socket: Socket) => void) {
  const accepted = new Set<Socket>()
  const listener = createServer((socket) => {
    accepted.add(socket)
    socket.on('error', () => undefined)
    accept(socket)
  }).listen(place)
  await once(listener, 'listening')
  const bound = listener.address()
  return {
    address: bound && typeof bound === 'object' ? `127.0.0.1:${bound.port}` : '',
    close: () => {
      listener.close()
      for (const socket of accepted) socket.destroy()
    },
  }
}

/** A way to it on which bytes and frames are spoiled that come back. */
export async function startSpoiler(bridge: DrawnBridge, chance: Chance): Promise<DrawnBridge> {
  return await listen({ port: 0, host: '127.0.0.1' }, (near) => {
    const far = connect(Number(bridge.address.split(':')[1]), '127.0.0.1')
    const end = () => [near, far].forEach((socket) => socket.destroy())
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    near.pipe(far)
    far.on('data', (bytes: Buffer) => {
      const sent = chance.oneIn(12) ? spoil(bytes, chance) : bytes
      near.write(chance.oneIn(12) ? Buffer.concat([sent, toHostileFrame(chance)]) : sent)
    })
  })
}

const words = ['no', '\x1b[2J\n  at x (y.js:1)', '%s%n', '', 'x'.repeat(5_000), 'a\ntrapline: b']

/** Reads what we send, and sends the bytes that it is given. */
function toRaw(method: Method): [string, ServiceDefinition[string]] {
  const [request, { requestStream = false, responseStream = false }] = [method.resolvedRequestType as Type, method]
  const same = (bytes: Buffer) => bytes
  const definition = {
    ...{ path: `/trapline.v1.AgentService/${method.name}`, requestStream, responseStream },
    ...{ requestSerialize: same, responseSerialize: same, responseDeserialize: same },
    originalName: method.name.charAt(0).toLowerCase() + method.name.slice(1),
    requestDeserialize: (bytes: Buffer) => request.toObject(request.decode(bytes), plainObjects),
  }
  return [method.name, definition]
}

function toCompletion({ seq, operation, widthBytes }: Right): Right {
  const isRead = operation === 'OPERATION_READ'
  const width = widthBytes as number
  const answer = isRead ? { data: Buffer.alloc(width, 0x5a), packetEnd: true } : { takenBytes: width }
  return { seq, status: 'STATUS_OKAY', cycleStart: 1, cycleEnd: 2, timePs: 2000, beats: 1, ...answer }
}

function toReplies(request: Right, directory: string): Right[] {
  const { body } = request
  if (body === 'begin') return [toPlace(request.begin as Right, directory)]
  if (body === 'mirror') return [{ file: { path: 'root/sys/class/uio/uio0/name', contents: Buffer.from('uio\n') } }]
  if (body === 'sync') return [{ sync: {} }]
  if (body === 'beat') return [{ beat: {} }]
  if (body !== 'socket') return []
  const { connection, name, data } = request.socket as { connection: number; name: string; data: Buffer }
  if (name !== '')
    return [{ socket: { connection, data: Buffer.alloc(name.startsWith('uio') ? 4 : name === 'clock' ? 0 : 1) } }]
  return data.length > 0 ? [{ socket: { connection, data: clockReply, end: true } }] : []
}

/** Whoever asks for a proof that the folder is the same for both gets it. */
function toPlace({ proof }: Right, directory: string): Right {
  if (typeof proof === 'string' && proof !== '' && existsSync(directory))
    writeFileSync(join(directory, `seen.${proof}`), '')
  return { place: { directory, sockets: names, memories: [{ name: '5.memory', size: memoryBytes }] } }
}

const clockReply = (() => {
  const type = typeOf('ClockReply')
  const body = Buffer.from(type.encode(type.fromObject({ timePs: 1000, interrupted: true, passedPs: 1000 })).finish())
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body])
})()

/** What a bridge may say at any time. */
const unasked: Right[] = [
  { checkIn: { pid: 1 } },
  { file: { path: 'root/sys/x', contents: Buffer.from('x') } },
  { socket: { connection: 1, data: Buffer.from('x') } },
  { memory: { id: 1, name: '5.memory', position: 0, size: 8, data: Buffer.alloc(0) } },
  { memory: { id: 2, name: '5.memory', position: 8, size: 0, data: Buffer.alloc(8) } },
  { place: { directory: '/', sockets: ['clock'], memories: [] } },
  { sync: {} },
]
