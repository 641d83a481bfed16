/**
 * A bridge among hosts, launchers and tools that say anything: every method and every field of the contract. It lives
 * on, serves a good host after each, keeps nothing of them, and what it says of them are sentences.
 */
import { readdirSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { dirname, join } from 'node:path'
import { Client, credentials, Metadata, type ClientDuplexStream } from '@grpc/grpc-js'
import type { Method } from 'protobufjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TraplineConfig } from '../../bridge/config/schema.js'
import { messages } from '../../bridge/wire/protobuf.js'
import { connect, openHost } from '../support/bridge-client.js'
import { Draw, type Right } from '../support/draw.js'
import { disorder, fuzz, fuzzTimeoutMs, spoil, type Chance } from '../support/fuzz.js'
import { root, sampleRtl } from '../support/places.js'
import { openScratch, removeScratch, type Scratch } from '../support/scratch.js'
import { startTrapline, type Running } from '../support/trapline.js'

const config: TraplineConfig = {
  models: {
    dma: { top: 'axi_dma', sources: [sampleRtl('axi_dma')] },
    lab: { top: 'axis_lab', sources: [join(root, 'test/hdl/cores/axis_lab.sv')] },
  },
  devices: {
    dma0: { kind: 'uio', model: 'dma', maps: [{ size: 0x1000 }], interrupt: 'irq_o' },
    regs: { kind: 'mem', base: 0x43c0_0000, size: 0x1000, model: 'lab' },
    link: { kind: 'stream', path: '/dev/axis0', model: 'lab' },
    udmabuf0: { kind: 'u-dma-buf', size: 0x10000 },
  },
}

const typeOf = (name: string) => messages.lookupType(`trapline.v1.${name}`)

/** In the order of the configuration. */
const handles = { dma0: 1, regs: 2, link: 3, udmabuf0: 4 }

/** Conversations; some have several enemies at once. */
const conversations = 40
const mostAtOnce = 4
/** What the bridge may have open more than before, once all have gone. */
const someDescriptors = 8
const mostWords = 2_000

let scratch: Scratch
let bridge: Running
let address: string
let hasFailed = true

beforeAll(async () => {
  scratch = openScratch()
  const file = scratch.write('c.json', config)
  bridge = startTrapline(scratch, ['serve', '--config', file], { longestMs: fuzzTimeoutMs })
  ;[address] = await bridge.untilStdout(/^unix:.+$/m)
  await requireGoodService()
}, fuzzTimeoutMs)
afterAll(async () => {
  bridge.kill('SIGTERM')
  const { stderr } = await bridge.ended
  if (hasFailed) console.error(`the last words of the bridge:\n${stderr.slice(-mostWords)}`)
  removeScratch(scratch)
})

/** Both models, by what a good host does. */
async function requireGoodService(): Promise<void> {
  const host = await openHost(address)
  const answers = [await host.access({ device: handles.dma0 }), await host.access({ device: handles.regs })]
  host.close()
  expect(answers).toMatchObject([{ status: 'STATUS_OKAY' }, { status: 'STATUS_OKAY' }])
}

const countDescriptors = () => readdirSync(`/proc/${bridge.pid}/fd`).length

async function countSessions(): Promise<number> {
  const control = connect(address, 'ControlService')
  const { sessions } = await control.call('getStatistics').finally(() => control.close())
  return sessions as number
}

const raw = (bytes: Buffer) => bytes
type Enemy = (client: Client, draw: Draw, chance: Chance) => Promise<void>

/** Without a reply in time it goes away. */
const patienceMs = 100

function unary(client: Client, path: string, request: Buffer): Promise<Buffer | undefined> {
  const options = { deadline: Date.now() + patienceMs }
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, raw, raw, request, new Metadata(), options, (_error, answer) => resolve(answer))
  })
}

/** Says all that, and leaves in one way or another. */
async function say(stream: ClientDuplexStream<Buffer, Buffer>, sent: Buffer[], chance: Chance): Promise<void> {
  const ended = new Promise((resolve) => stream.on('status', resolve))
  stream.on('error', () => undefined).resume()
  for (const message of sent) stream.write(message)
  if (chance.oneIn(4)) stream.cancel()
  else stream.end()
  setTimeout(() => stream.cancel(), patienceMs).unref()
  await ended
}

/** Now and then bytes are not even a message. */
function unsettle(sent: Buffer[], chance: Chance): Buffer[] {
  const spoiled = chance.below(sent.length * 4)
  const bytes = sent.map((message, i) => (i === spoiled ? spoil(message, chance) : message))
  return chance.oneIn(6) ? disorder(bytes, chance) : bytes
}

const attach: Right = { protocolVersion: 1, agentVersion: '0.1.0', pid: 4711, exe: '/bin/x', token: '' }
const site: Right = { module: '/bin/sh', moduleOffset: 64, instruction: 'mov eax, [rdi]' }

function toAccess(seq: number, chance: Chance): Right {
  const device = 1 + chance.below(4)
  const widthBytes = chance.pick([1, 2, 4, 8, 64])
  const isWrite = chance.oneIn(2)
  const isStream = device === handles.link
  return {
    ...{ seq, device, widthBytes, operation: isWrite ? 'OPERATION_WRITE' : 'OPERATION_READ', tid: 7, pc: seq },
    ...(isWrite && { data: Buffer.alloc(widthBytes, seq) }),
    ...(isStream ? { patienceCycles: 64, packetEnd: isWrite, wantedBytes: 1 } : { offset: 4 * chance.below(0x500) }),
    ...(chance.oneIn(4) && { site }),
    ...(chance.oneIn(8) && { hold: true }),
  }
}

const agent: Enemy = async (client, draw, chance) => {
  const answer = await unary(client, '/trapline.v1.AgentService/Attach', draw.message(typeOf('AttachRequest'), attach))
  const reply = typeOf('AttachReply')
  const { session } = reply.toObject(reply.decode(answer ?? Buffer.alloc(0)), {
    longs: String,
    defaults: true,
  }) as Right
  const metadata = new Metadata()
  const forged = chance.pick([...['', '0', '-1', '1', '18446744073709551616', 'x'.repeat(5000)], ` ${String(session)}`])
  metadata.set('trapline-session', chance.oneIn(8) ? forged : String(session))
  const accesses = Array.from({ length: 1 + chance.below(8) }, (_, i) =>
    draw.message(typeOf('Access'), toAccess(i + 1, chance)),
  )
  const transact = () => client.makeBidiStreamRequest('/trapline.v1.AgentService/Transact', raw, raw, metadata)
  const twice = chance.oneIn(8) ? [say(transact(), accesses, chance)] : []
  await Promise.all([...twice, say(transact(), unsettle(accesses, chance), chance)])
}

/** Requests that make sense, by their type; those of other methods are empty. */
const requests: Record<string, Right> = {
  StartRequest: { model: 'lab' },
  ResetRequest: { model: 'dma', cycles: 3 },
  AdvanceRequest: { model: 'dma', cycles: 10 },
  ReadRequest: { device: 'regs', offset: 4, widthBytes: 4 },
  WriteRequest: { device: 'regs', offset: 8, widthBytes: 4, value: 5 },
  TraceRequest: { model: 'dma', on: true },
  AttachRequest: attach,
}

/** `Stop` does what it says. */
const methods = ['ControlService', 'AgentService'].flatMap((name) =>
  messages.lookupService(`trapline.v1.${name}`).methodsArray.filter((method) => method.name !== 'Stop'),
)

const pathOf = (method: Method) => `/trapline.v1.${method.parent?.name}/${method.name}`

const tool: Enemy = async (client, draw, chance) => {
  const method = chance.pick(methods)
  const request = draw.message(typeOf(method.requestType), requests[method.requestType])
  await unary(client, pathOf(method), chance.oneIn(8) ? spoil(request, chance) : request)
}

const watchRequests: Right[] = [
  { begin: { protocolVersion: 1, token: '' } },
  { mirror: {} },
  { beat: {} },
  { socket: { connection: 1, name: 'clock', data: Buffer.from([4, 0, 0, 0, 0x22, 2, 8, 1]), end: false } },
  { socket: { connection: 1, data: Buffer.alloc(3), end: true } },
  { memory: { id: 1, data: Buffer.alloc(64) } },
  { sync: {} },
  { leave: {} },
]

const launcher: Enemy = async (client, draw, chance) => {
  const stream = client.makeBidiStreamRequest('/trapline.v1.AgentService/Watch', raw, raw, new Metadata())
  const order = chance.oneIn(2) ? disorder(watchRequests, chance) : watchRequests
  const sent = order.map((request) => draw.message(typeOf('WatchRequest'), request))
  await say(stream, unsettle(sent, chance), chance)
}

const notices: Right[] = [
  { interruptControl: { unmask: true, device: handles.dma0 } },
  { wait: { timeoutNs: 1000, tid: 3, pid: 4 } },
  { waitEnd: { tid: 3 } },
  { sleep: { durationNs: 1000, untilInterrupt: true, tid: 3, pid: 4, endsOtherwise: true } },
  { look: { device: handles.udmabuf0, offset: 0, size: 8, cycles: 16, isEndless: true, tid: 3, pid: 4 } },
  { timers: { pid: 4, nextPs: 1_000_000, realNs: 5 } },
  { timerWait: { tid: 3, pid: 4 } },
]

/** A process of this machine, by the sockets of the run directory. */
const waiter: Enemy = async (_client, draw, chance) => {
  const directory = dirname(address.replace('unix:', ''))
  const sockets = readdirSync(directory).filter((name) => /^(clock|uio|stream)/.test(name))
  const socket = connectSocket(join(directory, chance.pick(sockets)))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined).resume()
  for (let i = 1 + chance.below(4); i > 0; i--)
    socket.write(frame(draw.message(typeOf('Notice'), chance.pick(notices))))
  if (chance.oneIn(2)) socket.end()
  setTimeout(() => socket.destroy(), chance.below(patienceMs)).unref()
  await closed
}

function frame(body: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  return Buffer.concat([length, body])
}

const enemies = [agent, agent, tool, launcher, waiter]

it('lives on and serves the good ones', { timeout: fuzzTimeoutMs }, async () => {
  const before = countDescriptors()
  await fuzz(conversations, async (chance) => {
    const draw = new Draw(chance, chance.pick([0, 4, 12, 40]))
    const some = Array.from({ length: 1 + chance.below(mostAtOnce) }, () => chance.pick(enemies))
    await Promise.all(some.map((enemy) => meet(enemy, draw, chance)))
    await requireGoodService()
  })
  await expect.poll(countSessions, { timeout: 15_000 }).toBeLessThanOrEqual(1)
  await expect.poll(countDescriptors, { timeout: 15_000 }).toBeLessThan(before + someDescriptors)
  bridge.kill('SIGTERM')
  const { status, stderr } = await bridge.ended
  expect(status).toBe(0)
  const strange = stderr
    .split('\n')
    .filter((line) => line !== '' && !/^trapline: (?!\s*at |internal)[^\p{Cc}]+$/u.test(line))
  expect(strange).toEqual([])
  hasFailed = false
})

async function meet(enemy: Enemy, draw: Draw, chance: Chance): Promise<void> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
  try {
    await enemy(client, draw, chance)
  } finally {
    client.close()
  }
}
