/** `trapline build`: builds all models of a configuration into the cache. */
import { memoriesOf } from '../map/address-map.js'
import type { LoadedConfig } from '../config/load-config.js'
import { log } from '../ground/log.js'
import { buildCocotb } from '../cocotb/build-cocotb.js'
import { buildModel, type BuiltModel } from '../verilate/build-model.js'
import { inTemporaryFolder } from '../run/temporary-folder.js'
import { catchSignals } from '../ground/interruption.js'
import { cacheDirectory } from '../ground/paths.js'
import { toVisible } from '../ground/visible.js'
import type { ConfigFlags } from './flags.js'
import { toConfig } from './to-config.js'

export interface BuildFlags extends ConfigFlags {
  trace?: boolean
}

export async function build(flags: BuildFlags): Promise<number> {
  const loaded = await toConfig(flags)
  using interruption = catchSignals()
  await inTemporaryFolder((folder) => buildAll(flags, loaded, { temporaryDir: folder, signal: interruption.abort }))
  return 0
}

async function buildAll(
  flags: BuildFlags,
  { config, directory }: LoadedConfig,
  own: { temporaryDir: string; signal: AbortSignal },
): Promise<void> {
  const buildOne = (name: string, onProgress: (line: string) => void) => {
    const model = config.models[name]
    if (!model) throw new Error(`model ${name} left the configuration`)
    const trace = flags.trace ?? false
    const memories = memoriesOf(config, name)
    const options = {
      name,
      configDir: directory,
      memories,
      trace,
      cacheDir: cacheDirectory(),
      ...own,
    }
    return model.kind === 'cocotb'
      ? buildCocotb(model, { ...options, onProgress })
      : buildModel(model, { ...options, onProgress })
  }
  const names = Object.keys(config.models)
  await (process.stdout.isTTY ? buildAsList(names, buildOne) : buildAsLines(names, buildOne))
}

type BuildOne = (name: string, onProgress: (line: string) => void) => Promise<BuiltModel>

async function buildAsList(names: string[], buildOne: BuildOne): Promise<void> {
  const tasks = names.map((name) => ({
    title: toVisible(name),
    task: async (_context: unknown, task: { output: string; title: string }) => {
      task.title = toVisible(describe(name, await buildOne(name, (line) => (task.output = toVisible(line)))))
    },
  }))
  const { Listr } = await import('listr2')
  await new Listr(tasks).run()
}

async function buildAsLines(names: string[], buildOne: BuildOne): Promise<void> {
  for (const name of names) {
    log.info(`building model ${name}`)
    log.info(describe(name, await buildOne(name, (line) => log.debug(`${name}: ${line}`))))
  }
}

function describe(name: string, built: BuiltModel): string {
  // A test bench of cocotb that names its own ports leaves nothing to tell.
  const notes = [...built.notes, ...built.leftOut].join(', ')
  return `model ${name} ${built.cached ? 'is in the cache' : 'was built'}${notes && `: ${notes}`}`
}
