/** A gRPC client of a bridge, promises instead of callbacks. */
import {
  credentials,
  makeClientConstructor,
  Metadata,
  type ChannelCredentials,
  type ClientOptions,
  type ServiceError,
} from '@grpc/grpc-js'
import { agentService, controlService } from '../../bridge/control/services.js'

const services = {
  AgentService: makeClientConstructor(agentService, 'AgentService'),
  ControlService: makeClientConstructor(controlService, 'ControlService'),
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the loader's messages have no static type
export type Message = any

export interface Rpc {
  call(method: string, request?: object): Promise<Message>
  close(): void
  readonly client: Message
}

export function connect(
  address: string,
  service: keyof typeof services,
  trust: ChannelCredentials = credentials.createInsecure(),
  options: ClientOptions = {},
): Rpc {
  const client: Message = new services[service](address, trust, options)
  return {
    client,
    close: () => client.close(),
    call: (method, request = {}) =>
      new Promise((resolve, reject) => {
        client[method](request, (error: ServiceError | null, reply: Message) =>
          error ? reject(error) : resolve(reply),
        )
      }),
  }
}

/** A checked-in process with an open Transact stream. */
export async function openHost(address: string, token = '') {
  const rpc = connect(address, 'AgentService')
  const attached = await rpc.call('attach', {
    protocolVersion: 1,
    agentVersion: 'test',
    pid: 4711,
    exe: '/bin/test',
    token,
  })
  const metadata = new Metadata()
  metadata.set('trapline-session', attached.session)
  const stream = rpc.client.transact(metadata)
  const waiting: { resolve(completion: Message): void; reject(error: Error): void }[] = []
  stream.on('data', (completion: Message) => waiting.shift()?.resolve(completion))
  stream.on('error', (error: Error) => waiting.splice(0).forEach(({ reject }) => reject(error)))
  const ended = new Promise<ServiceError>((resolve) => stream.on('error', resolve))
  let seq = 0
  return {
    attached,
    /** Sends an access; the completion comes in its turn. */
    access: (access: object): Promise<Message> =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        stream.write({ seq: ++seq, device: 1, operation: 'OPERATION_READ', widthBytes: 4, ...access })
      }),
    /** Resolves with the status that the bridge ends the stream with. */
    untilEnd: (): Promise<ServiceError> => ended,
    close: () => {
      stream.cancel()
      rpc.close()
    },
  }
}
