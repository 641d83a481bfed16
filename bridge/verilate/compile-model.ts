/** Runs the compilers for one model: Verilator on RTL and harness, then make on what it wrote (hdl/sim/model.mk). */
import { appendFile, readdir, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { missingPackage, toInstallWords } from '../ground/debian-packages.js'
import { TraplineError } from '../ground/errors.js'
import { plainPackageDirectory } from '../ground/paths.js'
import { checkRoom, fullDisk, guardWrites } from './cache-files.js'
import { harnessTop } from './harness.js'
import { isHierarchical } from './hierarchical.js'
import type { ModelPlace } from './model-cache.js'
import type { ExpandedModel } from './expanded-model.js'
import { missingCompression } from './missing-compression.js'
import { toNativeSentence, writeNativeUnits } from './native-code.js'
import { bfmDirectory, rtlArguments } from './read-netlist.js'
import { withRuntime, type RuntimePlace } from './shared-runtime.js'
import { runTool, type Tool } from './toolchain.js'
import { offerOfNewer, structFailure } from './verilator-crash.js'
import { toVerilatorError } from './verilator-error.js'

export interface Toolchain {
  verilator: Tool
  compiler: Tool
  make: Tool
}

export interface CompileOptions {
  /** Key of the model in the configuration. */
  name: string
  configDir: string
  trace: boolean
  coverage: boolean
  onProgress?: ((line: string) => void) | undefined
  temporaryDir?: string | undefined
  signal?: AbortSignal | undefined
  tools: Toolchain
  /** Text of the generated top. */
  harness: string
  place: ModelPlace
  /** Objects that all models of these tools share. */
  runtime: RuntimePlace
}

export async function compileModel(config: ExpandedModel, options: CompileOptions): Promise<void> {
  const { place, onProgress } = options
  const startedAtMs = performance.now()
  const files = {
    top: join(place.directory, `${harnessTop}.sv`),
    objects: join(place.directory, 'obj'),
    log: join(place.directory, 'build.log'),
  }
  await guardWrites(place.directory, () => writeFile(files.top, options.harness))
  onProgress?.(`1 of 3: translating ${config.top} to C++`)
  await verilate(config, options, files)
  await guardWrites(files.objects, () => writeNativeUnits(config, options.configDir, files.objects))
  await compile(config, options, files)
  onProgress?.(`built in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`)
  await rm(files.objects, { recursive: true })
}

interface BuildFiles {
  top: string
  objects: string
  log: string
}

async function verilate(
  config: ModelConfig,
  options: CompileOptions,
  { top, objects, log }: BuildFiles,
): Promise<void> {
  const { configDir, signal, temporaryDir } = options
  const run = { cwd: configDir, signal, temporaryDir }
  const args = [
    ...['--cc', '--top-module', harnessTop, '--prefix', `V${harnessTop}`, '-Mdir', objects, '-O3'],
    ...['--assert', '--x-assign', 'unique', '--x-initial', 'unique'],
    // A memory is written byte by byte in a loop, which Verilator 5.006 must unroll: 128 bytes of the widest bus word.
    ...['--unroll-count', '128'],
    ...(options.trace ? ['--trace-fst'] : []),
    // Edges that are nearer to each other than the RTL's own precision would fall on one point of the waveform.
    ...(Object.keys(config.clocks).length > 0 ? ['--timescale-override', '/1ps'] : []),
    ...(options.coverage ? ['--coverage'] : []),
    ...rtlArguments(config),
    ...(isHierarchical(config) ? ['--hierarchical'] : []),
    ...(await bfmSources()),
    ...config.sources,
    top,
  ]
  const { ok, output } = await runTool(options.tools.verilator, args, run)
  await keepOutput(log, output)
  if (ok) return
  await checkRoom([options.place.directory, temporaryDir])
  throw await toVerilatorError(config, output, { ...run, log, verilator: options.tools.verilator })
}

/** The package first: Verilator reads in order. */
async function bfmSources(): Promise<string[]> {
  const directory = bfmDirectory()
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sv'))
  const isPackage = (file: string) => file.endsWith('_pkg.sv')
  return [...files.filter(isPackage), ...files.filter((file) => !isPackage(file)).sort()].map((file) =>
    join(directory, file),
  )
}

async function compile(config: ExpandedModel, options: CompileOptions, { objects, log }: BuildFiles): Promise<void> {
  const house = plainPackageDirectory()
  const variables = {
    VERILATOR: options.tools.verilator.path,
    OBJ_DIR: objects,
    RUNTIME_DIR: options.runtime.directory,
    PROTO_DIR: join(house, 'proto'),
    TRACE: options.trace ? '1' : '0',
    COVERAGE: options.coverage ? '1' : '0',
    OUT: options.place.executable,
    JOBS: String(availableParallelism()),
  }
  const settings = Object.entries(variables).map(([key, value]) => `${key}=${value}`)
  const args = ['-f', join(house, 'hdl', 'sim', 'model.mk'), ...settings]
  const { make, verilator } = options.tools
  const { signal, temporaryDir } = options
  const run = { cwd: house, env: verilator.environment, signal, temporaryDir }
  const makeTarget = async (target: string) => {
    const { ok, output } = await runTool(make, [...args, target], run)
    await keepOutput(log, output)
    if (!ok) throw await toMakeError(config, output, { ...options, log, objects })
  }
  await withRuntime(options.runtime, signal, () => {
    options.onProgress?.('2 of 3: objects that all models share')
    return makeTarget('runtime')
  })
  options.onProgress?.(`3 of 3: compiling ${config.top}`)
  await makeTarget('model')
}

async function toMakeError(
  config: ExpandedModel,
  output: string,
  { place, temporaryDir, configDir, tools, log, objects }: CompileOptions & { log: string; objects: string },
): Promise<TraplineError> {
  await checkRoom([place.directory, temporaryDir])
  const native = await toNativeSentence(config, output, { configDir, objects })
  const compression = missingCompression(output)
  if (compression !== undefined) return new TraplineError('build', compression)
  const missing = native ? undefined : missingPackage(output)
  if (missing)
    return new TraplineError(
      'build',
      `${missing.command ?? missing.header} is not installed, without which ${config.top} can't be built; ` +
        `${toInstallWords(missing.name)} (its whole output: ${log})`,
    )
  if (native) return new TraplineError('build', `${native} (its whole output: ${log})`)
  const [, reason] = /(?:error|Error): (.*)$/m.exec(output) ?? []
  const sentence =
    structFailure(config.top, output) ?? `the C++ of ${config.top} did not compile: ${reason ?? 'make failed'}`
  return new TraplineError('build', `${sentence}${offerOfNewer(output, tools.verilator)} (its whole output: ${log})`)
}

async function keepOutput(log: string, output: string): Promise<void> {
  await guardWrites(log, () => appendFile(log, output))
  if (/No space left on device/.test(output)) throw fullDisk(log)
}
