/** What a simulation under cocotb is compiled from: every file by its name, each in a language of its simulator. */
import { resolve } from 'node:path'
import { stat } from 'node:fs/promises'
import type { CocotbConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { expandModel } from '../verilate/packages.js'
import type { DescribeOptions } from '../verilate/describe-model.js'
import { toVerilatorModel } from './cocotb-ports.js'
import { languageOf, simulators, type SimulatorName } from './simulators.js'

/** Throws one sentence where a source is missing, or is in a language that the simulator does not read. */
export async function expandCocotb(
  name: string,
  config: CocotbConfig,
  simulator: SimulatorName,
  options: DescribeOptions,
): Promise<CocotbConfig> {
  if (config.sources.length === 0)
    throw new TraplineError(
      'config',
      `models.${name}.sources is missing; name the files of ${config.top}, or reach a simulation that runs already ` +
        `by ` +
        `--join ${name}=SOCKET`,
    )
  const { sources, includeDirs, defines, parameters, native, verilatorArgs } = await expandModel(
    toVerilatorModel(config),
    options,
  )
  const [foreign] = [...native.sources, ...native.objects]
  if (foreign !== undefined)
    throw new TraplineError('config', `model ${name}: cocotb's runner takes no C and C++, and ${foreign} is some`)
  const read = simulators[simulator].reads
  for (const source of sources) {
    await checkFile(name, resolve(options.configDir, source))
    const language = languageOf(source)
    if (read.includes(language)) continue
    const others = Object.entries(simulators).filter(([, { reads }]) => reads.includes(language))
    throw new TraplineError(
      'config',
      `model ${name}: ${simulators[simulator].title} does not read ${language === 'vhdl' ? 'VHDL' : 'Verilog'}, and ` +
        `${source} is some; set models.${name}.simulator to one that does (${others.map(([key]) => key).join(', ')})`,
    )
  }
  return {
    ...config,
    sources,
    includeDirs,
    defines,
    parameters,
    buildArgs: [...toLibraries(verilatorArgs), ...config.buildArgs],
  }
}

async function checkFile(name: string, file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile())
    throw new TraplineError('build', `RTL file ${file} of model ${name} ${found ? 'is not a file' : 'does not exist'}`)
}

/** What file lists say of libraries, which all simulators call the same. */
function toLibraries(args: string[]): string[] {
  return args.flatMap((arg, i) => (['-y', '-v'].includes(args[i - 1] ?? '') ? [args[i - 1] as string, arg] : []))
}

/** Absolute, as every working directory sees them. */
export function toAbsolute(configDir: string, names: string[]): string[] {
  return names.map((one) => resolve(configDir, one))
}
