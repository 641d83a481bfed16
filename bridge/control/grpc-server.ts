/**
 * The gRPC server of a bridge: both services, and the standard ones, on one address. Who may connect is the listener's
 * affair (`listener.ts`), who may call the gate's (`gate.ts`).
 */
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Address } from './address.js'
import type { Gate } from './gate.js'
import { listen, type Listener } from './listener.js'
import { agentService, controlService } from './services.js'
import { addStandardServices } from './standard-services.js'
import type { TlsIdentity } from './tls-files.js'
import { takeTransact, type TransactStream } from './transact-stream.js'

/** Larger than every message of the contract: bytes of a socket come in pieces of at most 64 KiB. */
const largestMessageBytes = 128 * 1024
/** Calls in progress on one connection. An agent has one at a time, a tool a few. */
const mostStreams = 64
/** How long a connection may be there without a call; clients connect anew when they need one. */
const longestIdleMs = 60_000

export interface Services {
  agent: UntypedServiceImplementation
  transact(call: TransactStream): void
  control: UntypedServiceImplementation
}

export interface GrpcServerSettings {
  address: Address
  tls?: TlsIdentity
  gate: Gate
  services: Services
  idleMs?: number
}

export async function startGrpcServer(settings: GrpcServerSettings): Promise<Listener> {
  const { address, tls, gate, services, idleMs = longestIdleMs } = settings
  const server = new Server({
    'grpc.enable_channelz': 0,
    'grpc.max_receive_message_length': largestMessageBytes,
    'grpc.max_concurrent_streams': mostStreams,
    'grpc.max_connection_idle_ms': idleMs,
    interceptors: gate.interceptors,
  })
  server.addService(agentService, services.agent)
  server.addService(controlService, services.control)
  addStandardServices(server)
  // TLS is the listener's; what it accepts is plain to gRPC.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure())
  takeTransact(server, largestMessageBytes, services.transact)
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
