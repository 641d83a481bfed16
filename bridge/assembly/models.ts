/** The models of a bridge: what builds them, the memory that they share with hosts, and what is told of their ends. */
import { isDeepStrictEqual } from 'node:util'
import { DmaMemory } from '../access/dma-memory.js'
import { buildCocotb, describeJoined } from '../cocotb/build-cocotb.js'
import { configSchema, type AnyModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { cacheDirectory } from '../ground/paths.js'
import { memoriesOf } from '../map/address-map.js'
import { sayLeftOut } from '../model/left-out.js'
import type { Lanes } from '../model/lanes.js'
import { ModelPool } from '../model/model-pool.js'
import { unusedStreams } from '../model/stream-ports.js'
import { buildModel, type BuildOptions, type BuiltModel } from '../verilate/build-model.js'
import type { Foundation } from './foundation.js'
import { makeLanes } from './lanes.js'

export function makeModels(foundation: Foundation): { models: ModelPool; memory: DmaMemory; lanes: Lanes | undefined } {
  const { settings, directory } = foundation
  const memory = new DmaMemory({ ...foundation, runDirectory: directory.path })
  const lanes = makeLanes(foundation)
  const models = new ModelPool({
    ...foundation,
    runDirectory: directory.path,
    memory,
    lanes,
    build: (name, model) => build(foundation, name, model),
    warmStart: settings.warmStart,
    joined: settings.joined ?? new Map(),
  })
  warnOfOutsiders(foundation, models)
  checkWishes(foundation, models)
  return { models, memory, lanes }
}

async function build(
  { settings, ...foundation }: Foundation,
  name: string,
  model: AnyModelConfig,
): Promise<BuiltModel> {
  const options = {
    name,
    configDir: foundation.configDirectory,
    memories: memoriesOf(foundation.config, name),
    trace: foundation.recording.hasTraces,
    coverage: foundation.recording.hasCoverage,
    cacheDir: cacheDirectory(),
    temporaryDir: foundation.directory.path,
    onProgress: (line: string) => settings.onBuildProgress?.(name, line),
    ...(settings.abort && { signal: settings.abort }),
  }
  const built = await buildOf(settings, name, model, options)
  const streamDevices = foundation.devices.filter(({ config }) => config.stream && config.model === name)
  sayLeftOut(foundation.log, name, { leftOut: [...built.leftOut, ...unusedStreams(built, streamDevices)] })
  return built
}

function buildOf(
  { build: buildVerilated = buildModel, joined }: Foundation['settings'],
  name: string,
  model: AnyModelConfig,
  options: BuildOptions,
): Promise<BuiltModel> {
  if (model.kind === 'verilator') return buildVerilated(model, options)
  return joined?.has(name) ? describeJoined(model, options) : buildCocotb(model, options)
}

/** What can't be had of a simulation under cocotb, whichever simulator runs it. */
function checkWishes(foundation: Foundation, models: ModelPool): void {
  const { config, settings } = foundation
  const underCocotb = models.used.filter((name) => config.models[name]?.kind === 'cocotb')
  for (const joined of settings.joined?.keys() ?? [])
    if (!underCocotb.includes(joined)) throw notJoined(joined, underCocotb)
  sayUnheard(foundation)
  const [name] = underCocotb
  if (name === undefined) return
  if (config.sandbox)
    throw new TraplineError(
      'config',
      `model ${name} runs under cocotb, whose Python no sandbox is made for; leave --sandbox out`,
    )
  if (settings.warmStart)
    throw new TraplineError('config', `model ${name} runs under cocotb, and can't be copied: it has no warm start`)
}

const unset = configSchema.parse({ models: {}, devices: {} })
/** The seed is the bench's own, which `bridge.run` hands to us. */
const ofBuses = ['maxCycles', 'minCyclesPerAccess', 'stall'] as const
const ofBuilds = ['parameters', 'defines', 'inputs'] as const

/** A simulation that runs already has made its buses before anybody knew of this run. */
function sayUnheard({ config, settings, log }: Foundation): void {
  const names = [...(settings.joined?.keys() ?? [])]
  for (const name of names) sayBuilt(name, config, log)
  const unheard = ofBuses.filter((key) => !isDeepStrictEqual(config[key], unset[key]))
  if (names.length === 0 || unheard.length === 0) return
  log.warn(
    `${names.join(', ')} runs already, and does not hear of ${unheard.join(', ')} of this run: its own test bench ` +
      'says that, by arguments of `bridge.run(…)`',
  )
}

/** Nor does `--set` change what others have built. */
function sayBuilt(name: string, { models }: Foundation['config'], log: Foundation['log']): void {
  const model = models[name]
  const unheard = model ? ofBuilds.filter((key) => Object.keys(model[key]).length > 0) : []
  if (unheard.length === 0) return
  const keys = unheard.map((key) => `models.${name}.${key}${key === 'parameters' ? ' (or --set)' : ''}`).join(', ')
  log.warn(`${name} runs already, as its own test bench was built: ${keys} of this run change nothing in it`)
}

function notJoined(name: string, possible: string[]): TraplineError {
  const known = possible.length > 0 ? `there are ${possible.join(', ')}` : 'there is none'
  return new TraplineError('usage', `--join ${name}=SOCKET: it needs a model of kind 'cocotb' that is in use; ${known}`)
}

/** Golden models are part of this process, so no sandbox is around them. */
function warnOfOutsiders({ config, log }: Foundation, models: ModelPool): void {
  const outside = models.used.flatMap((name) =>
    config.goldens[name]
      ? name
      : config.goldens[config.models[name]?.lockstep ?? '']
        ? (config.models[name]?.lockstep ?? [])
        : [],
  )
  if (config.sandbox && outside.length > 0)
    log.warn(`golden models run in Trapline's own process, outside of the sandbox: ${outside.join(', ')}`)
}
