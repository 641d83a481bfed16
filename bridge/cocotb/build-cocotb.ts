/**
 * Makes a simulation of RTL that cocotb can run: finds Python, simulator and ports, then compiles, by cocotb's own
 * runner. A simulation that stands in the cache costs no compiler.
 */
import { readdir, stat, writeFile } from 'node:fs/promises'
import { basename, delimiter, dirname, extname, join, resolve } from 'node:path'
import { defaultPeriodPs, type CocotbConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import type { BuildOptions, BuiltModel } from '../verilate/build-model.js'
import { digestOf, digestOfFile, guardWrites, writeAtomically } from '../verilate/cache-files.js'
import { missingCompression } from '../verilate/missing-compression.js'
import { buildOnce, isBuilt, placeOf } from '../verilate/model-cache.js'
import { findIn, runTool } from '../verilate/toolchain.js'
import { toParameterValue } from '../verilate/verilog-text.js'
import { expandCocotb, toAbsolute } from './cocotb-sources.js'
import type { CocotbPorts } from './cocotb-ports.js'
import { toBuildSentence } from './build-words.js'
import { checkVerilator } from './check-verilator.js'
import { describeCocotb, type CocotbDescription } from './describe-cocotb.js'
import { findPython, type Python } from './python.js'
import { type Language, type Simulator, type SimulatorName, simulators, topLanguage } from './simulators.js'

/** What starts it, beside what all models have. */
export interface CocotbRun {
  simulator: SimulatorName
  python: Python
  language: Language
  /** Holds what the simulator's compiler made. */
  buildDir: string
  /** As the runner takes them. */
  parameters: Record<string, string>
  buildArgs: string[]
  testArgs: string[]
  /** The module with the test, and the folders in which it is looked for. */
  module: string
  path: string[]
  test: string | undefined
}

export interface BuiltCocotb extends BuiltModel {
  cocotb: CocotbPorts & {
    top: string
    /** Its test bench is Trapline's own. */
    isOwnBench: boolean
    /** Absent where it runs already. */
    run?: CocotbRun
  }
}

export function isCocotb(built: BuiltModel): built is BuiltCocotb {
  return 'cocotb' in built
}

/** The module with the test of whoever names none. */
export const ownBench = 'trapline.testbench'

export async function buildCocotb(given: CocotbConfig, options: BuildOptions): Promise<BuiltCocotb> {
  const { name, configDir, signal, trace, cacheDir } = options
  const simulator = chooseSimulator(name, given)
  checkWishes(name, simulator, options)
  const config = await expandCocotb(name, given, simulator, options)
  const bench = await findBench(name, config, configDir)
  const python = await findPython(config, options)
  const command = await findSimulator(name, simulator, python)
  if (simulator === 'verilator') await checkVerilator(command, python)
  const description = await describeCocotb(name, config, { ...options, python })
  const language = topLanguage(config.sources)
  const spec = {
    ...{ simulator, top: config.top, language, waves: trace },
    sources: toAbsolute(configDir, config.sources),
    includes: toIncludes(config, description, configDir),
    defines: toDefines(config),
    parameters: toParameters(config, language),
    buildArgs: config.buildArgs,
  }
  const hash = digestOf([
    ...['cocotb-1', await stampOf(command), python.cocotb, python.libraries, JSON.stringify(spec)],
    JSON.stringify(await digestSources(spec.sources, description, spec.includes, configDir)),
  ])
  const place = placeOf(cacheDir, hash)
  const buildDir = join(place.directory, 'build')
  const cached =
    (await isBuilt(place)) || !(await buildOnce(place, signal, () => compile({ ...spec, buildDir }, python, options)))
  const run: CocotbRun = {
    ...{ simulator, python, language, buildDir, parameters: spec.parameters, ...bench },
    ...{ buildArgs: config.buildArgs, testArgs: config.testArgs, test: config.test },
  }
  return toBuilt(config, description, { run, place: place.directory, hash, trace, cached })
}

/** One that runs already: only its ports are looked for. */
export async function describeJoined(given: CocotbConfig, options: BuildOptions): Promise<BuiltCocotb> {
  const { name, trace } = options
  if (trace)
    throw new TraplineError('config', `model ${name} runs already, so it writes no waveform for --trace; leave one out`)
  // Whoever started it has the test bench, and the simulator, of whatever kind.
  const known = { ...given, python: given.python ?? '' }
  const simulator = given.simulator ?? 'questa'
  const config = given.sources.length === 0 ? known : await expandCocotb(name, known, simulator, options)
  const description = await describeCocotb(name, config, options)
  return toBuilt(config, description, { place: '', hash: '', trace: false, cached: true })
}

function chooseSimulator(name: string, { simulator }: CocotbConfig): SimulatorName {
  if (simulator) return simulator
  throw new TraplineError(
    'config',
    `models.${name}.simulator is missing; it must be one of ${Object.keys(simulators).join(', ')}`,
  )
}

/** What a simulation under cocotb can't do, before anything is built. */
function checkWishes(name: string, simulator: SimulatorName, { trace, coverage }: BuildOptions): void {
  const { title, writesWaves } = simulators[simulator]
  const capable = Object.entries(simulators).filter(([, other]) => other.writesWaves)
  if (trace && !writesWaves)
    throw new TraplineError(
      'config',
      `model ${name}: under cocotb ${title} writes no waveform for --trace; go without, let it write one of its own ` +
        `(models.${name}.testArgs), or use one of ${capable.map(([key]) => key).join(', ')}`,
    )
  if (coverage)
    throw new TraplineError(
      'config',
      `model ${name} runs under cocotb, where --coverage counts nothing; go without, or let ${title} count by itself ` +
        `(models.${name}.buildArgs)`,
    )
}

async function findBench(
  name: string,
  { python, inputs }: CocotbConfig,
  configDir: string,
): Promise<Pick<CocotbRun, 'module' | 'path'>> {
  if (python === undefined) return { module: ownBench, path: [] }
  const [held] = Object.keys(inputs)
  if (held !== undefined)
    throw new TraplineError(
      'config',
      `models.${name}.inputs: ${held} is an input that its own test bench drives (models.${name}.python); say its ` +
        'value there, and leave it out here',
    )
  const file = resolve(configDir, python)
  const module = basename(file, '.py')
  if (extname(file) !== '.py' || !/^[A-Za-z_]\w*$/.test(module))
    throw new TraplineError('config', `models.${name}.python: ${file} can't be imported; name a file such as bench.py`)
  if (!(await stat(file).catch(() => undefined))?.isFile())
    throw new TraplineError('config', `models.${name}.python: ${file} does not exist`)
  return { module, path: [dirname(file)] }
}

async function findSimulator(name: string, simulator: SimulatorName, python: Python): Promise<string> {
  const { command, title, remedy }: Simulator = simulators[simulator]
  const found = await findIn(command, (python.environment.PATH ?? '').split(delimiter))
  if (found !== undefined) return found
  throw new TraplineError('build', `model ${name} runs in ${title}, and there is no ${command} on PATH; ${remedy}`)
}

/**
 * Not every simulator looks for an included file beside the one that includes it, as Verilator was asked to; so the
 * folders in which there are some come last.
 */
function toIncludes({ sources }: CocotbConfig, { includeDirs, dependencies }: CocotbDescription, configDir: string) {
  const beside = [...sources, ...Object.keys(dependencies?.present ?? {})].map((file) => dirname(file))
  return [...new Set(toAbsolute(configDir, [...includeDirs, ...beside]))]
}

/** Of a program that need not be asked: it is another one once any of these has changed. */
async function stampOf(command: string): Promise<string> {
  const { mtimeMs, size } = await stat(command)
  return `${command} ${mtimeMs} ${size}`
}

/** Values as they are written in Verilog; VHDL has them without a macro's. */
function toDefines({ defines }: CocotbConfig): Record<string, string> {
  const set = Object.entries(defines).filter(([, value]) => value !== false)
  return Object.fromEntries(set.map(([name, value]) => [name, value === true ? '1' : String(value)]))
}

function toParameters({ parameters }: CocotbConfig, language: Language): Record<string, string> {
  const toText = (value: number | boolean | string) =>
    language === 'verilog' ? toParameterValue(value) : String(value)
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, toText(value)]))
}

/** What Verilator has read, or where it has not looked, the sources and all that they might include. */
async function digestSources(
  sources: string[],
  { dependencies }: CocotbDescription,
  includes: string[],
  configDir: string,
): Promise<Record<string, string>> {
  const own = dependencies ? Object.keys(dependencies.present).map((file) => resolve(configDir, file)) : []
  const included = dependencies ? [] : (await Promise.all(includes.map(filesOf))).flat()
  const digests: Record<string, string> = {}
  for (const file of new Set([...sources, ...own, ...included])) digests[file] = (await digestOfFile(file)) ?? ''
  return digests
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map(({ name }) => join(folder, name))
}

/** As `simulate.py` takes it. */
interface BuildSpec {
  simulator: SimulatorName
  top: string
  buildDir: string
  sources: string[]
}

async function compile(spec: BuildSpec, python: Python, options: BuildOptions): Promise<void> {
  const { configDir, signal, temporaryDir, cacheDir, onProgress } = options
  const file = join(dirname(spec.buildDir), 'spec.json')
  await guardWrites(file, () => writeFile(file, JSON.stringify(spec)))
  onProgress?.(`compiling ${spec.top} with ${simulators[spec.simulator].title}`)
  const tool = { path: python.program, environment: python.environment }
  const run = { cwd: configDir, signal, temporaryDir }
  const { ok, output } = await runTool(tool, ['-m', 'trapline.simulate', 'build', file], run)
  if (ok) return
  const log = join(cacheDir, 'logs', `${spec.top}-${digestOf([spec.buildDir]).slice(0, 16)}.log`)
  await writeAtomically(log, output)
  throw new TraplineError(
    'build',
    `${missingCompression(output) ?? toBuildSentence(spec, output)} (its whole output: ${log})`,
  )
}

interface Made {
  run?: CocotbRun
  place: string
  hash: string
  trace: boolean
  cached: boolean
}

function toBuilt(config: CocotbConfig, { found }: CocotbDescription, { run, place, ...rest }: Made): BuiltCocotb {
  const { clock, reset, ports, managers, interrupts = [], furtherClocks, notes, leftOut, heldClocks } = found
  return {
    ...rest,
    executable: run?.python.program ?? '',
    directory: place,
    ports: ports.map(({ name, protocol, addressWidth, dataWidth }) => ({ name, protocol, addressWidth, dataWidth })),
    managers: managers.map(({ name }) => name),
    streams: [],
    interrupts,
    memories: [],
    clock: { port: clock?.port ?? '', periodPs: clock?.periodPs ?? defaultPeriodPs },
    furtherClocks: furtherClocks.map(({ periodPs, phasePs, reset: own }) => ({
      ...{ periodPs, phasePs },
      resetCycles: own?.cycles ?? 0,
    })),
    resetCycles: reset?.cycles,
    ...{ notes, leftOut, heldClocks },
    cocotb: { ...found, top: config.top, isOwnBench: config.python === undefined, ...(run && { run }) },
  }
}
