/**
 * `ControlService`: the bridge as tests and tools see it. Works while no host runs; each device access goes through a
 * session of its own, so the model and its log treat it like any other.
 */
import { status, type handleUnaryCall, type ServiceError } from '@grpc/grpc-js'
import { fromValue, toValue, type Completion, type Operation } from '../wire/access.js'
import type { MappedDevice } from '../map/address-map.js'
import type { Lockstep } from '../access/lockstep.js'
import { OwnManager } from '../access/own-manager.js'
import type { Sessions } from '../access/sessions.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toDeviceMessage } from './agent-service.js'
import type { RunningModel } from '../model/running-model.js'
import type { ModelPool } from '../model/model-pool.js'

export interface ControlSettings {
  sessions: Sessions
  models: ModelPool
  lockstep: Lockstep
  /** Ends the bridge; called after Stop has been answered. */
  onStop(): void
}

/** A refusal with the gRPC status that fits. */
class Refusal extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message)
  }
}

/** The fields of all requests as the loader gives them; each handler takes those of its own request. */
interface Fields {
  model: string
  device: string
  cycles: number | string
  on: boolean
  offset: string
  widthBytes: number
  value: string
}
type Handler = (request: Fields) => unknown

const widths = [1, 2, 4, 8]

export function createControlService({ sessions, models, lockstep, onStop }: ControlSettings) {
  const manager = new OwnManager(sessions)

  async function transfer(
    device: MappedDevice,
    operation: Operation,
    offset: bigint,
    widthBytes: number,
    data: Buffer,
  ) {
    const access = { device: device.handle, operation, offset, widthBytes, data }
    const completion = await manager.access(access).catch((error: unknown) => {
      throw new Refusal(status.INVALID_ARGUMENT, toMessage(error))
    })
    if (completion.status !== 'DISCONNECTED') return completion
    throw new Refusal(status.UNAVAILABLE, (await models.endOf(device.config.model))?.cause ?? completion.detail)
  }

  function findDevice(name: string): MappedDevice {
    return pick('device', name, sessions.devices, (device) => device.name)
  }

  function startModel(name: string): Promise<RunningModel> {
    return models.start(pick('model', name, models.names, (known) => known))
  }

  async function stateOf(name: string) {
    const model = models.find(name)
    if (!model) return { name, running: false, cycle: '0', timePs: '0', seed: String(models.seed) }
    const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
    const { cycle, timePs } = statistics
    return { name, running: true, cycle: String(cycle), timePs: String(timePs), seed: String(models.seed) }
  }

  async function steer(name: string, request: Record<string, object>) {
    const model = await startModel(name)
    await model.link.call(request, 'done')
    return stateOf(model.name)
  }

  /** Which numbers it takes is the model's to say. */
  async function pass(name: string, request: Record<string, object>) {
    return steer(name, request).catch((error: unknown) => {
      const isRefused = error instanceof TraplineError && error.code === 'refused'
      throw isRefused ? new Refusal(status.INVALID_ARGUMENT, error.message) : error
    })
  }

  const handlers: Record<string, Handler> = {
    list: async () => ({
      devices: sessions.devices.map((device) => toDeviceMessage(device, models.shapeOf(device))),
      models: await Promise.all(models.names.map(stateOf)),
    }),
    start: async ({ model }) => stateOf((await startModel(model)).name),
    reset: async ({ model, cycles }) => {
      const state = await pass(model, { reset: { cycles } })
      lockstep.reset(state.name)
      return state
    },
    advance: ({ model, cycles }) => {
      if (BigInt(cycles) < 1n) throw new Refusal(status.INVALID_ARGUMENT, 'cycles is 0; advance by 1 at least')
      return pass(model, { advance: { cycles } })
    },
    trace: ({ model, on }) => steer(model, { trace: { on } }),
    read: async ({ device, offset, widthBytes }) => {
      const width = toWidth(widthBytes)
      const completion = await transfer(findDevice(device), 'read', BigInt(offset), width, Buffer.alloc(0))
      const value = completion.status === 'OKAY' ? toValue(completion.data) : 0n
      return { value: String(value), completion: toMessageOf(completion) }
    },
    write: async ({ device, offset, widthBytes, value }) => {
      const width = toWidth(widthBytes)
      if (BigInt(value) >> BigInt(8 * width))
        throw new Refusal(status.INVALID_ARGUMENT, `value ${value} does not fit in ${width} bytes`)
      const data = fromValue(BigInt(value), width)
      const completion = await transfer(findDevice(device), 'write', BigInt(offset), width, data)
      return { completion: toMessageOf(completion) }
    },
    getStatistics: async () => ({
      models: await Promise.all(models.running.map(statisticsOf)),
      sessions: sessions.open,
    }),
    stop: () => {
      setImmediate(onStop)
      return {}
    },
  }
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, toUnary(handler)]))
}

async function statisticsOf(model: RunningModel) {
  const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
  const counters = Object.entries(statistics).map(([key, value]) => [key, String(value)])
  return { model: model.name, ...Object.fromEntries(counters) }
}

function toMessageOf(completion: Completion) {
  const { seq, cycleStart, cycleEnd, timePs } = completion
  const longs = Object.entries({ seq, cycleStart, cycleEnd, timePs }).map(([key, value]) => [key, String(value)])
  return { ...completion, ...Object.fromEntries(longs), status: `STATUS_${completion.status}` }
}

function toWidth(widthBytes: number): number {
  const width = widthBytes === 0 ? 4 : widthBytes
  if (widths.includes(width)) return width
  throw new Refusal(status.INVALID_ARGUMENT, `width_bytes is ${width}; it must be 1, 2, 4 or 8`)
}

function pick<T>(what: string, name: string, all: T[], nameOf: (item: T) => string): T {
  const names = all.map(nameOf).join(', ') || 'none'
  if (name === '' && all.length === 1) return all[0] as T
  if (name === '') throw new Refusal(status.NOT_FOUND, `name the ${what}: there are ${names}`)
  const found = all.find((item) => nameOf(item) === name)
  if (!found) throw new Refusal(status.NOT_FOUND, `there is no ${what} ${name}; there are ${names}`)
  return found
}

function toUnary(handler: Handler): handleUnaryCall<Fields, unknown> {
  return (call, reply) => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (answer) => reply(null, answer),
        (error: unknown) => reply(toServiceError(error)),
      )
  }
}

function toServiceError(error: unknown): Partial<ServiceError> {
  const details = toMessage(error)
  if (error instanceof Refusal) return { code: error.code, details }
  if (!(error instanceof TraplineError)) return { code: status.INTERNAL, details }
  return { code: error.code === 'model' ? status.UNAVAILABLE : status.FAILED_PRECONDITION, details }
}
