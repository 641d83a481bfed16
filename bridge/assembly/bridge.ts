/**
 * Puts a bridge together; read this first. A bridge owns the address map, the models, the sessions of host processes
 * and the gRPC server that they and everybody else talk to.
 */
import { join } from 'node:path'
import { mapDevices, memoriesOf, type MappedDevice } from '../map/address-map.js'
import { DmaFaults } from '../access/dma-faults.js'
import { Heartbeat } from '../access/heartbeat.js'
import { Lockstep } from '../access/lockstep.js'
import { mapMemories, type MappedMemory } from '../map/memory-map.js'
import { Monitor } from '../access/monitor.js'
import { PollAccelerator } from '../access/poll-accelerator.js'
import type { PendingAccess } from '../access/session.js'
import { Sessions } from '../access/sessions.js'
import { Symbolizer } from '../access/symbols.js'
import { WidthLint } from '../access/width-lint.js'
import { decodeCompletion } from '../wire/wire.js'
import type { Config, ModelConfig } from '../config/schema.js'
import { createControlService } from '../control/control-service.js'
import type { Address } from '../control/address.js'
import { Gate } from '../control/gate.js'
import { startGrpcServer } from '../control/grpc-server.js'
import type { TlsIdentity } from '../control/tls-files.js'
import { createAgentService, toDeviceMessage } from '../control/agent-service.js'
import type { DeviceMessage } from '../wire/attach-messages.js'
import { DeviceTree } from '../map/device-tree.js'
import { DmaMemory } from '../access/dma-memory.js'
import { placeRunDirectory } from '../run/named-run-directory.js'
import { makeNodesFolder, type RunDirectory } from '../run/run-directory.js'
import { WatchService } from '../control/watch-service.js'
import { log as defaultLog, type Log } from '../ground/log.js'
import { sayLeftOut } from '../model/left-out.js'
import { buildModel, type BuiltModel } from '../verilate/build-model.js'
import { loadTwins } from '../model/golden-device.js'
import { unusedStreams } from '../model/stream-ports.js'
import { ModelPool, type WarmStart } from '../model/model-pool.js'
import { cacheDirectory } from '../ground/paths.js'
import { HostTime } from '../time/host-time.js'
import type { SimulationClock } from '../time/simulation-clock.js'

export interface BridgeSettings {
  config: Config
  /** Relative paths of the configuration start here. */
  configDirectory: string
  /** Chosen at random if neither this nor the configuration names one. */
  seed?: number
  /** A known place for the run directory; else it is a folder of TMPDIR. */
  runDirectory?: string
  /** A UNIX socket in the run directory if absent. */
  listen?: Address
  /** Every caller must show it; empty for none. */
  token?: string
  /** TCP is by mutual TLS. */
  tls?: TlsIdentity
  /** How long a session may keep others from a bus while it asks nothing itself; see `Sessions`. */
  holdSeconds?: number
  traceFile?: string
  /** False: waveforms begin when `TraceModel` asks for them. */
  tracesFromStart?: boolean
  /** Takes a file per model with the counts of what of its RTL was reached. */
  coverageDirectory?: string
  /** False: golden models that the configuration has beside models stay away. */
  lockstep?: boolean
  /** Models write raw access logs, and sites are kept to name their PCs. */
  writesLog?: boolean
  /** Models write their interrupts and the bursts of their manager ports. */
  writesEvents?: boolean
  /** A line per access. */
  shows?: boolean
  /** Accesses are looked over by the width lint. */
  lints?: boolean
  /** Gives up builds that are under way. */
  abort?: AbortSignal
  onBuildProgress?(model: string, line: string): void
  /** A model ended without having been asked to; `cause` says why. */
  onModelFailure?(cause: string): void
  /** Every host waits for an interrupt that does not come; said once. */
  onDeadlock?(sentence: string): void
  /** A host process has checked in; it waits until this returns. */
  onAttach?(pid: number): void
  /** A model's interrupt output has changed. */
  onInterrupt?(model: string, line: string, level: boolean): void
  /** The RTL or the simulator has printed a line; goes to the log if nobody listens. */
  onModelOutput?(model: string, line: string): void
  /** An access of a host has been answered. */
  onAccess?(pending: PendingAccess): void
  /** A client called `ControlService.Stop`. */
  onStop?(): void
  log?: Log
  /** Shared by bridges whose hosts are the same programs. */
  symbolizer?: Symbolizer
  /** Gives models that are set up already; see `checkpoint.ts`. */
  warmStart?: WarmStart
  build?: typeof buildModel
}

export interface Bridge extends AsyncDisposable {
  readonly config: Config
  readonly address: Address
  readonly directory: RunDirectory
  readonly models: ModelPool
  readonly sessions: Sessions
  readonly monitor: Monitor
  /** Of hosts and RTL together. */
  readonly memories: MappedMemory[]
  readonly dmaFaults: DmaFaults
  readonly clock: SimulationClock
  readonly polls: PollAccelerator | undefined
  readonly lockstep: Lockstep
  readonly symbolizer: Symbolizer
  readonly lint: WidthLint | undefined
  readonly seed: number
  /** Stops the models and the server, in this order. The run directory stays for whoever wants the logs. */
  stop(patienceMs?: number): Promise<void>
}

const largestSeed = 0x7fff_ffff

export async function startBridge(settings: BridgeSettings): Promise<Bridge> {
  const devices = mapDevices(settings.config)
  const memories = mapMemories(settings.config, devices)
  const directory = await placeRunDirectory(settings.runDirectory)
  try {
    return await assemble(settings, { devices, memories }, directory)
  } catch (error) {
    directory.dispose()
    throw error
  }
}

interface Maps {
  devices: MappedDevice[]
  memories: MappedMemory[]
}

async function assemble(settings: BridgeSettings, maps: Maps, directory: RunDirectory): Promise<Bridge> {
  const { devices, memories } = maps
  const { config, configDirectory, log = defaultLog, build = buildModel } = settings
  const seed = settings.seed ?? config.seed ?? 1 + Math.floor(Math.random() * (largestSeed - 1))
  const tree = new DeviceTree(directory.path)
  makeNodesFolder(directory.path)
  const memory = new DmaMemory({ config, memories, runDirectory: directory.path, tree })
  const dmaFaults = new DmaFaults(log, (model) => memory.describe(model))
  const { symbolizer = new Symbolizer() } = settings
  const lint = settings.lints ? new WidthLint(symbolizer, (device) => models.registerWidthOf(device)) : undefined
  const monitor = new Monitor(log, {
    symbolizer,
    lint,
    shows: settings.shows ?? false,
    protocolOf: (device) => models.portOf(device)?.protocol,
    heldClocksOf: (device) => models.built(device.config.model)?.heldClocks ?? [],
    ...(settings.onAccess && { onAccess: (pending: PendingAccess) => settings.onAccess?.(pending) }),
  })

  const logOutput = (model: string, line: string) => log.info(`${model}: ${line}`)
  const buildOne = async (name: string, model: ModelConfig): Promise<BuiltModel> => {
    const built = await build(model, {
      name,
      configDir: configDirectory,
      memories: memoriesOf(config, name),
      trace: settings.traceFile !== undefined,
      coverage: settings.coverageDirectory !== undefined,
      cacheDir: cacheDirectory(),
      temporaryDir: directory.path,
      onProgress: (line) => settings.onBuildProgress?.(name, line),
      signal: settings.abort,
    })
    const streamDevices = devices.filter((device) => device.config.stream && device.config.model === name)
    sayLeftOut(log, name, { leftOut: [...built.leftOut, ...unusedStreams(built, streamDevices)] })
    return built
  }
  const models = new ModelPool({
    config,
    devices,
    configDirectory,
    runDirectory: directory.path,
    seed,
    writesLog: settings.writesLog ?? false,
    traceFile: settings.traceFile,
    tracesFromStart: settings.tracesFromStart,
    coverageDirectory: settings.coverageDirectory,
    writesEvents: settings.writesEvents ?? false,
    memoryFiles: memory.files.map(({ name }) => join(directory.path, name)),
    build: buildOne,
    warmStart: settings.warmStart,
    onOutput: (model, line) => (settings.onModelOutput ?? logOutput)(model, line),
    onInterrupt: (model, line, level) => {
      hostTime.uio.change(model, line, level)
      settings.onInterrupt?.(model, line, level)
    },
    onStreamReadable: (model, stream) => hostTime.streams.change(model, stream),
    onDmaFault: (model, fault) => dmaFaults.note(model, fault),
    onDmaRequest: (model, request) => memory.answer(model, request),
    prepareMemory: (model) => memory.mapInto(model),
    onEnd: (_model, { cause }) => cause && settings.onModelFailure?.(cause),
  })
  const outside = models.used.flatMap((name) => (config.goldens[name] ? name : (config.models[name]?.lockstep ?? [])))
  if (config.sandbox && outside.length > 0)
    log.warn(`golden models run in Trapline's own process, outside of the sandbox: ${outside.join(', ')}`)
  const polls = config.pollAcceleration > 0 ? new PollAccelerator(config.pollAcceleration) : undefined
  const twins = settings.lockstep === false ? new Map<string, never>() : await loadTwins(config, configDirectory)
  const lockstep = new Lockstep(twins, ({ sentence }) => settings.onModelFailure?.(sentence))
  const onUse = (model: string) => hostTime.noteUse(model)
  const onStreamAnswer = (device: MappedDevice, completion: Buffer) => {
    const { isReadable } = decodeCompletion(completion)
    hostTime.streams.noteAnswer(device, isReadable)
  }
  const hooks = { polls, onStreamAnswer, ...(twins.size > 0 && { lockstep }), onUse }
  const sessions = new Sessions({
    ...{ devices, models, observer: monitor, keepsSites: settings.writesLog ?? false, hooks },
    ...(settings.holdSeconds !== undefined && { holdSeconds: settings.holdSeconds }),
    onHeld: (sentence) => log.warn(sentence),
  })
  const hostTime = new HostTime({
    ...{ config, devices, memories, directory, tree, models, sessions, monitor, log },
    onDeadlock: (sentence) => settings.onDeadlock?.(sentence),
  })
  const toMessage = (device: MappedDevice): DeviceMessage => ({
    ...toDeviceMessage(device, models.shapeOf(device)),
    ...hostTime.uio.connectionOf(device),
    ...hostTime.streams.connectionOf(device),
  })
  const gate = new Gate(settings.token ?? '', log)
  const watches = new WatchService({
    ...{ directory: directory.path, tree, memory, gate, log },
    sockets: () => hostTime.sockets,
    expectLoss: (peer) => server.expectLoss(peer),
  })
  const agent = createAgentService({
    sessions,
    devices: () => [...devices.map(toMessage), ...memory.messages],
    time: hostTime.message,
    gate,
    describeModels: () => models.describe(),
    onAttach: (pid, pidNamespace) => {
      monitor.noteAttach()
      settings.onAttach?.(pid)
      watches.noteCheckIn(pid, pidNamespace)
    },
  })
  const services = {
    agent: { ...agent, watch: watches.watch },
    control: createControlService({ sessions, models, lockstep, onStop: () => settings.onStop?.() }),
  }
  await hostTime.listen()
  const address = settings.listen ?? `unix:${directory.socketPath}`
  const server = await startGrpcServer({ address, tls: settings.tls, gate, services }).catch((error) => {
    hostTime.close()
    memory.close()
    throw error
  })
  const heartbeat = new Heartbeat(log, {
    isHosting: () => sessions.open > 0,
    lastActivityMs: () => monitor.lastActivityMs,
    oldestPending: () => sessions.oldestPending(),
    models: () => models.running,
    reason: () => hostTime.clock.reason,
  })

  async function stopAll(patienceMs?: number): Promise<void> {
    heartbeat.stop()
    sessions.close()
    watches.close()
    hostTime.close()
    await models.stop(patienceMs)
    server.close()
    await monitor.settle()
    for (const { name, finalStatistics } of models.history)
      if (finalStatistics) dmaFaults.noteUnfinished(name, finalStatistics.dmaWaits, finalStatistics.cycle)
    dmaFaults.settle()
    memory.close()
  }

  let stopping: Promise<void> | undefined
  const stop = (patienceMs?: number) => (stopping ??= stopAll(patienceMs))

  return {
    config,
    address: server.address,
    directory,
    models,
    sessions,
    monitor,
    memories,
    dmaFaults,
    clock: hostTime.clock,
    polls,
    lockstep,
    symbolizer,
    lint,
    seed,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      directory.dispose()
    },
  }
}
