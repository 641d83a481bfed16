/**
 * A bridge without a model: answers every access by itself, as cheaply as a grpc-js server can. Stands for "the same
 * stream, an echo". Prints its address, ends with its stdin.
 */
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { agentService } from '../../build/bridge/control/services.js'

const raw = (bytes) => bytes
const asBytes = { requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw }

/** Completion.status OKAY and four bytes of data, as they stand in the message after its number. */
const answer = Buffer.from([0x10, 0x01, 0x1a, 0x04, 0x11, 0x22, 0x33, 0x44])

/** Access and Completion both begin with their number: tag 0x08 and a varint. */
function numberField(access) {
  let end = 1
  while (access[end++] & 0x80);
  return access.subarray(0, end)
}

const device = {
  handle: 1,
  name: 'echo',
  kind: 'DEVICE_KIND_MEM',
  path: '/dev/mem',
  base: String(0x43c0_0000),
  size: '4096',
  onError: 'ERROR_POLICY_SIGBUS',
}

/** Launchers: there are no files to mirror, but they want to know who has checked in. */
const watchers = new Set()

function watch(call) {
  watchers.add(call)
  call.on('data', ({ body }) => {
    if (body === 'begin') call.write({ place: { directory: '/nonexistent', sockets: [], memories: [] } })
    if (body === 'sync') call.write({ sync: {} })
  })
  call.on('cancelled', () => watchers.delete(call))
}

function attach({ request }, reply) {
  for (const watcher of watchers) watcher.write({ checkIn: { pid: request.pid } })
  reply(null, { session: '1', devices: [device] })
}

const server = new Server({ 'grpc.enable_channelz': 0 })
server.addService(
  { ...agentService, Transact: { ...agentService.Transact, ...asBytes } },
  {
    Attach: attach,
    Watch: watch,
    Transact: (call) => {
      call.on('data', (access) => call.write(Buffer.concat([numberField(access), answer])))
      call.on('end', () => call.end())
    },
  },
)
const address = process.argv[2]
server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error
  process.stdout.write(`${address}\n`)
})
process.stdin.on('end', () => server.forceShutdown()).resume()
