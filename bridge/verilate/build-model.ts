/**
 * Makes a running program out of RTL: describe, wrap, verilate, compile. Read this file first.
 * Each step's work is elsewhere; a model that stands in the cache costs no process at all.
 */
import { defaultPeriodPs, type ModelConfig, type PortProtocol } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { keptOrMade } from '../ground/kept-files.js'
import { oddCharacterOf } from '../ground/paths.js'
import { digestOf } from './cache-files.js'
import { compileModel, type Toolchain } from './compile-model.js'
import { type Dependencies, isUnchanged } from './dependencies.js'
import { checkFiles, describeProbe, probeRtl, rtlKey, type RtlProbe } from './describe-model.js'
import type { ExpandedModel } from './expanded-model.js'
import type { ModelDescription } from '../rtl/find-ports.js'
import { hasKeep } from '../rtl/streams.js'
import { toHarness } from './harness.js'
import { toWaveLayout, type WaveGroup } from './wave-layout.js'
import { digestHouse } from './house.js'
import { buildOnce, isBuilt, placeOf } from './model-cache.js'
import { findNativeFiles } from './native-code.js'
import { expandModel } from './packages.js'
import { runtimePlaceOf } from './shared-runtime.js'
import { findTools } from './toolchain.js'

export interface BuildOptions {
  /** Key of the model in the configuration. */
  name: string
  /** Relative paths of the configuration start here. */
  configDir: string
  /** Hierarchical names of memories that are reached from behind, below the top module. */
  memories?: string[]
  /** Whether the model can write waveforms. */
  trace: boolean
  /** Whether it counts what of the RTL is reached. */
  coverage?: boolean
  cacheDir: string
  /** Takes what only lives as long as a build; that of the machine if absent. */
  temporaryDir?: string
  onProgress?: (line: string) => void
  signal?: AbortSignal
}

export interface BuiltModel {
  executable: string
  /** Holds the executable, the generated top and the build's log. */
  directory: string
  /** Digest of everything that went into it. */
  hash: string
  /** True if no compiler ran for us. */
  cached: boolean
  ports: { name: string; protocol: PortProtocol; addressWidth: number; dataWidth: number }[]
  /** Names of the ports that the RTL drives itself, in the order of their index. */
  managers: string[]
  /** AXI4-Stream ports, in the order of their index. */
  streams: BuiltStream[]
  /** Names of interrupt lines, in the order of their index. */
  interrupts: string[]
  /** Names of memories behind a backdoor, in the order of their index. */
  memories: string[]
  clock: { port: string; periodPs: number }
  /** Clocks beside that one; `resetCycles` of their own, 0 for as many as the others have. */
  furtherClocks: { periodPs: number; phasePs: number; resetCycles: number }[]
  /** How long the RTL's reset is asserted; undefined if it has none. */
  resetCycles: number | undefined
  trace: boolean
  /** What its waveforms open with; absent if Verilator does not write them. */
  waveLayout?: WaveGroup[]
  /** What was found by name, one line each. */
  notes: string[]
  /** What was left out, and what was taken though nobody named it, likewise. */
  leftOut: string[]
  /** Inputs with the name of a clock that stand still. */
  heldClocks: string[]
}

export interface BuiltStream {
  name: string
  /** Whether the host writes it, for the RTL receives. */
  isWritten: boolean
  dataWidth: number
  /** Whether a beat can say which of its bytes count. */
  hasKeep: boolean
}

const defaultResetCycles = 16

export async function buildModel(given: ModelConfig, options: BuildOptions): Promise<BuiltModel> {
  const { cacheDir, configDir, signal, trace, coverage = false } = options
  const features = `${trace}${coverage}`
  checkCacheDirectory(cacheDir)
  const expanded = await expandModel(given, options)
  await checkFiles(expanded, configDir)
  const tools = await findToolchain(cacheDir, signal)
  const probe = await probeRtl(expanded, tools.verilator, options)
  const config = withDelays({ ...expanded, includeDirs: probe.includeDirs }, probe)
  const nativeFiles = await findNativeFiles(config, tools.compiler, options)
  const { harness, facts } = keptOrMade(
    ['harness', configDir, options.name, features],
    [config, probe.ports, probe.unasked, probe.delay, options.memories],
    () => wrap(config, probe, options),
  )
  const house = digestHouse()
  const hash = digestOf([
    ...toolBuilds(tools),
    house,
    rtlKey(config),
    JSON.stringify(probe.dependencies.present),
    JSON.stringify([config.native, nativeFiles.present]),
    harness,
    features,
  ])
  const runtime = runtimePlaceOf(cacheDir, digestOf([...toolBuilds(tools), house, features]))
  const place = placeOf(cacheDir, hash)
  const built =
    !(await isBuilt(place)) &&
    (await buildOnce(place, signal, async () => {
      await compileModel(config, { ...options, coverage, tools, harness, place, runtime })
      for (const dependencies of [probe.dependencies, nativeFiles])
        await checkUnchanged(config, configDir, dependencies)
    }))
  return { ...facts, executable: place.executable, directory: place.directory, hash, trace, cached: !built }
}

/** The top around the RTL, and what is known of the model by now. */
function wrap(config: ExpandedModel, probe: RtlProbe, { memories = [], trace }: BuildOptions) {
  const description = tellOfDelays(describeProbe(config, probe), config, probe)
  return {
    harness: toHarness(config, description, { memories, traces: trace }),
    facts: toFacts(config, description, memories),
  }
}

/**
 * Delays within an assignment (`q <= #1 d`) are for the eye, and are ignored: that is fast. One that stands by itself
 * drives something, and takes simulated time, unless the configuration says otherwise.
 */
function withDelays(config: ExpandedModel, { delay }: RtlProbe): ExpandedModel {
  if (delay === undefined || ignoresDelays(config)) return config
  return { ...config, verilatorArgs: ['--timing', ...config.verilatorArgs] }
}

function ignoresDelays({ verilatorArgs }: ModelConfig): boolean {
  return verilatorArgs.includes('--no-timing')
}

function tellOfDelays(description: ModelDescription, config: ModelConfig, { delay }: RtlProbe): ModelDescription {
  if (delay === undefined) return description
  if (ignoresDelays(config))
    return { ...description, leftOut: [...description.leftOut, `delays are ignored, the first at ${delay}`] }
  return { ...description, notes: [...description.notes, `delays take simulated time, the first at ${delay}`] }
}

async function findToolchain(cacheDir: string, signal: AbortSignal | undefined): Promise<Toolchain> {
  const [verilator, compiler, make] = await findTools(['verilator', 'g++', 'make'], cacheDir, signal)
  return { verilator, compiler, make } as Toolchain
}

function toolBuilds({ verilator, compiler }: Toolchain): string[] {
  return [verilator.build, compiler.build]
}

/** GNU make takes blanks for the end of a name, and some other characters as its own. */
function checkCacheDirectory(cacheDir: string): void {
  const character = oddCharacterOf(cacheDir)
  if (character === undefined) return
  const problem = `make can't handle the ${JSON.stringify(character)} in ${cacheDir}`
  throw new TraplineError('build', `${problem}; set TRAPLINE_CACHE to another directory`)
}

/** An editor may have saved while the compilers ran; the result then belongs to no digest. */
async function checkUnchanged(config: ModelConfig, configDir: string, dependencies: Dependencies): Promise<void> {
  if (await isUnchanged(dependencies, configDir)) return
  throw new TraplineError('build', `the RTL of ${config.top} changed while it was being built; build it again`)
}

/** As JSON keeps it. */
type ModelFacts = Omit<BuiltModel, 'executable' | 'directory' | 'hash' | 'trace' | 'cached'>

function toFacts(config: ModelConfig, description: ModelDescription, memories: string[]): ModelFacts {
  const { domains } = description
  return {
    ports: description.ports.map(({ name, protocol, addressWidth, dataWidth }) => ({
      name,
      protocol,
      addressWidth,
      dataWidth,
    })),
    managers: description.managers.map(({ name }) => name),
    streams: description.streams.map((stream) => ({
      name: stream.name,
      isWritten: stream.isWritten,
      dataWidth: stream.dataWidth,
      hasKeep: hasKeep(stream),
    })),
    interrupts: description.interrupts.map(({ name }) => name),
    waveLayout: toWaveLayout(description),
    memories,
    clock: { port: domains[0].clocks[0], periodPs: config.clock?.periodPs ?? defaultPeriodPs },
    furtherClocks: Object.values(config.clocks).map(({ periodPs, phasePs, reset }) => ({
      ...{ periodPs, phasePs },
      resetCycles: (reset || undefined)?.cycles ?? 0,
    })),
    resetCycles: domains.some(({ resets }) => resets.length > 0)
      ? ((config.reset || undefined)?.cycles ?? defaultResetCycles)
      : undefined,
    notes: description.notes,
    leftOut: description.leftOut,
    heldClocks: description.heldClocks,
  }
}
