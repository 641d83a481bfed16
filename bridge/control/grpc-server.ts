/**
 * The gRPC server of a bridge: both services, health and reflection on one address. Who may connect is the listener's
 * affair (`listener.ts`), who may call the gate's (`gate.ts`).
 */
import { Server, ServerCredentials, type ServiceDefinition, type UntypedServiceImplementation } from '@grpc/grpc-js'
import { loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'
import { HealthImplementation, protoPath as healthProto } from 'grpc-health-check'
import { protoDirectory } from '../paths.js'
import type { Address } from './address.js'
import type { Gate } from './gate.js'
import { listen, type Listener } from './listener.js'
import type { TlsIdentity } from './tls-files.js'

/** Larger than every message of the contract: bytes of a socket come in pieces of at most 64 KiB. */
const largestMessageBytes = 128 * 1024
/** Calls in progress on one connection. An agent has one at a time, a tool a few. */
const mostStreams = 64

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

export interface GrpcServerSettings {
  address: Address
  tls?: TlsIdentity
  gate: Gate
  services: Services
}

export async function startGrpcServer({ address, tls, gate, services }: GrpcServerSettings): Promise<Listener> {
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': largestMessageBytes,
    'grpc.max_concurrent_streams': mostStreams,
    interceptors: gate.interceptors,
  })
  server.addService(agentService, services.agent)
  server.addService(controlService, services.control)
  const serving = ['', 'trapline.v1.AgentService', 'trapline.v1.ControlService']
  new HealthImplementation(Object.fromEntries(serving.map((name) => [name, 'SERVING']))).addToServer(server)
  new ReflectionService({ ...packageDefinition, ...loadSync(healthProto, loaderOptions) }).addToServer(server)
  // TLS is the listener's; what it accepts is plain to gRPC.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  const listener = await listen({
    ...{ address, tls, asksForToken: gate.asksForToken },
    accept: (socket) => injector.injectConnection(socket),
    refuse: (peer, reason) => gate.refuse(peer, reason),
    lose: (peer) => gate.lose(peer),
  })
  return {
    ...listener,
    close: () => {
      server.forceShutdown()
      listener.close()
    },
  }
}

/** Transact's messages stay bytes; everything else is as the contract says. */
function withRawTransact(service: ServiceDefinition): ServiceDefinition {
  const raw = (bytes: Buffer) => bytes
  const { Transact } = service
  const method = { requestSerialize: raw, requestDeserialize: raw, responseSerialize: raw, responseDeserialize: raw }
  return { ...service, Transact: { ...Transact, ...method } } as ServiceDefinition
}
