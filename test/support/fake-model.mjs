// A model process without RTL, for tests of the bridge alone: speaks the real protocol on file descriptor 3.
// A device is plain memory. `--behaviour NAME` makes it misbehave in one way. With `--forks PATH` it is a copy that a
// checkpoint has made for whoever connects there, says `--pid N` of itself, and never ends of its own accord.
import { appendFileSync } from 'node:fs'
import { connect, createServer, Socket } from 'node:net'
import { join } from 'node:path'
import protobuf from 'protobufjs'

const root = new protobuf.Root()
root.resolvePath = (_origin, target) => join(import.meta.dirname, '../../proto', target)
root.loadSync('trapline/v1/model.proto')
const requestType = root.lookupType('trapline.v1.ModelRequest')
const replyType = root.lookupType('trapline.v1.ModelReply')

const args = process.argv.slice(2)
const flag = (name) => args[args.indexOf(name) + 1]
const behaviour = args.includes('--behaviour') ? flag('--behaviour') : ''
const ports = args.flatMap((arg, i) => (arg === '--port' ? [args[i + 1]] : []))
const rawLog = args.includes('--log') ? flag('--log') : undefined

const status = { OKAY: 1, SLVERR: 2, DECERR: 3, TIMEOUT: 4 }
const memory = new Map()
const sessions = new Map()
/** Session that holds the bus, and what waits until it goes on (hdl/sim/mailbox.cc). */
let holder = 0
const held = []
let cycle = 20
let reads = 0
let writes = 0

const link = args.includes('--forks') ? await firstConnection() : new Socket({ fd: 3, readable: true, writable: true })

function firstConnection() {
  return new Promise((resolve) => createServer(resolve).listen(flag('--forks'), () => console.log('listening')))
}

function send(reply) {
  const body = replyType.encode(replyType.fromObject(reply)).finish()
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  link.write(Buffer.concat([length, body]))
}

function transfer({ session, access }) {
  const device = sessions.get(session).devices.find(({ handle }) => handle === access.device)
  const offset = BigInt(access.offset)
  const isWrite = access.operation === 'OPERATION_WRITE'
  cycle += 3
  if (isWrite) writes++
  else reads++
  const completion = {
    seq: access.seq,
    status: status.OKAY,
    cycleStart: cycle - 2,
    cycleEnd: cycle,
    timePs: cycle * 10_000,
    beats: 1,
  }
  if (offset + BigInt(access.widthBytes) > BigInt(device.size))
    return { ...completion, status: status.DECERR, beats: 0 }
  if (offset === 0xe0n) return { ...completion, status: status.SLVERR }
  const data = Buffer.alloc(access.widthBytes)
  for (let i = 0; i < access.widthBytes; i++) {
    const key = `${device.port}:${BigInt(device.address) + offset + BigInt(i)}`
    if (isWrite) memory.set(key, access.data[i])
    data[i] = memory.get(key) ?? 0
  }
  return isWrite ? completion : { ...completion, data }
}

function log({ session, access }, completion) {
  if (!rawLog) return
  const { pid, devices } = sessions.get(session)
  const { name } = devices.find(({ handle }) => handle === access.device)
  const isWrite = access.operation === 'OPERATION_WRITE'
  const bytes = Buffer.from((isWrite ? access.data : completion.data) ?? [])
  const data = bytes.length ? `0x${bytes.reverse().toString('hex')}` : ''
  const statusName = Object.keys(status)[completion.status - 1]
  appendFileSync(
    rawLog,
    `{"seq":${reads + writes},"cycleStart":${completion.cycleStart},"cycleEnd":${completion.cycleEnd},` +
      `"timePs":${completion.timePs},"op":"${isWrite ? 'write' : 'read'}","device":"${name}",` +
      `"offset":${access.offset},"widthBytes":${access.widthBytes},"data":"${data}",` +
      `"status":"${statusName}","pid":${pid},"tid":${access.tid},` +
      `"pc":"0x${BigInt(access.pc).toString(16)}","session":${session},"wallNs":${process.hrtime.bigint()}}\n`,
  )
}

const misbehaviours = {
  crash: () => process.kill(process.pid, 'SIGKILL'),
  fault: () => {
    const fault = {
      kind: 'fatal',
      message: 'FIFO overflow',
      file: '/rtl/fifo.sv',
      line: 42,
      cycle: 23,
      timePs: 230_000,
    }
    send({ id: 0, fault })
    link.end(() => process.exit(1))
  },
  garbage: () => link.write(Buffer.from([2, 0, 0, 0, 0xff, 0xff])),
  silent: () => undefined,
}

const handlers = {
  openSession: (body) => (sessions.set(body.session, body), { done: { cycle } }),
  closeSession: (body) => {
    sessions.delete(body.session)
    if (holder === body.session) setImmediate(release)
    return { done: { cycle } }
  },
  access: (body, id) => {
    if (holder !== 0 && holder !== body.session) return void held.push({ id, body })
    holder = body.access.hold ? body.session : 0
    if (holder === 0 && held.length > 0) setImmediate(release)
    if (misbehaviours[behaviour]) return misbehaviours[behaviour]()
    const completion = transfer(body)
    log(body, completion)
    return { completion }
  },
  advance: ({ cycles }) => pass(Number(cycles), cycles),
  reset: ({ cycles }) => pass(Number(cycles) || 16, cycles),
  trace: () => ({ refusal: { message: 'this model was built without tracing' } }),
  statistics: () => ({ statistics: { cycle, timePs: cycle * 10_000, reads, writes, beats: reads + writes } }),
  becomeFork: ({ output }) => (connect(output), { done: { cycle } }),
  stop: () => args.includes('--forks') || (setImmediate(() => process.exit(0)), { done: { cycle } }),
}

function pass(count, asked) {
  if (count > 1_000_000) return { refusal: { message: `cycles is ${asked}, too many` } }
  return { done: { cycle: (cycle += count) } }
}

function release() {
  holder = 0
  for (const { id, body } of held.splice(0)) {
    const reply = handlers.access(body, id)
    if (reply) send({ id, ...reply })
  }
}

function handle(message) {
  const request = requestType.toObject(requestType.decode(message), {
    longs: String,
    enums: String,
    bytes: Buffer,
    oneofs: true,
    defaults: true,
  })
  const reply = handlers[request.body](request[request.body], request.id)
  if (typeof reply === 'object') send({ id: request.id, ...reply })
}

let rest = Buffer.alloc(0)
link.on('data', (chunk) => {
  rest = Buffer.concat([rest, chunk])
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32LE(0)) {
    const end = 4 + rest.readUInt32LE(0)
    handle(rest.subarray(4, end))
    rest = rest.subarray(end)
  }
})
link.on('end', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))

if (behaviour === 'stillborn') process.exit(3)
console.log('hello from the RTL')
const pid = args.includes('--pid') ? Number(flag('--pid')) : 0
send({ id: 0, hello: { protocolVersion: behaviour === 'old' ? 9 : 1, verilatorVersion: 'fake', ports, pid } })
