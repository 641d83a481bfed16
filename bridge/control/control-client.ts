/** The little that the command line asks of a bridge that runs elsewhere before it starts anything. */
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, credentials, Metadata, status, type MethodDefinition, type ServiceError } from '@grpc/grpc-js'
import { TraplineError } from '../ground/errors.js'
import { toEndpoint, type Address } from './address.js'
import { controlService } from './services.js'

/** A bridge that is just being started gets this long. */
const longestWaitMs = 5_000
const retryMs = 100
/** What a bridge answers at once. */
const longestAnswerMs = 10_000

/** Resolves if a bridge lets us in. Throws why it does not. */
export async function checkBridge(address: Address, dial: () => Socket = () => connectTo(address)): Promise<void> {
  const deadline = Date.now() + longestWaitMs
  for (;;) {
    const problem = await greet(dial())
    if (problem === undefined) return
    const isThere = !['ECONNREFUSED', 'ENOENT'].includes(problem.code ?? '')
    if (isThere || Date.now() > deadline) throw toError(address, problem, isThere)
    await delay(retryMs)
  }
}

/** A call of `ControlService`, of a bridge that is reached without TLS. Throws the bridge's own sentence. */
export async function callControl<Reply>(
  { way, token }: { way: Address; token: string },
  method: keyof typeof controlService,
  request: object,
): Promise<Reply> {
  const { path, requestSerialize, responseDeserialize } = controlService[method] as MethodDefinition<object, object>
  const client = new Client(way, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 })
  const metadata = new Metadata()
  if (token !== '') metadata.set('authorization', `Bearer ${token}`)
  try {
    return await new Promise<Reply>((resolve, reject) => {
      const options = { deadline: Date.now() + longestAnswerMs }
      const end = (error: ServiceError | null, reply?: object) =>
        error ? reject(toRefusal(error)) : resolve(reply as Reply)
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, options, end)
    })
  } finally {
    client.close()
  }
}

function toRefusal(error: ServiceError): TraplineError {
  const isLate = error.code === status.DEADLINE_EXCEEDED
  const message = isLate ? `the bridge has not answered for ${longestAnswerMs / 1000} s; is it stopped?` : error.details
  return new TraplineError('bridge', message, { cause: error })
}

function connectTo(address: Address): Socket {
  return connect(toEndpoint(address, '--bridge'))
}

/** Both ends of HTTP/2 begin with their settings, the client after a fixed line (RFC 9113, 3.4 and 6.5). */
async function greet(socket: Socket): Promise<NodeJS.ErrnoException | undefined> {
  socket.setTimeout(longestWaitMs, () => socket.destroy(new Error(`it says nothing for ${longestWaitMs} ms`)))
  const problem = await new Promise<Error | undefined>((resolve) => {
    socket.once('data', (bytes: Buffer) => resolve(isSettings(bytes) ? undefined : new Error(otherProtocol)))
    socket.once('error', resolve)
    socket.once('close', () => resolve(new Error(closed)))
    socket.write(clientPreface)
  })
  socket.destroy()
  return problem
}

const closed = 'it closed the connection, and its log says why; it may want TLS, or another certificate'
const otherProtocol = 'it is no bridge, for it does not speak HTTP/2'
const settingsType = 4
const clientPreface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, settingsType, 0, 0, 0, 0, 0]),
])

/** A frame's type follows the three bytes of its length. */
function isSettings(bytes: Buffer): boolean {
  return bytes[3] === settingsType
}

function toError(address: Address, cause: Error, isThere: boolean): TraplineError {
  const message = isThere
    ? `the bridge at ${address} can't be used: ${cause.message}`
    : `no bridge answers at ${address}; start one with \`trapline serve\``
  return new TraplineError('bridge', message, { cause })
}
