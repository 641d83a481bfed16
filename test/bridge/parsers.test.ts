/**
 * A bridge among hostile clients: whatever they send to any of its sockets is answered by an error, by an answer, or by
 * the end of their connection; never by a crash, a hang or a leak. A good host is served after each.
 */
import { readdirSync } from 'node:fs'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { Client, credentials, Metadata } from '@grpc/grpc-js'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { encodeAccess } from '../../bridge/wire/wire.js'
import { startBridge, type Bridge } from '../../bridge/assembly/bridge.js'
import { parseConfig } from '../../bridge/config/load-config.js'
import { ModelLink } from '../../bridge/model/model-link.js'
import { messages as contract } from '../../bridge/wire/protobuf.js'
import { openHost } from '../support/bridge-client.js'
import { Chance, disorder, fuzz, fuzzTimeoutMs, spoil } from '../support/fuzz.js'
import { toCall, toFlood, toHostileFrame } from '../support/hostile-http2.js'
import { sampleRtl } from '../support/places.js'

const config = parseConfig('f.json', {
  models: { timer: { top: 'axil_timer', sources: [sampleRtl('axil_timer')] } },
  devices: {
    timer0: { kind: 'uio', model: 'timer', maps: [{ size: '0x1000' }], interrupt: 'irq_o' },
    memory0: { kind: 'u-dma-buf', size: '0x10000' },
  },
})

/** Of `openHost`. */
const goodPid = 4711
const someDescriptors = 20

let bridge: Bridge
const failures: string[] = []

beforeAll(async () => {
  const log = pino({ level: 'silent' })
  bridge = await startBridge({ config, configDirectory: '/', log, onModelFailure: (cause) => failures.push(cause) })
  await bridge.models.start('timer')
}, fuzzTimeoutMs)
afterAll(() => bridge[Symbol.asyncDispose]())

/** What a good host sees, and that nothing is left of the others. */
async function requireGoodService(): Promise<void> {
  const host = await openHost(bridge.address)
  expect(await host.access({ offset: 0 })).toMatchObject({ status: 'STATUS_OKAY' })
  host.close()
  expect(failures).toEqual([])
}

/** Descriptors of this process, which is the bridge too. */
const countDescriptors = () => readdirSync('/proc/self/fd').length
let descriptorsBefore = 0

beforeEach(() => void (descriptorsBefore = countDescriptors()))
afterEach(async () => {
  // Whoever has attached and then does nothing stays, up to a limit.
  const transacting = () => bridge.sessions.processes.filter(({ pid }) => pid === goodPid)
  await expect.poll(transacting, { timeout: 5_000 }).toEqual([])
  await expect.poll(countDescriptors, { timeout: 5_000 }).toBeLessThan(descriptorsBefore + someDescriptors)
})

const raw = (bytes: Buffer) => bytes

function encode(type: string, fields: object): Buffer {
  const message = contract.lookupType(`trapline.v1.${type}`)
  return Buffer.from(message.encode(message.fromObject(fields)).finish())
}

/** Sends bytes to a socket. Where its end does not follow, as where the bridge waits for more, others don't mind. */
async function sendTo(path: string, pieces: Buffer[]): Promise<void> {
  const socket = connectSocket(path)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined).resume()
  for (const piece of pieces) socket.write(piece)
  socket.end()
  await Promise.race([closed, requireGoodService()])
  socket.destroy()
  await closed
}

const attach = encode('AttachRequest', { protocolVersion: 1, agentVersion: 'x', pid: 5, exe: '/bin/x' })

it('any bytes', { timeout: fuzzTimeoutMs }, () =>
  fuzz(75, async (chance) => {
    const path = chance.pick(['/trapline.v1.AgentService/Attach', '/trapline.v1.ControlService/List', '/no/such', ''])
    let frames = toCall(path, attach)
    for (let i = chance.below(3); i >= 0; i--) {
      const spoiled = chance.below(frames.length)
      frames = chance.oneIn(2)
        ? frames.map((frame, j) => (j === spoiled ? spoil(frame, chance) : frame))
        : disorder([...frames, chance.oneIn(4) ? toFlood(chance) : toHostileFrame(chance)], chance)
    }
    await sendTo(bridge.address.replace('unix:', ''), frames)
    await requireGoodService()
  }),
)

/** A stream that has ended, however. */
async function endOf(stream: NodeJS.EventEmitter): Promise<number> {
  return await new Promise((resolve) => stream.on('status', ({ code }: { code: number }) => resolve(code)))
}

function toAccesses(chance: Chance): Buffer[] {
  const site = { module: '/bin/x', moduleOffset: 3n, instruction: 'mov' }
  return Array.from({ length: 1 + chance.below(6) }, (_, i) => {
    const widthBytes = chance.pick([1, 2, 4, 8, 64, 4096])
    const operation = chance.pick(['read', 'write'] as const)
    const data = operation === 'write' ? Buffer.alloc(widthBytes, chance.below(256)) : Buffer.alloc(0)
    const odd = { byteEnables: BigInt(chance.below(3)), hold: chance.oneIn(4), ...(chance.oneIn(2) && { site }) }
    const place = { device: 1, offset: BigInt(chance.below(0x1100)), pc: BigInt(chance.below(9)), tid: 7 }
    return encodeAccess({ seq: BigInt(i + 1), ...place, operation, widthBytes, data, ...odd })
  })
}

it('accesses', { timeout: fuzzTimeoutMs }, () =>
  fuzz(150, async (chance) => {
    const client = new Client(bridge.address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
    const attached = await unary(client, '/trapline.v1.AgentService/Attach', attach)
    const metadata = new Metadata()
    metadata.set('trapline-session', chance.oneIn(20) ? '12345678901234567890' : sessionOf(attached))
    const stream = client.makeBidiStreamRequest('/trapline.v1.AgentService/Transact', raw, raw, metadata)
    stream.on('error', () => undefined).resume()
    const accesses = toAccesses(chance)
    const spoiled = chance.below(accesses.length)
    const sent = chance.oneIn(3)
      ? disorder(accesses, chance)
      : accesses.map((one, i) => (i === spoiled ? spoil(one, chance) : one))
    for (const access of sent) stream.write(access)
    stream.end()
    await endOf(stream)
    client.close()
    await requireGoodService()
  }),
)

/** The answer, or none. */
async function unary(client: Client, method: string, bytes: Buffer): Promise<Buffer | undefined> {
  return await new Promise((resolve) => {
    client.makeUnaryRequest(method, raw, raw, bytes, new Metadata(), (_error, answer) => resolve(answer))
  })
}

function sessionOf(attached: Buffer | undefined): string {
  const reply = contract.lookupType('trapline.v1.AttachReply')
  return String(reply.toObject(reply.decode(attached ?? Buffer.alloc(0)), { longs: String }).session ?? '')
}

const requests: Record<string, object[]> = {
  List: [{}],
  Start: [{ model: 'timer' }, { model: 'gone' }],
  Read: [{ device: 'timer0.map0', offset: 4, widthBytes: 4 }, { offset: '18446744073709551615' }],
  Write: [{ device: '', offset: 8, widthBytes: 8, value: '18446744073709551615' }],
  Trace: [{ on: true }],
  GetStatistics: [{}],
}

it('requests', { timeout: fuzzTimeoutMs }, () =>
  fuzz(100, async (chance) => {
    const client = new Client(bridge.address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
    const method = chance.pick(Object.keys(requests))
    const good = encode(
      `${method === 'GetStatistics' ? 'Statistics' : method}Request`,
      chance.pick(requests[method] ?? []),
    )
    const calls = chance.oneIn(4)
      ? [unary(client, '/trapline.v1.AgentService/Attach', spoil(attach, chance))]
      : [good, spoil(good, chance)].map((bytes) => unary(client, `/trapline.v1.ControlService/${method}`, bytes))
    await Promise.all(calls)
    client.close()
    await requireGoodService()
  }),
)

const replies = [
  { id: 1, completion: { seq: 1, status: 1, data: Buffer.alloc(4), detail: 'd' } },
  { id: 2, completion: { seq: 2, status: 2, detail: 'SLVERR' } },
  { id: 3, done: { cycle: 5, timePs: 6 } },
  { id: 4, refusal: { message: 'no' } },
  { id: 0, progress: { cycle: 7, pending: 'x' } },
  { id: 0, interrupt: { line: 31, level: true } },
  { id: 0, dmaFault: { port: 'm', address: 5 } },
  { id: 9, dmaRequest: { address: 4096, size: 16 } },
  { id: 0, fault: { kind: 'fatal', message: 'm' } },
]

it('what a model says', { timeout: fuzzTimeoutMs }, () =>
  fuzz(1000, async (chance) => {
    const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
    const ignore = () => undefined
    const events = {
      onHello: ignore,
      onProgress: ignore,
      onFault: ignore,
      onInterrupt: ignore,
      onClose: ignore,
      onOwnFailure: ignore,
    }
    const link = new ModelLink('m', socket, { ...events, onDmaRequest: async ({ size }) => Buffer.alloc(size) })
    let answered = 0
    for (let i = 0; i < 2; i++) link.sendAccess(1, Buffer.from('a'), { complete: () => answered++ })
    const calls = [link.call({ stop: {} }, 'done'), link.call({ stop: {} }, 'done')]
    const frames = (chance.oneIn(2) ? disorder(replies, chance) : replies).map((reply) => frame(chance, reply))
    socket.push(Buffer.concat(frames))
    socket.push(null)
    await Promise.allSettled(calls)
    expect(answered).toBe(2)
  }),
)

/** With its length in front; now and then one of both is spoiled. */
function frame(chance: Chance, reply: object): Buffer {
  const body = encode('ModelReply', reply)
  const sent = chance.oneIn(8) ? spoil(body, chance) : body
  const length = Buffer.alloc(4)
  length.writeUInt32LE(sent.length)
  return Buffer.concat([chance.oneIn(20) ? spoil(length, chance) : length, sent])
}

const watchRequests = [
  { begin: { protocolVersion: 1, token: '' } },
  { mirror: {} },
  { socket: { connection: 1, name: 'clock', data: Buffer.from([4, 0, 0, 0, 1, 2, 3, 4]) } },
  { socket: { connection: 2, name: '../../etc/passwd', data: Buffer.from('x') } },
  { memory: { id: 1, data: Buffer.alloc(16) } },
  { sync: {} },
]

it('what a launcher says', { timeout: fuzzTimeoutMs }, () =>
  fuzz(75, async (chance) => {
    const client = new Client(bridge.address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 })
    const stream = client.makeBidiStreamRequest('/trapline.v1.AgentService/Watch', raw, raw, new Metadata())
    stream.on('error', () => undefined).resume()
    let messages = watchRequests.map((request) => encode('WatchRequest', request))
    if (chance.oneIn(2)) messages = disorder(messages, chance)
    const spoiled = chance.below(messages.length * 2)
    for (const [i, message] of messages.entries()) stream.write(i === spoiled ? spoil(message, chance) : message)
    stream.end()
    // Replies that are under way when a message can't be read keep grpc-js from sending its status; others don't mind.
    await Promise.race([endOf(stream), requireGoodService()])
    stream.cancel()
    client.close()
    await requireGoodService()
  }),
)

const notices = [
  { wait: { timeoutNs: 1000, tid: 3, pid: 4 } },
  { waitEnd: { tid: 3 } },
  { sleep: { durationNs: 1000, tid: 3, pid: 4 } },
  { sleep: { durationNs: 0, untilInterrupt: true } },
  { interruptControl: { unmask: true, device: 1 } },
  { interruptControl: { unmask: false, device: 4_000_000_000 } },
]

it('what a host tells of its waiting', { timeout: fuzzTimeoutMs }, () =>
  fuzz(100, async (chance) => {
    const sockets = readdirSync(bridge.directory.path).filter((name) => /^(clock|uio0)/.test(name))
    const frames = Array.from({ length: 1 + chance.below(4) }, () => {
      const body = encode('Notice', chance.pick(notices))
      const length = Buffer.alloc(4)
      const sent = chance.oneIn(2) ? spoil(body, chance) : body
      length.writeUInt32LE(sent.length)
      return Buffer.concat([chance.oneIn(4) ? spoil(length, chance) : length, sent])
    })
    await sendTo(join(bridge.directory.path, chance.pick(sockets)), frames)
    await requireGoodService()
  }),
)
