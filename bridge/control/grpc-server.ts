/**
 * The gRPC server of a bridge: both services, health and reflection on one address.
 * Listens on a UNIX socket or on loopback TCP; any other address is refused.
 */
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import { HealthImplementation, protoPath as healthProto } from 'grpc-health-check'
import { toMessage, TraplineError } from '../errors.js'
import { protoDirectory } from '../paths.js'

/** `unix:/path` or `127.0.0.1:port`. */
export type Address = string

export interface GrpcServer {
  /** The address that clients use, with the port that was chosen. */
  readonly address: Address
  close(): void
}

/** 64-bit fields travel through the loader as decimal strings, which are exact. */
const loaderOptions = { longs: String, enums: String, defaults: true, oneofs: true, includeDirs: [protoDirectory] }

export const packageDefinition: PackageDefinition = loadSync(
  ['trapline/v1/agent.proto', 'trapline/v1/control.proto'],
  loaderOptions,
)

const controlService = packageDefinition['trapline.v1.ControlService'] as ServiceDefinition
const agentService = withRawTransact(packageDefinition['trapline.v1.AgentService'] as ServiceDefinition)

export interface Services {
  agent: UntypedServiceImplementation
  control: UntypedServiceImplementation
}

export async function startGrpcServer(address: Address, services: Services): Promise<GrpcServer> {
  checkAddress(address)
  const server = new Server({ 'grpc.enable_channelz': 0 })
  server.addService(agentService, services.agent)
  server.addService(controlService, services.control)
  const serving = ['', 'trapline.v1.AgentService', 'trapline.v1.ControlService']
  new HealthImplementation(Object.fromEntries(serving.map((name) => [name, 'SERVING']))).addToServer(server)
  new ReflectionService({ ...packageDefinition, ...loadSync(healthProto, loaderOptions) }).addToServer(server)
  const port = await bind(server, address)
  return {
    address: address.startsWith('unix:') ? address : address.replace(/:\d+$/, `:${port}`),
    close: () => server.forceShutdown(),
  }
}

/** Transact's messages stay bytes; everything else is as the contract says. */
function withRawTransact(service: ServiceDefinition): ServiceDefinition {
  const raw = (bytes: Buffer) => bytes
  const { Transact } = service
  const method = { requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw }
  return { ...service, Transact: { ...Transact, ...method } } as ServiceDefinition
}

function checkAddress(address: Address): void {
  if (/^(127\.\d+\.\d+\.\d+|localhost|\[::1\]):\d+$/.test(address) || address.startsWith('unix:/')) return
  throw new TraplineError(
    'usage',
    `can't listen on ${address}: only loopback is allowed, e.g. 127.0.0.1:50051, or 127.0.0.1:0 for any free port`,
  )
}

function bind(server: Server, address: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (!error) return resolve(port)
      const message = `can't listen on ${address} (${toMessage(error)}); choose another port`
      reject(new TraplineError('bridge', message, { cause: error }))
    })
  })
}
