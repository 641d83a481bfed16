/**
 * Puts a bridge together; read this first. A bridge owns the address map, the models, the sessions of host processes
 * and the gRPC server that they and everybody else talk to.
 */
import { existsSync } from 'node:fs'
import type { DmaFaults } from '../access/dma-faults.js'
import { Heartbeat } from '../access/heartbeat.js'
import type { HardwareRecorder } from '../access/hardware-recorder.js'
import type { Lockstep } from '../access/lockstep.js'
import type { Monitor } from '../access/monitor.js'
import type { PollAccelerator } from '../access/poll-accelerator.js'
import type { Sessions } from '../access/sessions.js'
import type { CodeBlame } from '../access/blamed-code.js'
import type { SoftwareNames } from '../access/software-names.js'
import type { Lint } from '../access/lint.js'
import type { Config } from '../config/schema.js'
import type { Address } from '../control/address.js'
import { toMessage } from '../ground/errors.js'
import { writeLayouts } from '../logs/wave-files.js'
import type { MappedMemory } from '../map/memory-map.js'
import type { InterruptLines } from '../model/interrupt-lines.js'
import type { ModelPool } from '../model/model-pool.js'
import type { RegisterCounters } from '../registers/coverage.js'
import { readRegisterMaps, type RegisterMaps } from '../registers/register-maps.js'
import { placeRunDirectory } from '../run/named-run-directory.js'
import { checkWaveform, type Recording } from '../run/recording.js'
import type { RunDirectory } from '../run/run-directory.js'
import type { SimulationClock } from '../time/simulation-clock.js'
import { connect, makeParts, type Parts } from './parts.js'
import { serve, type Serving } from './services.js'
import type { BridgeSettings } from './settings.js'
import { mapAll, layFoundation, type Foundation } from './foundation.js'

export type { BridgeSettings } from './settings.js'

export interface Bridge extends AsyncDisposable {
  readonly config: Config
  readonly address: Address
  readonly directory: RunDirectory
  readonly recording: Recording
  readonly models: ModelPool
  readonly lines: InterruptLines
  /** What is known of the registers of devices. */
  readonly registers: RegisterMaps
  readonly sessions: Sessions
  readonly monitor: Monitor
  /** The memories that hosts and RTL share. */
  readonly memories: MappedMemory[]
  readonly dmaFaults: DmaFaults
  readonly clock: SimulationClock
  readonly polls: PollAccelerator | undefined
  readonly lockstep: Lockstep
  readonly codeBlame: CodeBlame
  readonly software: SoftwareNames
  readonly lint: Lint | undefined
  /** What hosts have touched of registers; present if that is counted. */
  readonly coverage: RegisterCounters | undefined
  /** Present once there has been a real device. */
  readonly hardware: HardwareRecorder | undefined
  readonly seed: number
  /** Whether instructions of hosts are to be patched. */
  readonly patches: boolean
  /** Stops the models and the server, in this order. The run directory stays for whoever wants the logs. */
  stop(patienceMs?: number): Promise<void>
}

export async function startBridge(settings: BridgeSettings): Promise<Bridge> {
  if (settings.traceFile !== undefined) checkWaveform(settings.traceFile)
  const maps = mapAll(settings.config)
  const registers = await readRegisterMaps(maps.devices, settings.configDirectory)
  const directory = await placeRunDirectory(settings.runDirectory)
  try {
    return await assemble(layFoundation(settings, { ...maps, registers }, directory))
  } catch (error) {
    directory.dispose()
    throw error
  }
}

async function assemble(foundation: Foundation): Promise<Bridge> {
  const parts = await makeParts(foundation)
  connect(foundation, parts)
  const serving = await serve(foundation, parts)
  const heartbeat = startHeartbeat(foundation, parts)
  let stopping: Promise<void> | undefined
  const stop = (patienceMs?: number) => (stopping ??= stopAll(foundation, parts, { ...serving, heartbeat }, patienceMs))
  const { config, directory, recording, memories, registers, seed } = foundation
  const {
    models,
    lines,
    sessions,
    monitor,
    dmaFaults,
    hostTime,
    polls,
    lockstep,
    codeBlame,
    software,
    lint,
    coverage,
    lanes,
  } = parts
  return {
    ...{ config, address: serving.server.address, directory, recording, memories, registers, seed },
    ...{
      models,
      lines,
      sessions,
      monitor,
      dmaFaults,
      clock: hostTime.clock,
      polls,
      lockstep,
      codeBlame,
      software,
      lint,
      coverage,
    },
    get hardware() {
      return parts.hardware.recorder
    },
    patches: config.patch && lanes !== undefined,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      foundation.residents?.close()
      directory.dispose()
    },
  }
}

function startHeartbeat({ log }: Foundation, { sessions, monitor, models, lanes, hostTime }: Parts): Heartbeat {
  return new Heartbeat(log, {
    isHosting: () => hostTime.processes.length > 0,
    lastActivityMs: () => monitor.lastActivityMs,
    oldestPending: () => sessions.oldestPending(),
    pendingInMailbox: () =>
      lanes?.counts.isWaiting ? models.running.map(({ progress }) => progress?.pending).find(Boolean) : undefined,
    models: () => models.running,
    reason: () => hostTime.clock.reason,
  })
}

/** What opens the waveforms that there are; without one they are as good. */
function writeWaveLayouts({ log }: Foundation, models: ModelPool): void {
  for (const model of models.history) {
    const { traceFile } = models.recordingOf(model)
    const layout = models.built(model.name)?.waveLayout
    if (!traceFile || !layout || !existsSync(traceFile)) continue
    try {
      writeLayouts(traceFile, layout)
    } catch (error) {
      log.warn(`the waveform ${traceFile} has no layout for GTKWave and Surfer beside it (${toMessage(error)})`)
    }
  }
}

/** First whoever might still ask for something, then the models, then who waits for their last words. */
async function stopAll(
  foundation: Foundation,
  { sessions, hostTime, models, monitor, dmaFaults, memory, lanes, hardware }: Parts,
  { heartbeat, watches, server }: Serving & { heartbeat: Heartbeat },
  patienceMs: number | undefined,
): Promise<void> {
  heartbeat.stop()
  sessions.close()
  watches.close()
  hostTime.close()
  await models.stop(patienceMs)
  sessions.endAll()
  await hardware.recorder?.close()
  writeWaveLayouts(foundation, models)
  server.close()
  await monitor.settle()
  for (const { name, finalStatistics } of models.history)
    if (finalStatistics) dmaFaults.noteUnfinished(name, finalStatistics.dmaWaits, finalStatistics.cycle)
  dmaFaults.settle()
  memory.close()
  lanes?.close()
}
