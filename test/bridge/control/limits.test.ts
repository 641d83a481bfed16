/** What one client can take of a bridge is limited. */
import { readFileSync } from 'node:fs'
import { createServer as createHttp2Server } from 'node:http2'
import { connect as connectSocket, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Metadata } from '@grpc/grpc-js'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startBridge, type Bridge } from '../../../bridge/assembly/bridge.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { Gate } from '../../../bridge/control/gate.js'
import { startGrpcServer, type Services } from '../../../bridge/control/grpc-server.js'
import { listen } from '../../../bridge/control/listener.js'
import type { TlsIdentity } from '../../../bridge/control/tls-files.js'
import { connect, openHost, type Message, type Rpc } from '../../support/bridge-client.js'
import { makeAuthority } from '../../support/certificates.js'
import { fakeBuild } from '../../support/fake-build.js'
import { opening, toHeaders } from '../../support/hostile-http2.js'
import { openScratch, removeScratch, type Scratch } from '../../support/scratch.js'

const config = parseConfig('f.json', {
  models: { gpio: { top: 'gpio', sources: ['gpio.sv'] } },
  devices: { gpio0: { kind: 'mem', base: 0, size: 64, model: 'gpio' } },
})

let scratch: Scratch
let bridge: Bridge
let lines: string[] = []
const sockets: Socket[] = []

beforeEach(async () => {
  scratch = openScratch()
  lines = []
  const log = pino({}, { write: (record: string) => void lines.push((JSON.parse(record) as { msg: string }).msg) })
  const settings = { config, configDirectory: '/', listen: '127.0.0.1:0', log, build: fakeBuild(scratch) }
  bridge = await startBridge({ ...settings, holdSeconds: 1 })
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await bridge[Symbol.asyncDispose]()
  removeScratch(scratch)
})

/** What comes first on a new connection: data, or its end. */
async function greet(): Promise<'data' | 'close'> {
  const socket = connectSocket(Number(bridge.address.split(':')[1]), '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  return new Promise((resolve) => socket.once('data', () => resolve('data')).once('close', () => resolve('close')))
}

it('a message of more than 128 KiB is refused, and the connection goes on', async () => {
  const agent = connect(bridge.address, 'AgentService')
  const request = { protocolVersion: 1, pid: 1, exe: 'x'.repeat(128 * 1024) }
  await expect(agent.call('attach', request)).rejects.toMatchObject({ code: 8 })
  expect(await agent.call('attach', { ...request, exe: '/bin/true' })).toHaveProperty('devices')
  agent.close()
})

it('connections beyond 2048 are closed, each with a line; who is there stays', async () => {
  const early = await openHost(bridge.address)
  const answers: string[] = []
  // In small groups: the kernel's own queue of new connections is limited, too.
  for (let group = 0; group < 41; group++) answers.push(...(await Promise.all(Array.from({ length: 50 }, greet))))
  expect(answers.filter((answer) => answer === 'close')).toHaveLength(3)
  expect(lines.map((line) => line.replace(/:\d+:/, ':'))).toEqual(
    Array<string>(3).fill('refused 127.0.0.1: there are 2048 connections already'),
  )
  expect(await early.access({})).toMatchObject({ status: 'STATUS_OKAY' })
  early.close()
})

/** Stream and error code of each RST_STREAM (RFC 9113, 6.4) among whole frames. */
function resetsOf(bytes: Buffer): [number, number][] {
  const resets: [number, number][] = []
  for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3))
    if (bytes[at + 3] === 3) resets.push([bytes.readUInt32BE(at + 5), bytes.readUInt32BE(at + 9)])
  return resets
}

it('calls beyond 64 on one connection are refused; those that are there stay', async () => {
  const socket = connectSocket(Number(bridge.address.split(':')[1]), '127.0.0.1').on('error', () => undefined)
  sockets.push(socket)
  let answer = Buffer.alloc(0)
  socket.on('data', (bytes) => (answer = Buffer.concat([answer, bytes])))
  const streams = Array.from({ length: 66 }, (_, i) => 2 * i + 1)
  socket.write(
    Buffer.concat([...opening, ...streams.map((stream) => toHeaders('/trapline.v1.AgentService/Watch', stream))]),
  )
  const refusedStream = 7
  await expect.poll(() => resetsOf(answer)).toEqual(streams.slice(64).map((stream) => [stream, refusedStream]))
})

it('who does not end a TLS handshake is closed, with a line', async () => {
  const ca = makeAuthority(scratch)
  const { cert, key } = ca.sign('bridge')
  const [certificate, privateKey, authority] = [cert, key, ca.cert].map((file) => readFileSync(file)) as [
    Buffer,
    Buffer,
    Buffer,
  ]
  const notes: string[] = []
  const listener = await listen({
    address: '127.0.0.1:0',
    tls: { cert: certificate, key: privateKey, ca: authority },
    handshakeMs: 100,
    asksForToken: true,
    accept: () => notes.push('accepted'),
    refuse: (_peer, reason) => notes.push(reason),
    lose: () => notes.push('lost'),
  })
  const socket = connectSocket(Number(listener.address.split(':')[1]), '127.0.0.1').on('error', () => undefined)
  await new Promise((resolve) => socket.resume().on('close', resolve))
  await expect.poll(() => notes).toEqual(['no TLS connection: TLS handshake timeout'])
  listener.close()
})

const ownConnection = { 'grpc.use_local_subchannel_pool': 1 }

/** Checks processes in on one connection, and opens their Transact calls. Returns how to end them. */
async function attachMany(count: number): Promise<() => void> {
  const agent = connect(bridge.address, 'AgentService', undefined, ownConnection)
  const streams: Message[] = []
  for (let i = 0; i < count; i++) {
    const metadata = new Metadata()
    metadata.set('trapline-session', (await attach(agent)).session)
    const stream = agent.client.transact(metadata).on('error', () => undefined)
    await new Promise((resolve) => stream.on('metadata', resolve))
    streams.push(stream)
  }
  return () => {
    for (const stream of streams) stream.cancel()
    agent.close()
  }
}

function attach(agent: Rpc): Promise<Message> {
  return agent.call('attach', { protocolVersion: 1, pid: 1, exe: '/bin/true' })
}

it('sessions beyond 1024 are refused, but for places of those who do nothing', async () => {
  const [endFirst, ...ends] = await Promise.all(Array.from({ length: 32 }, () => attachMany(32)))
  const agent = connect(bridge.address, 'AgentService')
  await expect(attach(agent)).rejects.toMatchObject({
    code: 8,
    details: 'the bridge has 1024 sessions and takes no more; end a host first',
  })
  endFirst?.()
  await expect.poll(() => bridge.sessions.open).toBe(992)
  const idle: Message[] = []
  for (let i = 0; i < 32; i++) idle.push(await attach(agent))
  await attach(agent)
  expect(bridge.sessions.open).toBe(1024)
  const areThere = idle.map(({ session }) => bridge.sessions.find(session) !== undefined)
  expect(areThere).toEqual([false, ...Array<boolean>(31).fill(true)])
  for (const end of ends) end()
  agent.close()
})

it('who is connected and says nothing is closed, with a line; who speaks HTTP/2 is not', async () => {
  const ca = makeAuthority(scratch)
  const [bridgeFiles, hostFiles] = [ca.sign('bridge'), ca.sign('host')].map(({ cert, key }) => ({
    cert: readFileSync(cert),
    key: readFileSync(key),
    ca: readFileSync(ca.cert),
  })) as [TlsIdentity, TlsIdentity]
  for (const tls of [undefined, bridgeFiles]) {
    const notes: string[] = []
    const server = createHttp2Server()
    const listener = await listen({
      ...{ address: '127.0.0.1:0', handshakeMs: 2_000, asksForToken: true },
      ...(tls && { tls }),
      accept: (socket) => server.emit('connection', socket),
      refuse: (_peer, reason) => notes.push(reason),
      lose: () => notes.push('lost'),
    })
    const port = Number(listener.address.split(':')[1])
    const dial = () =>
      (tls ? connectTls({ port, host: '127.0.0.1', ...hostFiles }) : connectSocket(port, '127.0.0.1')).on(
        'error',
        () => undefined,
      )
    const [silent, slow, speaking] = [dial(), dial(), dial()]
    slow.write(opening[0]?.subarray(0, 20) ?? '')
    speaking.write(Buffer.concat(opening))
    speaking.resume()
    await Promise.all([silent, slow].map((socket) => new Promise((resolve) => socket.resume().on('close', resolve))))
    expect(notes).toEqual(Array(2).fill('it has not begun to speak HTTP/2 within 2 s'))
    expect(speaking.destroyed).toBe(false)
    speaking.destroy()
    listener.close()
  }
})

it('a connection without calls is closed; one with a call stays, and a client notices nothing', async () => {
  const log = pino({}, { write: () => undefined })
  const gate = new Gate('', log)
  let ends = 0
  const agent = { attach: undefined, transact: undefined, watch: (call: Message) => call.on('end', () => call.end()) }
  const control = { list: (_call: unknown, reply: (error: null, message: object) => void) => reply(null, {}) }
  const services = { agent, control } as unknown as Services
  const server = await startGrpcServer({ address: '127.0.0.1:0', gate, services, idleMs: 300 })
  const watching = connect(server.address, 'AgentService', undefined, ownConnection)
  const watch = watching.client.watch().on('error', () => ends++)
  watch.write({ beat: {} })
  const asking = connect(server.address, 'ControlService', undefined, ownConnection)
  const idle = connectSocket(Number(server.address.split(':')[1]), '127.0.0.1').on('error', () => undefined)
  idle.write(Buffer.concat(opening))
  await asking.call('list')
  await new Promise((resolve) => idle.resume().on('close', resolve))
  await asking.call('list')
  expect(ends).toBe(0)
  watch.cancel()
  for (const rpc of [watching, asking]) rpc.close()
  server.close()
})

it('who holds the bus and goes silent loses its session, and the others and control calls get through', async () => {
  const holder = await openHost(bridge.address)
  const other = await openHost(bridge.address)
  const control = connect(bridge.address, 'ControlService')
  expect(await holder.access({ hold: true })).toMatchObject({ status: 'STATUS_OKAY' })
  const answers = Promise.all([other.access({}), control.call('read')])
  const lost = holder.untilEnd()
  const [access, read] = await answers
  expect([access.status, read.completion.status]).toEqual(['STATUS_OKAY', 'STATUS_OKAY'])
  expect(await lost).toMatchObject({
    code: 4,
    details: expect.stringMatching(/^the session held the bus of model gpio/),
  })
  expect(lines.filter((line) => line.includes('held'))).toEqual([
    expect.stringMatching(
      /^test \(pid 4711\) held the bus of model gpio in the middle of a locked access for 1 s while/,
    ),
  ])
  for (const peer of [holder, other, control]) peer.close()
})

it('a hold that never ends is refused, one that nobody minds stays', async () => {
  const holder = await openHost(bridge.address)
  const answers: Promise<Message>[] = Array.from({ length: 257 }, () => holder.access({ hold: true }))
  await expect(Promise.all(answers)).rejects.toMatchObject({
    code: 3,
    details: 'access 257: the bus is held for more than 256 accesses',
  })
  holder.close()
})

/** A launcher that the bridge knows. */
async function openWatch(agent: Rpc): Promise<Message> {
  const watch = agent.client.watch().on('error', () => undefined)
  watch.write({ begin: { protocolVersion: 1 } })
  await new Promise((resolve) => watch.once('data', resolve))
  return watch
}

it('connections of one launcher beyond 1024 are closed, with one line; the others stay', async () => {
  const agent = connect(bridge.address, 'AgentService', undefined, ownConnection)
  const watch = await openWatch(agent)
  const closed: number[] = []
  const all = new Promise<void>((resolve) =>
    watch.on('data', ({ socket, sync }: Message) => (sync ? resolve() : socket?.end && closed.push(socket.connection))),
  )
  for (let connection = 1; connection <= 1030; connection++) watch.write({ socket: { connection, name: 'clock' } })
  watch.write({ sync: {} })
  await all
  expect(closed).toEqual([1025, 1026, 1027, 1028, 1029, 1030])
  expect(lines).toEqual([
    expect.stringMatching(/^the launcher at 127.* has 1024 connections of its hosts; further ones/),
  ])
  watch.cancel()
  agent.close()
})

it('launchers beyond 256 are refused', async () => {
  const agents = Array.from({ length: 5 }, () => connect(bridge.address, 'AgentService', undefined, ownConnection))
  for (let i = 0; i < 256; i++) await openWatch(agents[i % 5] as Rpc)
  const refused = await new Promise((resolve) => agents[0]?.client.watch().on('error', resolve))
  expect(refused).toMatchObject({ code: 8, details: 'the bridge has 256 launchers and takes no more; end one first' })
  for (const agent of agents) agent.close()
})

it.each([
  ['begins twice', { begin: { protocolVersion: 1 } }, 9, 'WatchBegin comes once'],
  [
    'answers what nobody asked',
    { memory: { id: 7, data: Buffer.alloc(4) } },
    3,
    /answers MemoryAccess 7, which is none/,
  ],
])('a launcher that %s is refused', async (_name, request, code, details) => {
  const agent = connect(bridge.address, 'AgentService', undefined, ownConnection)
  const watch = await openWatch(agent)
  const refused = new Promise((resolve) => watch.on('error', resolve))
  watch.write(request)
  expect(await refused).toMatchObject({ code, details: expect.stringMatching(details) })
  agent.close()
})
