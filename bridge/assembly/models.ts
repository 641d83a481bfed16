/** The models of a bridge: what builds them, the memory that they share with hosts, and what is told of their ends. */
import { DmaMemory } from '../access/dma-memory.js'
import type { ModelConfig } from '../config/schema.js'
import { cacheDirectory } from '../ground/paths.js'
import { memoriesOf } from '../map/address-map.js'
import { sayLeftOut } from '../model/left-out.js'
import { ModelPool } from '../model/model-pool.js'
import { unusedStreams } from '../model/stream-ports.js'
import { buildModel, type BuiltModel } from '../verilate/build-model.js'
import type { Foundation } from './foundation.js'

export function makeModels(foundation: Foundation): { models: ModelPool; memory: DmaMemory } {
  const { settings, directory } = foundation
  const memory = new DmaMemory({ ...foundation, runDirectory: directory.path })
  const models = new ModelPool({
    ...foundation,
    runDirectory: directory.path,
    memory,
    build: (name, model) => build(foundation, name, model),
    warmStart: settings.warmStart,
  })
  warnOfOutsiders(foundation, models)
  return { models, memory }
}

async function build({ settings, ...foundation }: Foundation, name: string, model: ModelConfig): Promise<BuiltModel> {
  const built = await (settings.build ?? buildModel)(model, {
    name,
    configDir: foundation.configDirectory,
    memories: memoriesOf(foundation.config, name),
    trace: foundation.recording.hasTraces,
    coverage: foundation.recording.hasCoverage,
    cacheDir: cacheDirectory(),
    temporaryDir: foundation.directory.path,
    onProgress: (line) => settings.onBuildProgress?.(name, line),
    signal: settings.abort,
  })
  const streamDevices = foundation.devices.filter(({ config }) => config.stream && config.model === name)
  sayLeftOut(foundation.log, name, { leftOut: [...built.leftOut, ...unusedStreams(built, streamDevices)] })
  return built
}

/** Golden models are part of this process, so no sandbox is around them. */
function warnOfOutsiders({ config, log }: Foundation, models: ModelPool): void {
  const outside = models.used.flatMap((name) => (config.goldens[name] ? name : (config.models[name]?.lockstep ?? [])))
  if (config.sandbox && outside.length > 0)
    log.warn(`golden models run in Trapline's own process, outside of the sandbox: ${outside.join(', ')}`)
}
