/** What one client can take of a bridge is limited. */
import { readFileSync } from 'node:fs'
import { connect as connectSocket, type Socket } from 'node:net'
import { Metadata } from '@grpc/grpc-js'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startBridge, type Bridge } from '../../../bridge/bridge.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { listen } from '../../../bridge/control/listener.js'
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
  bridge = await startBridge(settings)
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
