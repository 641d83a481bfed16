/**
 * A gRPC client that knows only the server's reflection lists devices, writes and reads a register of a bridge while no
 * host runs; the standard health check says SERVING. Nothing of `proto/` is used here.
 */
import { Client, credentials, loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { FileDescriptorProto } from 'protobufjs/ext/descriptor.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configOf, sampleModel } from '../support/configs.js'
import { root } from '../support/places.js'
import { openScratch, removeScratch } from '../support/scratch.js'
import { startTrapline, type Running } from '../support/trapline.js'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- messages of services that are met at run time
type Message = any

const scratch = openScratch()
let bridge: Running
let address = ''
const clients: Client[] = []

beforeAll(async () => {
  const config = scratch.write('c.json', configOf(sampleModel('axil_regs', { Id: "32'hcafe0001" })))
  bridge = startTrapline(scratch, ['serve', '--config', config, '--listen', '127.0.0.1:0'])
  address = (await bridge.untilStdout(/^127\.0\.0\.1:\d+$/m))[0]
})

afterAll(async () => {
  clients.forEach((client) => client.close())
  bridge.kill('SIGTERM')
  expect((await bridge.ended).status).toBe(0)
  removeScratch(scratch)
})

function open<T extends Client>(client: T): T {
  clients.push(client)
  return client
}

/** A client of one of the standard services, whose protos come with the packages that serve them. */
function dialStandard(proto: string, name: string): Message {
  const loaded = loadPackageDefinition(loadSync(join(root, 'node_modules', proto), { enums: String }))
  const Service: Message = name.split('.').reduce((scope: Message, part) => scope[part], loaded)
  return open(new Service(address, credentials.createInsecure()))
}

function ask(request: object): Promise<Message> {
  const proto = '@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto'
  const stream = dialStandard(proto, 'grpc.reflection.v1.ServerReflection').serverReflectionInfo()
  stream.end(request)
  return new Promise((resolve, reject) => stream.on('data', resolve).on('error', reject))
}

/** Calls any method of any service, from what reflection tells of it. */
async function call(service: string, method: string, fields: object): Promise<Message> {
  const { fileDescriptorResponse } = await ask({ fileContainingSymbol: service })
  const files = fileDescriptorResponse.fileDescriptorProto.map((bytes: Buffer) => FileDescriptorProto.decode(bytes))
  const types = protobuf.Root.fromDescriptor({ file: files })
  const { requestType, responseType } = types.lookupService(service).methods[method] as protobuf.Method
  const [request, reply] = [types.lookupType(requestType), types.lookupType(responseType)]
  const client = open(new Client(address, credentials.createInsecure()))
  return await new Promise((resolve, reject) =>
    client.makeUnaryRequest(
      `/${service}/${method}`,
      (message: object) => Buffer.from(request.encode(request.fromObject(message)).finish()),
      (bytes) => reply.toObject(reply.decode(bytes), { longs: String, enums: String, defaults: true }),
      fields,
      (error, answer) => (error ? reject(error) : resolve(answer)),
    ),
  )
}

const control = 'trapline.v1.ControlService'

it('lists the services', async () => {
  const { listServicesResponse } = await ask({ listServices: '' })
  const names = listServicesResponse.service.map((service: Message) => service.name)
  expect(names).toEqual(expect.arrayContaining(['trapline.v1.AgentService', control, 'grpc.health.v1.Health']))
})

it('lists devices and models', async () => {
  const { devices, models } = await call(control, 'List', {})
  expect(devices).toMatchObject([
    { name: 'dut', kind: 'DEVICE_KIND_MEM', path: '/dev/mem', base: String(0x43c0_0000), size: String(0x1000) },
  ])
  expect(models).toMatchObject([{ name: 'dut' }])
})

it('writes and reads registers of the RTL', async () => {
  const read = async (offset: number, widthBytes = 4) => {
    const { value, completion } = await call(control, 'Read', { device: 'dut', offset, widthBytes })
    expect(completion.status).toBe('STATUS_OKAY')
    return BigInt(value)
  }
  expect(await read(0x04)).toBe(0xcafe_0001n)
  const all = 0xffff_ffff_ffff_fffen
  const { completion } = await call(control, 'Write', {
    device: 'dut',
    offset: 0x10,
    widthBytes: 8,
    value: String(all),
  })
  expect(completion).toMatchObject({ status: 'STATUS_OKAY', beats: 2 })
  expect(await read(0x10, 8)).toBe(all)
  expect(await read(0x14)).toBe(0xffff_ffffn)
})

it('an error of the bus is an answer, not a failed call', async () => {
  const { value, completion } = await call(control, 'Read', { device: 'dut', offset: 0x40 })
  expect({ value, status: completion.status }).toEqual({ value: '0', status: 'STATUS_SLVERR' })
})

it('health says SERVING', async () => {
  const health = dialStandard('grpc-health-check/proto/health/v1/health.proto', 'grpc.health.v1.Health')
  for (const service of ['', control]) {
    const answer = await new Promise<Message>((resolve, reject) =>
      health.check({ service }, (error: Error | null, reply: Message) => (error ? reject(error) : resolve(reply))),
    )
    expect(answer.status).toBe('SERVING')
  }
})
