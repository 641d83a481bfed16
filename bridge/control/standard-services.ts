/**
 * Health, and reflection, by which clients do without our protos. Few bridges ever see a call of either, and what
 * answers them takes longer to load than all the rest of the server; so it is loaded at the first call.
 */
import { createRequire } from 'node:module'
import type { Server, ServiceDefinition, UntypedHandleCall, UntypedServiceImplementation } from '@grpc/grpc-js'
import { protoDirectory } from '../ground/paths.js'

/** Which ends of a call are streams. */
const methods = {
  '/grpc.health.v1.Health/Check': { requestStream: false, responseStream: false },
  '/grpc.health.v1.Health/Watch': { requestStream: false, responseStream: true },
  '/grpc.health.v1.Health/List': { requestStream: false, responseStream: false },
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo': { requestStream: true, responseStream: true },
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo': { requestStream: true, responseStream: true },
}

/** One of these methods as its package would have added it to a server. */
interface Answering {
  definition: ServiceDefinition[string]
  handle: UntypedHandleCall
}

export function addStandardServices(server: Server): void {
  let loaded: Map<string, Answering> | undefined
  const answering = (path: string) => (loaded ??= load()).get(path) as Answering
  const names = Object.entries(methods).map(([path, streams]): [string, ServiceDefinition[string]] => {
    const definition = {
      ...{ path, ...streams },
      requestSerialize: (message: object) => answering(path).definition.requestSerialize(message),
      requestDeserialize: (bytes: Buffer) => answering(path).definition.requestDeserialize(bytes),
      responseSerialize: (message: object) => answering(path).definition.responseSerialize(message),
      responseDeserialize: (bytes: Buffer) => answering(path).definition.responseDeserialize(bytes),
    }
    return [path, definition]
  })
  const handlers = Object.keys(methods).map((path): [string, UntypedHandleCall] => [
    path,
    ((...call: [never, never]) => answering(path).handle(...call)) as UntypedHandleCall,
  ])
  server.addService(Object.fromEntries(names), Object.fromEntries(handlers))
}

/** A call waits for its answer, not for a promise: hence `require`. */
function load(): Map<string, Answering> {
  const loadPackage = createRequire(import.meta.url)
  const { loadSync } = loadPackage('@grpc/proto-loader') as typeof import('@grpc/proto-loader')
  const { ReflectionService } = loadPackage('@grpc/reflection') as typeof import('@grpc/reflection')
  const { HealthImplementation, protoPath } = loadPackage('grpc-health-check') as typeof import('grpc-health-check')

  const found = new Map<string, Answering>()
  const collector = {
    addService(service: ServiceDefinition, implementation: UntypedServiceImplementation) {
      for (const [name, definition] of Object.entries(service)) {
        const handle = implementation[name] ?? implementation[definition.originalName ?? '']
        if (handle) found.set(definition.path, { definition, handle })
      }
    },
  } as unknown as Server
  const serving = ['', 'trapline.v1.AgentService', 'trapline.v1.ControlService']
  new HealthImplementation(Object.fromEntries(serving.map((name) => [name, 'SERVING']))).addToServer(collector)
  const files = ['trapline/v1/agent.proto', 'trapline/v1/control.proto', protoPath]
  new ReflectionService(loadSync(files, { includeDirs: [protoDirectory] })).addToServer(collector)
  return found
}
