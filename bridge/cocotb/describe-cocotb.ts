/** Finds the ports of a simulation under cocotb: by Verilator's netlist where it can read the RTL, else by name. */
import { resolve } from 'node:path'
import type { CocotbConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { cacheDirectory } from '../ground/paths.js'
import type { Dependencies } from '../verilate/dependencies.js'
import { describeProbe, probeRtl, type DescribeOptions } from '../verilate/describe-model.js'
import { findTools, type Tool, toTool } from '../verilate/toolchain.js'
import { type CocotbPorts, fromDescription, fromNames, isNamed, toVerilatorModel } from './cocotb-ports.js'
import type { Python } from './python.js'
import { languageOf } from './simulators.js'

export interface CocotbDescription {
  found: CocotbPorts
  /** Those of the configuration, and folders of sources in which an included file had to be looked for. */
  includeDirs: string[]
  /** What Verilator read; absent where it did not look. */
  dependencies?: Dependencies
}

/** @param config with its sources expanded */
export async function describeCocotb(
  name: string,
  config: CocotbConfig,
  options: DescribeOptions & { python?: Python | undefined },
): Promise<CocotbDescription> {
  const byName = (why: string) => ({ found: fromNames(name, config, why), includeDirs: config.includeDirs })
  if (config.sources.length === 0) return byName('has no sources here')
  if (config.sources.some((source) => languageOf(source) === 'vhdl')) return byName('is VHDL')
  if (isNamed(config)) return byName('has ports by name')
  const verilator = await findVerilator(options)
  if (!verilator) return byName('can be looked into by Verilator alone, which is not installed')
  const model = toVerilatorModel(config)
  try {
    const probe = await probeRtl(model, verilator, options)
    const found = fromDescription(config, describeProbe(model, probe))
    return { found, includeDirs: probe.includeDirs, dependencies: probe.dependencies }
  } catch (error) {
    if (!(error instanceof TraplineError)) throw error
    const wayOut =
      `or name what is driven, which only ${config.simulator ?? 'the simulator'} then has to read ` +
      `(models.${name}.ports.PREFIX.dataWidth)`
    throw new TraplineError(error.code, `${error.message}; ${wayOut}`, { cause: error })
  }
}

/** That of PATH or of the build cache, else the wheel beside cocotb. */
async function findVerilator({ python, cacheDir, signal }: DescribeOptions & { python?: Python | undefined }) {
  const cache = cacheDir ?? cacheDirectory()
  try {
    return (await findTools(['verilator'], cache, signal))[0] as Tool
  } catch {
    signal?.throwIfAborted()
    if (!python?.verilatorWheel) return undefined
    const path = resolve(python.verilatorWheel, 'verilator')
    return await toTool({ name: 'verilator', path, environment: { VERILATOR_ROOT: undefined } }, cache, signal)
  }
}
