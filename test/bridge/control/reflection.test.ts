import { Client, credentials, loadPackageDefinition, type GrpcObject } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { protoPath } from 'grpc-health-check'
import { join } from 'node:path'
import { pino } from 'pino'
import protobuf from 'protobufjs'
import { FileDescriptorProto } from 'protobufjs/ext/descriptor.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBridge, type Bridge } from '../../../bridge/assembly/bridge.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { packageDirectory } from '../../../bridge/ground/paths.js'
import { fakeBuild } from '../../support/fake-build.js'
import { openScratch, removeScratch } from '../../support/scratch.js'
import type { Message } from '../../support/bridge-client.js'

const reflectionProto = join(
  packageDirectory,
  'node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
)
const config = parseConfig('f.json', {
  models: { gpio: { top: 'gpio', sources: ['gpio.sv'] } },
  devices: { gpio0: { kind: 'mem', base: 0, size: 64, model: 'gpio' } },
})

/** `grpc.health.v1.HealthCheckResponse.SERVING` */
const serving = 1

const scratch = openScratch()
let bridge: Bridge
const clients: Client[] = []

beforeAll(async () => {
  bridge = await startBridge({
    config,
    configDirectory: '/',
    log: pino({ level: 'silent' }),
    build: fakeBuild(scratch),
  })
})

afterAll(async () => {
  clients.forEach((client) => client.close())
  await bridge[Symbol.asyncDispose]()
  removeScratch(scratch)
})

function dial(path: string, service: (loaded: GrpcObject) => Message): Message {
  const Service = service(loadPackageDefinition(loadSync(path)))
  const client = new Service(bridge.address, credentials.createInsecure())
  clients.push(client)
  return client
}

function ask(request: object): Promise<Message> {
  const stream = dial(
    reflectionProto,
    (loaded: Message) => loaded.grpc.reflection.v1.ServerReflection,
  ).ServerReflectionInfo()
  stream.end(request)
  return new Promise((resolve, reject) => stream.on('data', resolve).on('error', reject))
}

it('tells a stranger every service', async () => {
  const { listServicesResponse } = await ask({ listServices: '' })
  const names = listServicesResponse.service.map((service: Message) => service.name)
  expect(names).toEqual(expect.arrayContaining(['trapline.v1.AgentService', 'trapline.v1.ControlService']))
})

it('lets a client that knows nothing else write and read a register', async () => {
  const { fileDescriptorResponse } = await ask({ fileContainingSymbol: 'trapline.v1.ControlService' })
  const root = protobuf.Root.fromDescriptor({
    file: fileDescriptorResponse.fileDescriptorProto.map((bytes: Buffer) => FileDescriptorProto.decode(bytes)),
  })
  const service = root.lookupService('trapline.v1.ControlService')
  const client = new Client(bridge.address, credentials.createInsecure())
  clients.push(client)
  const call = (method: string, fields: object): Promise<Message> => {
    const { requestType, responseType } = service.methods[method] as protobuf.Method
    const request = root.lookupType(requestType)
    const reply = root.lookupType(responseType)
    return new Promise((resolve, reject) =>
      client.makeUnaryRequest(
        `/trapline.v1.ControlService/${method}`,
        (value: object) => Buffer.from(request.encode(request.fromObject(value)).finish()),
        (bytes: Buffer) => reply.toObject(reply.decode(bytes), { longs: String }),
        fields,
        (error, value) => (error ? reject(error) : resolve(value)),
      ),
    )
  }
  await call('Write', { offset: 8, value: '4294967295' })
  expect(await call('Read', { offset: 8 })).toMatchObject({ value: '4294967295' })
})

it('is healthy', async () => {
  const health = dial(protoPath, (loaded: Message) => loaded.grpc.health.v1.Health)
  const reply = await new Promise<Message>((resolve, reject) =>
    health.check({ service: 'trapline.v1.ControlService' }, (error: Error | null, value: Message) =>
      error ? reject(error) : resolve(value),
    ),
  )
  expect(reply.status).toBe(serving)
})
