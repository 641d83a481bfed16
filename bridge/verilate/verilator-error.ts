/** Turns what Verilator printed into one sentence that names the place and the way out. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ModelConfig } from '../config/schema.js'
import { editDistance } from '../ground/edit-distance.js'
import { TraplineError } from '../ground/errors.js'
import { harnessTop } from './harness.js'
import { toBlockSentence } from './hierarchical.js'
import { missingModules, toMissingSentence } from './missing-modules.js'
import type { Tool } from './toolchain.js'
import { modulesIn } from './verilog-text.js'
import { crashOf, offerOfNewer, toCrashSentence } from './verilator-crash.js'

/** `%Error-CODE: file:line:column: message`; "Exiting due to" has no place. */
const placedError = /^%Error(?:-\w+)?: (Internal Error: )?(?:(.+?):(\d+):(\d+): )?(.*)$/gm

interface PlacedError {
  /** An assertion of Verilator's own code, not a word about the RTL. */
  isInternal: boolean
  file: string | undefined
  line: number
  column: number
  message: string
}

/** The first that names a place in the RTL, for what else is printed follows from it; else the first. */
function firstError(output: string): PlacedError | undefined {
  const errors = Array.from(output.matchAll(placedError), ([, internal, file, line, column, message = '']) => ({
    ...{ isInternal: internal !== undefined, file, line: Number(line), column: Number(column), message },
  }))
  const [first] = errors
  if (first?.file !== undefined) return first
  return errors.find(({ isInternal }) => isInternal) ?? first
}

/** @param run where Verilator ran, which is where relative file names start, and where its whole output lies */
export async function toVerilatorError(
  config: ModelConfig,
  output: string,
  run: { cwd: string; log: string; verilator: Tool },
): Promise<TraplineError> {
  const ofBlocks = toBlockSentence(config, output)
  const offer = ofBlocks ? '' : offerOfNewer(output, run.verilator)
  const sentence = ofBlocks ?? (await toVerilatorSentence(config, output, run.cwd))
  return new TraplineError('build', `${sentence}${offer} (its whole output: ${run.log})`)
}

async function toVerilatorSentence(config: ModelConfig, output: string, directory: string): Promise<string> {
  const error = firstError(output)
  const says = error !== undefined && (error.file !== undefined || error.isInternal)
  const crash = says ? undefined : crashOf(output)
  if (crash) return toCrashSentence(config.top, crash)
  return error
    ? await toSentence(config, output, error, directory)
    : `Verilator failed on ${config.top} without saying why`
}

async function toSentence(
  { top, sources }: ModelConfig,
  output: string,
  error: PlacedError,
  directory: string,
): Promise<string> {
  const { message } = error
  const [, parameter] = /Parameter (?:pin )?not found: '(.+?)'/.exec(message) ?? []
  if (parameter) return `${top} has no parameter ${parameter}; the key "parameters" names one that is not in the RTL`
  const place = error.file === undefined ? '' : ` at ${error.file}:${error.line}`
  // The second: a file of that name was found, and has other modules.
  const [, missing] =
    /(?:Cannot find file containing module|Can't resolve module reference): '?([^']+)'?/.exec(message) ?? []
  if (missing === top) return await toTopSentence(top, sources, directory)
  if (missing) return toMissingSentence(top, missingModules(output))
  const [, included] = /Cannot find include file: '?([^']+)'?/.exec(message) ?? []
  if (included)
    return (
      `${top} includes ${included}${place}, which is not beside that file and in no folder of includeDirs; ` +
      `name its folder there (--include)`
    )
  if (/[Ii]nterface.*(not found|not connected)|[Ii]nterfaced? port/.test(message)) {
    return (
      `${top} has the interface port ${await portAt(error, directory)}, whose signals can't be told, as it ` +
      `has no modport, is an array or comes from a macro; wrap it in a module that has plain vectors`
    )
  }
  const [, unset] = /^Parameter without (?:initial|default) value is never given value.*?: '(.+?)'/.exec(message) ?? []
  if (unset)
    return (
      `a parameter of ${top} or of an interface port of it has no value: ${unset}; set it by the key ` +
      `"parameters", as in { ${unset}: 32 } or { 'port.${unset}': 32 }`
    )
  const [, memory] = /^Can't find definition of '(.+?)' in dotted (?:scope|variable)/.exec(message) ?? []
  if (memory && error.file?.endsWith(`${harnessTop}.sv`))
    return `${top} has no memory that ends in ${memory}; the key "backdoor" of a device must name one below ${top}`
  const [, struct] = /^Unsupported: Block(?:ed|ing) and non-blocking .*'.*\bmember__(\w+)'$/.exec(message) ?? []
  if (struct)
    return (
      `port ${struct} of ${top} is a struct of which some members are assigned at clock edges and others ` +
      `not, which this Verilator refuses; assign all alike`
    )
  if (error.isInternal)
    return (
      `Verilator failed on ${top}${place} by an error of its own: ${message}; write that line otherwise, ` +
      `or try a newer Verilator`
    )
  return `Verilator refused ${top}${place}: ${message}`
}

/** The port's name as the source has it at the error's place: `bus_if.device bus`, or since 5.03x `bus` alone. */
async function portAt({ file, line, column }: PlacedError, directory: string): Promise<string> {
  const source = await readFile(resolve(directory, file ?? ''), 'utf8').catch(() => '')
  const text = source.split('\n')[line - 1]?.slice(column - 1) ?? ''
  return /^[\w.:]+\s+(\w+)/.exec(text)?.[1] ?? /^\w+/.exec(text)?.[0] ?? `of ${file ?? 'the RTL'}:${line}`
}

/** The modules that there are, those with the most similar names first. */
async function toTopSentence(top: string, sources: string[], directory: string): Promise<string> {
  const texts = await Promise.all(sources.map((file) => readFile(resolve(directory, file), 'latin1').catch(() => '')))
  const named = new Set(texts.flatMap(modulesIn))
  const nearest = [...named].sort((a, b) => editDistance(a, top) - editDistance(b, top))
  const [shown, others] = [nearest.slice(0, mostNamed).join(', '), nearest.length - mostNamed]
  const all = others > 0 ? `${shown} and ${others} more` : shown
  const there = all === '' ? 'one of theirs' : `one of theirs: ${all}`
  return `none of the sources has a module ${top}; "top" (--top) must name ${there}`
}

const mostNamed = 8
