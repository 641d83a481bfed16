/** What the tests of one worker share: models that have been set up already, and the names of places in host programs. */
import { Symbolizer } from '../access/symbols.js'
import type { LoadedConfig } from '../config/load-config.js'
import { makeCheckpoint, type Checkpoint } from '../model/checkpoint.js'
import type { WarmStart } from '../model/model-pool.js'
import { openBench, type BenchOptions } from './bench.js'

export const sharedSymbolizer = new Symbolizer()

type WarmUp = NonNullable<BenchOptions['warmUp']>
type Checkpoints = Map<string, Checkpoint>

const known = new WeakMap<WarmUp, Map<string, Promise<Checkpoints>>>()

/** Forks of the models that `warmUp` has set up, at the first call. Undefined without it: models start at their reset. */
export async function warmStartOf(loaded: LoadedConfig, options: BenchOptions): Promise<WarmStart | undefined> {
  const { warmUp } = options
  if (!warmUp) return undefined
  const variants = known.get(warmUp) ?? new Map<string, Promise<Checkpoints>>()
  known.set(warmUp, variants)
  const variant = toKey(loaded)
  const making = variants.get(variant) ?? makeCheckpoints(warmUp, options)
  variants.set(variant, making)
  const checkpoints = await making
  return (name, settings) => checkpoints.get(name)?.fork(settings)
}

/** What makes models differ; their seed is that of the checkpoint. */
function toKey({ config }: LoadedConfig): string {
  const toText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  return JSON.stringify({ ...config, seed: 0 }, toText)
}

/** They stand still until the worker ends; their bench stays open as long. */
async function makeCheckpoints(warmUp: WarmUp, options: BenchOptions): Promise<Checkpoints> {
  const bench = await openBench({ ...options, warmUp: undefined, trace: undefined, signal: undefined })
  await warmUp(bench)
  await bench.settle()
  const { directory, models } = bench.bridge
  const made = models.running.map(async (model): Promise<[string, Checkpoint]> => {
    return [model.name, await makeCheckpoint(model, directory.path)]
  })
  return new Map(await Promise.all(made))
}
