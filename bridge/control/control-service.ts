/**
 * `ControlService`: the bridge as tests and tools see it. Works while no host runs; each device access goes through a
 * session of its own, so the model and its log treat it like any other.
 */
import { basename } from 'node:path'
import { status, type handleUnaryCall } from '@grpc/grpc-js'
import { fromValue, toValue, type Access, type Completion } from '../wire/access.js'
import type { MappedDevice } from '../map/address-map.js'
import type { Lockstep } from '../access/lockstep.js'
import { OwnManager } from '../access/own-manager.js'
import type { Sessions } from '../access/sessions.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { toDeviceMessage } from './agent-service.js'
import type { InterruptLines } from '../model/interrupt-lines.js'
import type { RunningModel } from '../model/running-model.js'
import type { ModelPool } from '../model/model-pool.js'
import { CallRefusal, toServiceError } from './refusal.js'

export interface ControlSettings {
  sessions: Sessions
  models: ModelPool
  lines: InterruptLines
  lockstep: Lockstep
  hardware: RangeKeeper
  /** Its processes have been told of the devices as it began. */
  isOfOneRun: boolean
  /** Ends the bridge; called after Stop has been answered. */
  onStop(): void
}

/** Whoever has the devices of the bridge. */
export interface RangeKeeper {
  /** All of which a process is told that attaches now. */
  readonly told: MappedDevice[]
  watch(range: string): MappedDevice
  unwatch(name: string): MappedDevice
}

/** The fields of all requests as the loader gives them; each handler takes those of its own request. */
interface Fields {
  model: string
  device: string
  cycles: number | string
  untilInterrupt: string
  on: boolean
  offset: string
  widthBytes: number
  value: string
  range: string
}
type Handler = (request: Fields) => unknown

const widths = [1, 2, 4, 8]
/** Of one wait. */
const mostCycles = 0xffff_ffffn

export function createControlService(settings: ControlSettings) {
  const own = new OwnCalls(settings)
  const handlers: Record<string, Handler> = {
    ...{ ...modelHandlers(own, settings), ...registerHandlers(own) },
    ...rangeHandlers(settings),
  }
  return Object.fromEntries(Object.entries(handlers).map(([name, handler]) => [name, toUnary(handler)]))
}

function modelHandlers(
  own: OwnCalls,
  { sessions, models, lockstep, hardware, onStop }: ControlSettings,
): Record<string, Handler> {
  return {
    list: async () => ({
      devices: hardware.told.map((device) => toDeviceMessage(device, models.shapeOf(device))),
      models: await Promise.all(models.names.map((name) => own.stateOf(name))),
    }),
    start: async ({ model }) => own.stateOf((await own.startModel(model)).name),
    reset: async ({ model, cycles }) => {
      const state = await own.pass(model, { reset: { cycles } })
      lockstep.reset(state.name)
      return state
    },
    advance: ({ model, cycles, untilInterrupt }) => {
      if (BigInt(cycles) < 1n) throw new CallRefusal(status.INVALID_ARGUMENT, 'cycles is 0; advance by 1 at least')
      if (untilInterrupt) return own.waitFor(model, untilInterrupt, BigInt(cycles))
      return own.pass(model, { advance: { cycles } })
    },
    trace: ({ model, on }) => own.steer(model, { trace: { on } }),
    getStatistics: async () => ({
      models: await Promise.all(models.running.map(statisticsOf)),
      sessions: sessions.open,
    }),
    stop: () => {
      setImmediate(onStop)
      return {}
    },
  }
}

/** Real devices that come and go while it runs. */
function rangeHandlers({ sessions, models, hardware, isOfOneRun }: ControlSettings): Record<string, Handler> {
  const answer = (change: () => MappedDevice) => {
    if (isOfOneRun)
      throw new CallRefusal(
        status.FAILED_PRECONDITION,
        'this bridge is of one run, whose devices are those that it began with; `trapline serve` has one that changes',
      )
    const device = change()
    const attached = sessions.processes.map(({ pid, exe }) => ({ pid, program: basename(exe) }))
    return { device: { ...toDeviceMessage(device, models.shapeOf(device)), hardware: true }, attached }
  }
  return {
    watchDevice: ({ range }) => answer(() => hardware.watch(range)),
    unwatchDevice: ({ device }) => answer(() => hardware.unwatch(device)),
  }
}

function registerHandlers(own: OwnCalls): Record<string, Handler> {
  return {
    read: async ({ device, offset, widthBytes }) => {
      const width = toWidth(widthBytes)
      const access = { operation: 'read', offset: BigInt(offset), widthBytes: width, data: Buffer.alloc(0) } as const
      const completion = await own.transfer(device, access)
      const value = completion.status === 'OKAY' ? toValue(completion.data) : 0n
      return { value: String(value), completion: toCompletionMessage(completion) }
    },
    write: async ({ device, offset, widthBytes, value }) => {
      const width = toWidth(widthBytes)
      if (BigInt(value) >> BigInt(8 * width))
        throw new CallRefusal(status.INVALID_ARGUMENT, `value ${value} does not fit in ${width} bytes`)
      const data = fromValue(BigInt(value), width)
      const access = { operation: 'write', offset: BigInt(offset), widthBytes: width, data } as const
      return { completion: toCompletionMessage(await own.transfer(device, access)) }
    },
  }
}

/** What tools ask of devices and models by name. */
class OwnCalls {
  readonly #manager: OwnManager

  constructor(private readonly settings: ControlSettings) {
    this.#manager = new OwnManager(settings.sessions)
  }

  async transfer(name: string, access: Pick<Access, 'operation' | 'offset' | 'widthBytes' | 'data'>) {
    const device = this.#findDevice(name)
    const completion = await this.#manager.access({ device: device.handle, ...access }).catch((error: unknown) => {
      throw new CallRefusal(status.INVALID_ARGUMENT, toMessage(error))
    })
    if (completion.status !== 'DISCONNECTED') return completion
    const end = await this.settings.models.endOf(device.config.model)
    throw new CallRefusal(status.UNAVAILABLE, end?.cause ?? completion.detail)
  }

  startModel(name: string): Promise<RunningModel> {
    const { models } = this.settings
    const isPlain = name === '' && models.used.length === 1
    return models.start(pick('model', name, isPlain ? models.used : models.names, (known) => known))
  }

  async stateOf(name: string) {
    const { models, lines } = this.settings
    const seed = String(models.seed)
    const model = models.find(name)
    if (!model) return { name, running: false, cycle: '0', timePs: '0', seed, interrupts: [] }
    const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
    const [cycle, timePs] = [String(statistics.cycle), String(statistics.timePs)]
    return { name, running: true, cycle, timePs, seed, interrupts: lines.highOf(name) }
  }

  async steer(name: string, request: Record<string, object>) {
    const model = await this.startModel(name)
    await model.link.call(request, 'done')
    return this.stateOf(model.name)
  }

  /** Steers through time; which numbers it takes is the model's to say. */
  async pass(name: string, request: Record<string, object>) {
    return this.steer(name, request).catch((error: unknown) => {
      const isRefused = error instanceof TraplineError && error.code === 'refused'
      throw isRefused ? new CallRefusal(status.INVALID_ARGUMENT, error.message) : error
    })
  }

  /** Lets time pass until the line is high, or the cycles are over. */
  async waitFor(name: string, line: string, cycles: bigint) {
    const { link, hello, name: model } = await this.startModel(name)
    pick('interrupt', line, hello.interrupts, (known) => known)
    if (cycles > mostCycles)
      throw new CallRefusal(
        status.INVALID_ARGUMENT,
        `model ${model}: cycles is ${cycles}, more than the ${mostCycles} of one wait`,
      )
    const state = await this.stateOf(model)
    const end = BigInt(state.cycle) + cycles
    while (!this.settings.lines.isHigh(model, line)) {
      const left = end - BigInt((await this.stateOf(model)).cycle)
      if (left <= 0n) break
      // Somebody else's wait may end this run early.
      await link.call({ run: { cycles: String(left), untilInterrupt: true } }, 'done')
    }
    return this.stateOf(model)
  }

  #findDevice(name: string): MappedDevice {
    return pick('device', name, this.settings.sessions.devices, (device) => device.name)
  }
}

async function statisticsOf(model: RunningModel) {
  const { statistics } = await model.link.call({ statistics: {} }, 'statistics')
  const counters = Object.entries(statistics).map(([key, value]) => [key, String(value)])
  return { model: model.name, ...Object.fromEntries(counters) }
}

function toCompletionMessage(completion: Completion) {
  const { seq, cycleStart, cycleEnd, timePs } = completion
  const longs = Object.entries({ seq, cycleStart, cycleEnd, timePs }).map(([key, value]) => [key, String(value)])
  return { ...completion, ...Object.fromEntries(longs), status: `STATUS_${completion.status}` }
}

function toWidth(widthBytes: number): number {
  const width = widthBytes === 0 ? 4 : widthBytes
  if (widths.includes(width)) return width
  throw new CallRefusal(status.INVALID_ARGUMENT, `width_bytes is ${width}; it must be 1, 2, 4 or 8`)
}

function pick<T>(what: string, name: string, all: T[], nameOf: (item: T) => string): T {
  const names = all.map(nameOf).join(', ') || 'none'
  if (name === '' && all.length === 1) return all[0] as T
  if (name === '') throw new CallRefusal(status.NOT_FOUND, `name the ${what}: there are ${names}`)
  const found = all.find((item) => nameOf(item) === name)
  if (!found) throw new CallRefusal(status.NOT_FOUND, `there is no ${what} ${name}; there are ${names}`)
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
