/**
 * Models are built before the clock of the test starts that needs them first: a compiler takes longer than tests may.
 * How long that took is told to the reporter, for it is no time of the test.
 */
import { beforeEach, type RunnerTask } from 'vitest'
import { buildCocotb } from '../cocotb/build-cocotb.js'
import { usedModels } from '../config/used-models.js'
import { cacheDirectory } from '../ground/paths.js'
import { memoriesOf } from '../map/address-map.js'
import { watchBuilds } from '../model/build-watch.js'
import { inTemporaryFolder } from '../run/temporary-folder.js'
import { countsCoverage, toLoadedConfig, type BenchSetup } from './setup.js'
import { workerEnd } from './worker-end.js'
import { buildOncePerWorker } from './worker-memory.js'

declare module 'vitest' {
  interface TaskMeta {
    /** Milliseconds of the hooks of a test in which models were built. */
    traplineBuildMs?: number
  }
}

const untimed = 0

/** For all tests of the file that imports this; `setup` is that of the test, absent in tests that have no benches. */
export function buildAheadOfTests(): void {
  beforeEach<{ setup?: BenchSetup }>(async ({ setup, task }) => {
    if (setup !== undefined) await buildAhead(setup, task)
  }, untimed)
}

/** What can't be built is the test's own failure, in the words in which its bench says it. */
async function buildAhead(setup: BenchSetup, { meta }: RunnerTask): Promise<void> {
  const startedAtMs = performance.now()
  await inTemporaryFolder((folder) => buildModels(setup, folder)).catch(() => undefined)
  meta.traplineBuildMs = (meta.traplineBuildMs ?? 0) + performance.now() - startedAtMs
}

async function buildModels(setup: BenchSetup, temporaryDir: string): Promise<void> {
  const { config, directory: configDir } = await toLoadedConfig(setup)
  const builds = watchBuilds()
  for (const name of usedModels(config)) {
    const model = config.models[name]
    if (model === undefined) continue
    const options = {
      ...{ name, configDir, temporaryDir },
      memories: memoriesOf(config, name),
      trace: setup.trace !== undefined,
      coverage: countsCoverage(setup),
      cacheDir: cacheDirectory(),
      signal: workerEnd(),
      onProgress: (line: string) => builds.onProgress(name, line),
    }
    await (model.kind === 'cocotb' ? buildCocotb(model, options) : buildOncePerWorker(model, options))
  }
}
