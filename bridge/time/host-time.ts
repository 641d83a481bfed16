/** What hosts have of time and interrupts, put together: their UIO devices, the clock, and the watch over deadlocks. */
import type { MappedDevice } from '../map/address-map.js'
import type { MappedMemory } from '../map/memory-map.js'
import type { Monitor } from '../access/monitor.js'
import type { Sessions } from '../access/sessions.js'
import type { Config } from '../config/schema.js'
import type { TimeMessage } from '../wire/attach-messages.js'
import type { DeviceTree } from '../map/device-tree.js'
import { clockSocket, socketIn } from '../run/layout.js'
import type { Residents } from '../run/residents.js'
import type { RunDirectory } from '../run/run-directory.js'
import { StreamDevices } from './stream-devices.js'
import { UioDevices } from './uio-devices.js'
import type { Log } from '../ground/log.js'
import type { ModelPool } from '../model/model-pool.js'
import { serveClock } from './clock-socket.js'
import type { ClockReply, Look } from '../wire/notices.js'
import { DeadlockWatch } from './deadlock.js'
import { SimulationClock } from './simulation-clock.js'
import type { Process, Waiter } from './waiting.js'
import { ThreadsAtWork } from './threads-at-work.js'

export interface HostTimeSettings {
  config: Config
  devices: MappedDevice[]
  memories: MappedMemory[]
  directory: RunDirectory
  tree: DeviceTree
  models: ModelPool
  sessions: Sessions
  /** Processes that do without a session so far. */
  residents: Residents | undefined
  monitor: Monitor
  log: Log
  onDeadlock(sentence: string): void
}

/** Enough for a register behind a few stages of flip-flops to reach the interrupt line. */
const settleCycles = 8
const nsPerMs = 1_000_000n

export class HostTime {
  readonly clock: SimulationClock
  readonly uio: UioDevices
  readonly streams: StreamDevices
  /** Models that somebody has accessed, or opened a UIO device or stream of. Nobody sees the time of others. */
  readonly #used = new Set<string>()
  /** For the reply to Attach. */
  readonly message: TimeMessage
  readonly #deadlock: DeadlockWatch
  #close: () => void = () => undefined

  constructor(private readonly settings: HostTimeSettings) {
    const { config, devices, directory, tree, models, sessions, residents, monitor, log, onDeadlock } = settings
    this.message = this.#toTimeMessage()
    const deadlock = (this.#deadlock = new DeadlockWatch({
      maxIdleCycles: config.maxIdleCycles,
      processes: () => this.processes,
      accesses: () => monitor.answers,
      streamModelOf: (device) => this.streams.modelOf(device),
      interruptOf: (device) => this.uio.interruptOf(device),
      isArmed: (pid) => this.clock.timers.isArmed(pid),
      ownThreads: () => this.clock.timers.tids,
      onDeadlock,
    }))
    this.clock = new SimulationClock({
      models: () => models.running.filter(({ name }) => this.#used.has(name)),
      work: new ThreadsAtWork(() => this.clock.addWaiting(this.processes)),
      accesses: () => monitor.answers + sessions.attached + (residents?.count ?? 0),
      processes: () => this.processes,
      isAccessing: () => sessions.isAccessing,
      periodPsOf: (model) => models.periodPsOf(model),
      maxSleepCycles: config.time === 'real' ? config.maxSleepCycles : undefined,
      mayWaitOn: (cycles, waiters) => deadlock.mayWaitOn(cycles, waiters),
      log,
    })
    const waiting = {
      ...{ devices, log, runDirectory: directory.path },
      onOpen: (model: string) => this.noteUse(model),
      beginWait: (waiter: Waiter) => this.clock.beginWait(waiter),
      endWait: (owner: object, tid: string) => this.clock.endWait(owner, tid),
      endAll: (owner: object) => this.clock.endAll(owner),
    }
    const noteEvent = (device: string) => {
      deadlock.noteEvent()
      this.clock.noteInterrupt(device)
    }
    this.streams = new StreamDevices({
      ...waiting,
      readStreamOf: (device) => models.readStreamOf(device),
      onReadable: noteEvent,
    })
    this.uio = new UioDevices({
      ...waiting,
      ...{ config, tree },
      settle: async (name) => {
        await models.find(name)?.link.call({ advance: { cycles: settleCycles } }, 'done')
      },
      onInterrupt: noteEvent,
    })
  }

  /** Those that have checked in, or have said in another way that they are there. */
  get processes(): Process[] {
    const { sessions, residents } = this.settings
    const known = sessions.processes
    const pids = new Set(known.map(({ pid }) => pid))
    return [...known, ...(residents?.processes.filter(({ pid }) => !pids.has(pid)) ?? [])]
  }

  /** Resolves when hosts can reach everything here. */
  async listen(): Promise<void> {
    const { clock, uio, settings } = this
    const controlInterrupt = (device: number, unmask: boolean) => uio.control(device, unmask)
    const path = socketIn(settings.directory.path, clockSocket)
    const lookOut = (look: Look, gone: AbortSignal) => this.#lookOut(look, gone)
    const server = await serveClock({ path, clock, controlInterrupt, lookOut, log: settings.log })
    this.#close = () => server.close()
    await Promise.all([uio.listen(), this.streams.listen()])
  }

  /** From now on its time passes when that of others does. */
  noteUse(model: string): void {
    this.#used.add(model)
  }

  /** Names in the run directory. */
  get sockets(): string[] {
    return [clockSocket, ...this.uio.sockets, ...this.streams.sockets]
  }

  close(): void {
    this.#close()
    this.uio.close()
    this.streams.close()
  }

  /** A host polls: time passes until what it polls may have changed. */
  async #lookOut({ device, offset, size, cycles, isEndless, pid, tid }: Look, gone: AbortSignal): Promise<ClockReply> {
    const memory = this.settings.memories.find(({ handle }) => handle === device)
    const name = memory?.name ?? 'shared memory'
    const watched = memory && { address: memory.address + offset, size }
    // Whoever may write there is used, be it that nobody has accessed it.
    for (const model of memory?.config.models ?? Object.keys(this.settings.config.models)) this.noteUse(model)
    const place = `${name}+0x${offset.toString(16)}`
    const reply = await this.clock.look({ watched, place, cycles: BigInt(cycles), tid, pid }, gone)
    const poller = { owner: this, device: name, tid, pid, timeoutNs: 0n, polls: offset }
    if (reply.interrupted) this.#deadlock.noteEvent()
    else if (isEndless) this.#deadlock.mayWaitOn(BigInt(cycles), [poller])
    return reply
  }

  #toTimeMessage(): TimeMessage {
    const { epoch, time } = this.settings.config
    const epochNs = BigInt(epoch ? Date.parse(epoch) : Date.now()) * nsPerMs
    return { clockSocket, virtualTime: time === 'virtual', epochNs: String(epochNs) }
  }
}
