/**
 * What the tests of one worker share: models that have been built, models that have been set up, and the names of
 * places in host programs. RTL that changes while a test file runs is seen by the next one.
 */
import { Symbolizer } from '../access/symbols.js'
import type { LoadedConfig } from '../config/load-config.js'
import type { ModelConfig } from '../config/schema.js'
import { buildModel, type BuildOptions, type BuiltModel } from '../verilate/build-model.js'
import { makeCheckpoint, type Checkpoint } from '../model/checkpoint.js'
import type { WarmStart } from '../model/model-pool.js'
import type { Bridge } from '../assembly/bridge.js'
import type { BenchOptions, WarmBench } from './setup.js'
import { workerEnd } from './worker-end.js'

export const sharedSymbolizer = new Symbolizer()

const builds = new Map<string, Promise<BuiltModel>>()

/** Even a model that stands in the cache costs a look at all its files. */
export function buildOncePerWorker(config: ModelConfig, options: BuildOptions): Promise<BuiltModel> {
  const { name, configDir, memories, trace, coverage, cacheDir } = options
  const key = toKey({ config, name, configDir, memories, trace, coverage, cacheDir })
  // A test that runs out of time must not end the build that others wait for; the end of the worker does.
  const building = builds.get(key) ?? buildModel(config, { ...options, signal: workerEnd() })
  builds.set(key, building)
  building.catch(() => builds.delete(key))
  return building
}

type WarmUp = NonNullable<BenchOptions['warmUp']>
type Checkpoints = Map<string, Checkpoint>
type Opener = (options: BenchOptions) => Promise<WarmBench & { bridge: Bridge; settle(): Promise<void> }>

const known = new WeakMap<WarmUp, Map<string, Promise<Checkpoints>>>()

/** Forks of the models that `warmUp` has set up, at the first call; their seed is that of the checkpoint.
 * Undefined without it: models start at their reset. */
export async function warmStartOf(
  loaded: LoadedConfig,
  options: BenchOptions,
  open: Opener,
): Promise<WarmStart | undefined> {
  const { warmUp } = options
  // A fork of a process in a sandbox would see the files of that one.
  if (!warmUp || loaded.config.sandbox) return undefined
  const variants = known.get(warmUp) ?? new Map<string, Promise<Checkpoints>>()
  known.set(warmUp, variants)
  const variant = toKey({ ...loaded.config, seed: 0 })
  const making = variants.get(variant) ?? makeCheckpoints(warmUp, options, open)
  variants.set(variant, making)
  const checkpoints = await making
  return (name, settings) => checkpoints.get(name)?.fork(settings)
}

function toKey(what: object): string {
  return JSON.stringify(what, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

/** Makes copies that stand still until the worker ends; their bench stays open as long. */
async function makeCheckpoints(warmUp: WarmUp, options: BenchOptions, open: Opener): Promise<Checkpoints> {
  const bench = await open({ ...options, warmUp: undefined, trace: undefined, signal: undefined })
  await warmUp(bench)
  await bench.settle()
  const { directory, models } = bench.bridge
  directory.endWithUs()
  const made = models.running.map(async (model): Promise<[string, Checkpoint]> => {
    return [model.name, await makeCheckpoint(model, directory.path)]
  })
  return new Map(await Promise.all(made))
}
