/**
 * The models of one bridge: builds and starts each at its first need, at most once at a time, and stops them all.
 * Knows nothing of hosts and sessions.
 */
import { portsPath } from '../ground/ports-path.js'
import type { MappedDevice } from '../map/address-map.js'
import type { DmaFault, DmaRequest, Hello, InterruptChange, StreamReadable } from '../wire/wire.js'
import type { ObservedAccess } from '../wire/scan.js'
import type { AnyModelConfig, Config, GoldenConfig } from '../config/schema.js'
import { modelNames, usedModels } from '../config/used-models.js'
import { TraplineError } from '../ground/errors.js'
import type { DeviceMessage } from '../wire/attach-messages.js'
import { mostBytes } from '../wire/contract-limits.js'
import type { ModelRecording, Recording } from '../run/recording.js'
import { toBuffers, toDeviceStreams, toStreamShape, type StreamShape } from './stream-ports.js'
import { type BuiltCocotb, isCocotb } from '../cocotb/build-cocotb.js'
import type { BuiltModel } from '../verilate/build-model.js'
import type { ForkSettings } from './checkpoint.js'
import { namesOnBus } from '../registers/names-on-bus.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import { loadGolden } from './golden-device.js'
import { joinCocotb } from './join-cocotb.js'
import { launchCocotb } from './launch-cocotb.js'
import { launchGolden } from './launch-golden.js'
import { launchModel, type LaunchSettings } from './launch-model.js'
import { checkInterrupts, checkReach, checkTwin, namesOf, toPortIndex } from './model-ports.js'
import { Lanes } from './lanes.js'
import type { ModelEnd, RunningModel } from './running-model.js'

/** Where a model begins if not at its reset: a fork of a checkpoint, or undefined if there is none of that name. */
export type WarmStart = (name: string, settings: ForkSettings) => Promise<RunningModel> | undefined

export interface PoolSettings {
  config: Config
  devices: MappedDevice[]
  configDirectory: string
  runDirectory: string
  seed: number
  recording: Recording
  memory: PoolMemory
  build(name: string, model: AnyModelConfig): Promise<BuiltModel>
  warmStart: WarmStart | undefined
  /** Names for golden models. */
  registers: RegisterMaps
  /** Mailboxes of those that take accesses out of them. */
  lanes: Lanes | undefined
  /** Sockets of simulations that run already, by model. */
  joined: ReadonlyMap<string, string>
}

/** Memory that models with manager ports share with hosts. */
export interface PoolMemory {
  /** Paths of what they are told to map. */
  readonly paths: string[]
  /** Called before anyone uses the model. */
  mapInto(model: RunningModel): Promise<void>
  /** Reads or writes memory that is mapped without a path; see ModelEvents. */
  answer(model: string, request: DmaRequest): Promise<Uint8Array>
}

/** Who is told of what models say unasked. */
export interface PoolListener {
  onOutput(model: string, line: string): void
  onInterrupt(model: string, line: string, level: boolean): void
  /** A read of that stream would be answered at once. */
  onStreamReadable(model: string, stream: string): void
  onDmaFault(model: string, fault: DmaFault): void
  /** An access of a session went by a mailbox. */
  onObserved(observed: ObservedAccess): void
  onStart(): void
  /** Called once per model that ends, asked or not. */
  onEnd(model: RunningModel, end: ModelEnd): void
}

/** The width of a port that is not known yet. */
const usualDataBits = 32
const widestRegister = 8
/** Bytes; AXI lets none cross a multiple of it (IHI 0022, A3.4.1). */
const longestBurst = 4096
/** What one message carries of a string. */
const longestString = mostBytes('Access.data')

type BusShape = Pick<DeviceMessage, 'widthBytes' | 'burstBytes' | 'stringBytes'>

export class ModelPool {
  readonly #starting = new Map<string, Promise<RunningModel>>()
  readonly #running = new Map<string, RunningModel>()
  /** Not launched yet. */
  readonly #building = new Map<string, Promise<BuiltModel>>()
  readonly #built = new Map<string, BuiltModel>()
  /** Every model that ever ran, for logs and statistics after its end. */
  readonly history: RunningModel[] = []
  /** What the process of a name writes down that was started last, and what each that has run. */
  readonly #recordings = new Map<string | RunningModel, ModelRecording>()
  readonly #closing = new AbortController()
  #listener: Partial<PoolListener> = {}

  constructor(private readonly settings: PoolSettings) {}

  /** Before any model starts. */
  listen(listener: PoolListener): void {
    this.#listener = listener
  }

  get names(): string[] {
    return modelNames(this.settings.config)
  }

  /** The models that a run needs. */
  get used(): string[] {
    return usedModels(this.settings.config)
  }

  get seed(): number {
    return this.settings.seed
  }

  get usesBackdoors(): boolean {
    return !this.settings.config.frontdoor
  }

  /** Those that it runs beside, in lockstep. */
  besides(name: string): string[] {
    const { models } = this.settings.config
    return Object.keys(models).filter((other) => models[other]?.lockstep === name)
  }

  /** Whether its accesses are those of another model, or of a real device, once more. */
  isTwin(name: string): boolean {
    const onIt = this.settings.devices.filter(({ config }) => config.model === name)
    return onIt.every(({ config }) => config.hardware) && (onIt.length > 0 || this.besides(name).length > 0)
  }

  get running(): RunningModel[] {
    return [...this.#running.values()]
  }

  find(name: string): RunningModel | undefined {
    return this.#running.get(name)
  }

  /** Why the last process of that model that is gone ended; waits for its end. Another one may have been started. */
  async endOf(name: string): Promise<ModelEnd | undefined> {
    return this.history.findLast((model) => model.name === name && !model.link.isOpen)?.ended
  }

  /** What that process writes down, or has. */
  recordingOf(model: RunningModel): ModelRecording {
    return this.#recordings.get(model) ?? this.#recordingOf(model.name)
  }

  built(name: string): BuiltModel | undefined {
    return this.#built.get(name)
  }

  /** Bytes of a device's registers: as declared, else as its port has them once the model is built. */
  registerWidthOf(device: MappedDevice): number {
    return device.config.width ?? Math.min((this.portOf(device)?.dataWidth ?? usualDataBits) / 8, widestRegister)
  }

  /** What hosts are told of how to access a device. */
  shapeOf(device: MappedDevice): BusShape | StreamShape {
    if (device.config.stream) return this.#streamShapeOf(device)
    if (device.config.path === portsPath) return { widthBytes: 1, burstBytes: 0, stringBytes: 0 }
    const isMemory = device.config.backdoor !== undefined || this.portOf(device)?.protocol === 'axi4'
    const takesBursts = device.config.bursts ?? isMemory
    const burstBytes = takesBursts ? longestBurst : 0
    return { widthBytes: this.registerWidthOf(device), burstBytes, stringBytes: longestString }
  }

  /** Without its model a device can be opened, and nothing else. */
  #streamShapeOf(device: MappedDevice): StreamShape {
    const streams = this.#built.get(device.config.model)?.streams
    if (!streams) return { widthBytes: 1, burstBytes: 0, isReadable: true, isWritable: true, unitBytes: 1 }
    return toStreamShape(toDeviceStreams(device, streams), streams)
  }

  /** Name of the stream that reads of a device take from, once its model is built. */
  readStreamOf(device: MappedDevice): string | undefined {
    const streams = this.#built.get(device.config.model)?.streams
    return streams?.[toDeviceStreams(device, streams).read ?? -1]?.name
  }

  /** How a device lies on the ports of its model, as the model is told. */
  placeOf(device: MappedDevice, ports: string[], name: string): Record<string, string | number> {
    const streams = this.#built.get(name)?.streams
    if (!device.config.stream || !streams) return { port: toPortIndex(device, ports) }
    const { read, write } = toDeviceStreams(device, streams)
    return { port: 0, readStream: (read ?? -1) + 1, writeStream: (write ?? -1) + 1 }
  }

  /**
   * Cycles from the end of one access to the first VALID of the next, if nothing lets time pass: the BFMs of `hdl/bfm`
   * take one, managers under cocotb none.
   */
  idleByItself(name: string): bigint {
    const built = this.#built.get(name)
    return built && isCocotb(built) ? 0n : 1n
  }

  /** The clock period of a model that runs. */
  periodPsOf({ name, hello }: RunningModel): bigint {
    return hello.periodPs || BigInt(this.#built.get(name)?.clock.periodPs ?? 1)
  }

  /** The port behind a device, once its model is built; what is beside a real device is none. */
  portOf(device: MappedDevice): BuiltModel['ports'][number] | undefined {
    if (device.config.stream || device.config.hardware) return undefined
    const ports = this.#built.get(device.config.model)?.ports
    return ports?.[toPortIndex(device, namesOf(ports))]
  }

  /**
   * Builds what the devices' shapes are read from, and starts nothing. Resolves with the models that can't be built.
   */
  async describe(): Promise<Map<string, unknown>> {
    const { config } = this.settings
    const unknown = this.used.filter((name) => !config.goldens[name] && !this.#built.has(name))
    const failures = unknown.map((name) =>
      this.#build(name).then(
        () => [],
        (error: unknown) => [[name, error] as const],
      ),
    )
    return new Map((await Promise.all(failures)).flat())
  }

  /** The running model of that name; builds and starts it if need be. */
  start(name: string): Promise<RunningModel> {
    const known = this.#starting.get(name)
    if (known) return known
    if (this.#closing.signal.aborted)
      return Promise.reject(new TraplineError('model', `model ${name}: the bridge is stopping`))
    const starting = this.#launch(name)
    this.#starting.set(name, starting)
    starting.catch(() => this.#starting.delete(name))
    return starting
  }

  /** Stops all models; later starts are refused. */
  async stop(patienceMs?: number): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#starting.values())
    await Promise.all(this.running.map((model) => model.stop(patienceMs)))
  }

  async #launch(name: string): Promise<RunningModel> {
    const golden = this.settings.config.goldens[name]
    const launch = this.history.filter((model) => model.name === name).length + 1
    this.#recordings.set(name, this.settings.recording.of(name, launch))
    const running = await (golden ? this.#launchGolden(name, golden) : this.#launchRtl(name))
    this.#running.set(name, running)
    this.history.push(running)
    this.#recordings.set(running, this.#recordingOf(name))
    this.#listener.onStart?.()
    void running.ended.then((end) => {
      this.#running.delete(name)
      this.#starting.delete(name)
      this.settings.lanes?.retire(name)
      this.#listener.onEnd?.(running, end)
    })
    return running
  }

  async #launchGolden(name: string, config: GoldenConfig): Promise<RunningModel> {
    const { settings } = this
    const onThis = settings.devices.filter((device) => device.config.model === name)
    checkInterrupts(settings.config, name, config.interrupts)
    const ports = [...new Set(onThis.map((device) => device.config.port ?? ''))]
    return launchGolden({
      ...{ name, config, ports: ports.length > 0 ? ports : [''] },
      device: await loadGolden(name, config, settings.configDirectory, namesOnBus(onThis, settings.registers, name)),
      runDirectory: settings.runDirectory,
      recording: this.#recordingOf(name),
      minCyclesPerAccess: settings.config.minCyclesPerAccess,
      onOutput: (line) => this.#listener.onOutput?.(name, line),
      onInterrupt: ({ line, level }) => this.#listener.onInterrupt?.(name, config.interrupts[line] ?? '', level),
    })
  }

  async #launchRtl(name: string): Promise<RunningModel> {
    const { settings } = this
    const built = await this.#build(name)
    // The next one looks at its sources anew.
    this.#building.delete(name)
    const onThis = settings.devices.filter((device) => device.config.model === name)
    for (const device of onThis) if (!device.config.stream) checkReach(device, built.ports)
    checkTwin(settings.config, name, built)
    const running = await (isCocotb(built)
      ? this.#launchCocotb(name, built, onThis)
      : this.#launchVerilated(name, built, onThis))
    if (built.managers.length > 0) await this.#prepareMemory(running)
    return running
  }

  #launchVerilated(name: string, built: BuiltModel, onThis: MappedDevice[]): Promise<RunningModel> {
    const { settings } = this
    const streams = toBuffers(
      built,
      onThis.filter(({ config }) => config.stream),
    )
    checkInterrupts(settings.config, name, built.interrupts)
    const launch: LaunchSettings = {
      ...this.#settingsOf(name, built),
      executable: built.executable,
      managers: built.managers,
      streams,
      interrupts: built.interrupts,
      memories: built.memories,
      // Our own side of the buses has a reset in any case.
      resetCycles: built.resetCycles ?? 1,
      periodPs: built.clock.periodPs,
      furtherClocks: built.furtherClocks,
      sandbox: settings.config.sandbox,
      sharedFiles: [...(built.managers.length > 0 ? settings.memory.paths : []), ...this.#laneOf(name)],
    }
    return settings.warmStart?.(name, launch) ?? launchModel(launch)
  }

  #laneOf(name: string): string[] {
    const file = this.settings.lanes?.of(name)
    return file ? [file.path] : []
  }

  async #launchCocotb(name: string, built: BuiltCocotb, onThis: MappedDevice[]): Promise<RunningModel> {
    const { run, isOwnBench } = built.cocotb
    const namesPorts = !isOwnBench || run === undefined
    const used = [...new Set(onThis.flatMap(({ config }) => config.port ?? []))]
    const settings = {
      ...this.#settingsOf(name, built),
      ...{ built, namesPorts, signal: this.#closing.signal },
      ...(namesPorts && { ports: used }),
    }
    const running = await (run
      ? launchCocotb(settings, run)
      : joinCocotb(settings, this.settings.joined.get(name) ?? ''))
    try {
      checkInterrupts(this.settings.config, name, running.hello.interrupts)
      return running
    } catch (error) {
      await running.stop()
      throw error
    }
  }

  /** Of the process that is being started. */
  #recordingOf(name: string): ModelRecording {
    return this.#recordings.get(name) ?? this.settings.recording.of(name)
  }

  /** What models of all kinds are started with. */
  #settingsOf(name: string, built: BuiltModel) {
    const { settings } = this
    const { seed, runDirectory, config } = settings
    const { maxCycles, minCyclesPerAccess, stall } = config
    return {
      ...{ name, runDirectory, seed, maxCycles, minCyclesPerAccess, stall },
      workingDirectory: settings.configDirectory,
      ports: namesOf(built.ports),
      recording: this.#recordingOf(name),
      onOutput: (line: string) => this.#listener.onOutput?.(name, line),
      onInterrupt: ({ line, level }: InterruptChange, { interrupts }: Hello) =>
        this.#listener.onInterrupt?.(name, (isCocotb(built) ? interrupts : built.interrupts)[line] ?? '', level),
      onStreamReadable: ({ stream }: StreamReadable) =>
        this.#listener.onStreamReadable?.(name, built.streams[stream]?.name ?? ''),
      onDmaFault: (fault: DmaFault) => this.#listener.onDmaFault?.(name, fault),
      onObserved: (observed: ObservedAccess) => this.#listener.onObserved?.(observed),
      onDmaRequest: (request: DmaRequest) => settings.memory.answer(name, request),
    }
  }

  /** RTL can end itself at time 0; then that is the reason, and not that its memory could no longer be told. */
  async #prepareMemory(running: RunningModel): Promise<void> {
    try {
      await this.settings.memory.mapInto(running)
    } catch (error) {
      if (running.link.isOpen) throw error
      const { cause } = await running.ended
      throw cause === undefined ? error : new TraplineError('model', cause, { cause: error })
    }
  }

  async #build(name: string): Promise<BuiltModel> {
    const known = this.#building.get(name)
    if (known) return known
    const model = this.settings.config.models[name]
    if (!model) throw new TraplineError('config', `model ${name} does not exist; models are ${this.names.join(', ')}`)
    const building = this.settings.build(name, model).then((built) => {
      this.#built.set(name, built)
      return built
    })
    this.#building.set(name, building)
    building.catch(() => this.#building.delete(name))
    return building
  }
}
