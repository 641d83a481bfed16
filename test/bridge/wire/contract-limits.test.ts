/**
 * Every limit of `proto/trapline/v1/*.options`, found in the files: what fits passes, what is one too much is refused
 * or cut by whoever fills the field. A new limit without an entry here fails.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Metadata } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { expect, it } from 'vitest'
import { mapDevices } from '../../../bridge/map/address-map.js'
import { mapMemories } from '../../../bridge/map/memory-map.js'
import { parseConfig } from '../../../bridge/config/load-config.js'
import { createAgentService } from '../../../bridge/control/agent-service.js'
import { Gate } from '../../../bridge/control/gate.js'
import { createLog } from '../../../bridge/ground/log.js'
import { protocolVersion } from '../../../bridge/ground/version.js'
import { checkRoom } from '../../../bridge/rtl/check-room.js'
import { findInterrupts } from '../../../bridge/rtl/interrupts.js'
import { contractLimits, cutText } from '../../../bridge/wire/contract-limits.js'
import { messages } from '../../../bridge/wire/protobuf.js'
import { scanAccess, scanCompletion } from '../../../bridge/wire/scan.js'
import { encodeAccess, encodeCompletion, frameRequest } from '../../../bridge/wire/wire.js'
import { root as checkout } from '../../support/places.js'

/** Fills a field with so many bytes, or elements. Throws, or rejects, where they don't fit. */
type Fill = (amount: number) => unknown

const models = { m: { top: 'm', sources: ['m.sv'] } }
const register = { kind: 'mem', base: 0, size: 1, model: 'm' }
const buffer = { kind: 'u-dma-buf', size: 0x1000 }

function map(devices: object): unknown {
  const config = parseConfig('f.json', { models, devices })
  return mapMemories(config, mapDevices(config))
}

const text = (bytes: number) => 'x'.repeat(bytes)
/** Registers side by side, but for one buffer. */
const devicesAndBuffer = (count: number) =>
  map({
    ...Object.fromEntries(Array.from({ length: count - 1 }, (_, i) => [`d${i}`, { ...register, base: i }])),
    buffer,
  })
const names = (count: number, bytes = 1) =>
  Array.from({ length: count }, (_, i) => ({ name: String(i).padStart(bytes, 'n') }))
const ports = { ports: [], managers: [], streams: [] }
const access = { seq: 1n, device: 1, operation: 'write' as const, widthBytes: 1, data: Buffer.alloc(1) }
const frame = { pc: 0n, isReturn: true, module: '', moduleOffset: 0n, function: '', line: 0 }
const site = { module: '', moduleOffset: 0n, instruction: '' }

/** Throws what is wrong with an access. */
function scan(more: object): void {
  const { fault } = scanAccess(encodeAccess({ ...access, ...more }))
  if (fault !== undefined) throw new Error(fault)
}

const completion = (more: object) =>
  messages
    .lookupType('trapline.v1.Completion')
    .encode({ seq: 1, status: 1, ...more } as object)
    .finish()

/** Resolves as Attach is answered; throws the sentence of a refusal. */
function attach(told: {
  device?: object
  clockSocket?: string
  count?: number
  lane?: string
  ring?: string
}): unknown {
  const device = { handle: 1, name: 'd', kind: 'DEVICE_KIND_MEM', path: '/d', base: '0', size: '1', ...told.device }
  const answers: unknown[] = []
  const service = createAgentService({
    sessions: {
      attach: () => ({ key: 7n, id: 1, lane: undefined, laneFileOf: () => told.lane }),
      end: () => undefined,
    } as never,
    callStacks: undefined,
    hardwareRing: () => told.ring,
    devices: () => Array.from({ length: told.count ?? 1 }, () => device) as never,
    time: { clockSocket: told.clockSocket ?? '', virtualTime: false, epochNs: '0' },
    gate: new Gate(
      '',
      createLog(() => undefined),
    ),
    describeModels: () => Promise.resolve(new Map()),
    publish: () => undefined,
  })
  const request = { protocolVersion, token: '', pid: 1, exe: '', pidNamespace: '' }
  return new Promise((resolve, reject) => {
    const reply = (error: { details: string } | null, value?: unknown) =>
      error ? reject(new Error(error.details)) : resolve(answers.push(value))
    service.attach({ request, getPeer: () => '', metadata: new Metadata() } as never, reply as never)
  })
}

const interrupt = (name: string) => ({ name, direction: 'output', width: 1, shape: 'vector' }) as never
const interrupts = (found: { name: string }[]) =>
  findInterrupts(
    { top: 'm', interrupts: found.map(({ name }) => name) },
    found.map(({ name }) => interrupt(name)),
    [],
  )

const request = (body: string, fields: object) => frameRequest({ id: 1, [body]: fields })
const session = (devices: object[]) => request('openSession', { session: 1, pid: 1, devices })
/** What the bridge only reads: the program that fills it has a C structure of that size. */
const filledElsewhere = Symbol('filled elsewhere')

type Guard = Fill | typeof filledElsewhere

interface Guards {
  size?: Guard
  count?: Guard
}

const guards: Record<string, Guards> = {
  'AttachRequest.agent_version': { size: filledElsewhere },
  'AttachRequest.exe': { size: filledElsewhere },
  'AttachRequest.pid_namespace': { size: filledElsewhere },
  'AttachRequest.token': {
    size: (bytes) =>
      new Gate(
        text(bytes),
        createLog(() => undefined),
      ),
  },
  'AttachReply.devices': { count: (count) => [devicesAndBuffer(count), attach({ count })].at(-1) },
  'AttachReply.hardware_ring': { size: (bytes) => attach({ ring: text(bytes) }) },
  'AttachReply.clock_socket': { size: (bytes) => attach({ clockSocket: text(bytes) }) },
  'Device.name': {
    size: (bytes) =>
      [map({ [text(bytes)]: register }), map({ [text(bytes)]: buffer }), attach({ device: { name: text(bytes) } })].at(
        -1,
      ),
  },
  'Device.path': {
    size: (bytes) => {
      const path = `/${text(bytes - 1)}`
      map({ d: { ...register, path } })
      map({ d: { kind: 'reserved', path, base: 0, size: 0x1000 } })
      map({ d: { ...buffer, name: text(bytes - '/dev/'.length) } })
      return attach({ device: { path } })
    },
  },
  'Device.socket': { size: (bytes) => attach({ device: { socket: text(bytes) } }) },
  'Device.backing': { size: (bytes) => attach({ device: { backing: text(bytes) } }) },
  'Device.lane': { size: (bytes) => attach({ lane: text(bytes) }) },
  'Access.data': { size: (bytes) => scan({ widthBytes: bytes, data: Buffer.alloc(bytes) }) },
  'Access.frames': { count: (count) => scan({ frames: Array.from({ length: count }, () => frame) }) },
  'CallFrame.module': { size: (bytes) => scan({ frames: [{ ...frame, module: text(bytes) }] }) },
  'CallFrame.build_id': { size: (bytes) => scan({ frames: [{ ...frame, buildId: Buffer.alloc(bytes) }] }) },
  'CallFrame.function': { size: (bytes) => scan({ frames: [{ ...frame, function: text(bytes) }] }) },
  'Site.module': { size: (bytes) => scan({ site: { ...site, module: text(bytes) } }) },
  'Site.instruction': { size: (bytes) => scan({ site: { ...site, instruction: text(bytes) } }) },
  'Site.build_id': { size: (bytes) => scan({ site: { ...site, buildId: Buffer.alloc(bytes) } }) },
  'Completion.data': { size: (bytes) => scanCompletion(completion({ data: Buffer.alloc(bytes) })) },
  'Completion.detail': { size: (bytes) => scanCompletion(completion({ detail: text(bytes) })) },
  'Hello.verilator_version': { size: filledElsewhere },
  'Hello.ports': {
    size: (bytes) => [
      checkRoom('m', { ...ports, ports: names(1, bytes) }),
      checkRoom('m', { ...ports, managers: names(1, bytes) }),
    ],
    count: (count) => [
      checkRoom('m', { ...ports, ports: names(count) }),
      checkRoom('m', { ...ports, managers: names(count) }),
    ],
  },
  'Hello.streams': {
    size: (bytes) => checkRoom('m', { ...ports, streams: names(1, bytes) }),
    count: (count) => checkRoom('m', { ...ports, streams: names(count) }),
  },
  'Hello.interrupts': { size: (bytes) => interrupts(names(1, bytes)), count: (count) => interrupts(names(count)) },
  'Hello.memories': {
    size: (bytes) => map({ d: { ...register, backdoor: text(bytes) } }),
    count: (count) =>
      map(Object.fromEntries(names(count).map(({ name }, i) => [name, { ...register, base: i, backdoor: `m${i}` }]))),
  },
  'OpenSession.devices': { count: (count) => session(names(count)) },
  'SessionDevice.name': { size: (bytes) => session(names(1, bytes)) },
  'SessionDevice.backdoor': { size: (bytes) => session([{ backdoor: text(bytes) }]) },
  'SessionLane.path': { size: (bytes) => request('openSession', { session: 1, lane: { path: text(bytes) } }) },
  'NameCode.program': { size: (bytes) => request('nameCode', { session: 1, program: text(bytes) }) },
  'NameCode.function': { size: (bytes) => request('nameCode', { session: 1, function: text(bytes) }) },
  'NamePlace.name': { size: (bytes) => request('namePlace', { session: 1, name: text(bytes) }) },
  'ServeForks.path': { size: (bytes) => request('serveForks', { path: text(bytes) }) },
  'BecomeFork.log': { size: (bytes) => request('becomeFork', { log: text(bytes) }) },
  'BecomeFork.trace': { size: (bytes) => request('becomeFork', { trace: text(bytes) }) },
  'BecomeFork.output': { size: (bytes) => request('becomeFork', { output: text(bytes) }) },
  'BecomeFork.coverage': { size: (bytes) => request('becomeFork', { coverage: text(bytes) }) },
  'MapMemory.path': { size: (bytes) => request('mapMemory', { path: text(bytes) }) },
  'DmaAnswer.data': { size: (bytes) => request('dmaAnswer', { data: Buffer.alloc(bytes) }) },
  'DmaFault.port': { size: (bytes) => checkRoom('m', { ...ports, managers: names(1, bytes) }) },
  'DmaRequest.data': { size: filledElsewhere },
  'Progress.pending': { size: filledElsewhere },
  'Progress.dma_waits': { size: filledElsewhere, count: filledElsewhere },
  'ModelStatistics.dma_waits': { size: filledElsewhere, count: filledElsewhere },
  'Fault.kind': { size: filledElsewhere },
  'Fault.message': { size: filledElsewhere },
  'Fault.file': { size: filledElsewhere },
  'Refusal.message': { size: filledElsewhere },
}

const isText = (field: string) => {
  const [message = '', name = ''] = field.split('.')
  const camel = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return (messages.lookupType(`trapline.v1.${message}`).fields[camel] as protobuf.Field).type === 'string'
}

it('knows every limit in the files, and no other', () => {
  expect(Object.keys(guards).sort()).toEqual([...contractLimits.keys()].sort())
})

const rows = [...contractLimits].flatMap(([field, { maxSize, maxCount }]) => {
  const { size, count } = guards[field] ?? {}
  const most = maxSize === undefined || !isText(field) ? maxSize : maxSize - 1
  return [
    { field, kind: 'bytes', most, fill: size },
    { field, kind: 'elements', most: maxCount, fill: count },
  ].filter((row): row is typeof row & { most: number; fill: Guard } => row.most !== undefined)
})

it('every limit has who fills the field', () => {
  expect(rows.filter(({ fill }) => !fill)).toEqual([])
})

const ours = rows.flatMap(({ fill, ...row }) => (typeof fill === 'function' ? [{ ...row, fill }] : []))

it.each(ours)('$most $kind of $field fit, one more is refused with both numbers', async ({ fill, most }) => {
  await expect((async () => fill(most))()).resolves.not.toThrow()
  await expect((async () => fill(most + 1))()).rejects.toThrow(new RegExp(`\\b${most + 1}\\b.*\\b${most}\\b`))
})

it('a detail that arises at run time is cut where its agent has no more room, between two characters', () => {
  const detail = cutText('ä'.repeat(400), 'Completion.detail')
  expect(Buffer.byteLength(detail)).toBeLessThanOrEqual((contractLimits.get('Completion.detail')?.maxSize ?? 0) - 1)
  expect(detail).toMatch(/^ä+…$/)
  expect(() =>
    scanCompletion(encodeCompletion({ seq: 1n, status: 'DISCONNECTED', detail: 'ä'.repeat(400) })),
  ).not.toThrow()
})

it('an agent posts as many writes in a row as the contract says', () => {
  const numberIn = (file: string, pattern: RegExp) => pattern.exec(readFileSync(join(checkout, file), 'utf8'))?.[1]
  const said = numberIn('proto/trapline/v1/bus.proto', /An agent posts at most (\d+)\s+\/\/ in a row/)
  expect(said).toBeDefined()
  expect(numberIn('trap/lane/channel.c', /^#define MOST_POSTED (\d+)$/m)).toBe(said)
})
