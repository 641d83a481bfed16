/**
 * Finds and reads the configuration file and lays the overrides of the command line over it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { speakingAs } from '../ground/authored-output.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { importAuthored } from '../ground/import-authored.js'
import { toConfigError } from './config-error.js'
import { configNames } from './file-names.js'
import { applyOverrides, type Overrides } from './overrides.js'
import { configSchema, type Config } from './schema.js'

export interface LoadedConfig {
  config: Config
  /** Relative paths start here. */
  directory: string
  /** What to call it in messages. */
  source: string
}

/** Reads the named file, else the one in the current directory. */
export async function loadConfig(path: string | undefined, overrides: Overrides): Promise<LoadedConfig> {
  const file = resolve(path ?? findConfig())
  if (!existsSync(file)) throw new TraplineError('config', `configuration file ${file} does not exist`)
  const input = await readInput(file)
  const config = applyOverrides(parseConfig(file, input), overrides)
  return { config, directory: dirname(file), source: file }
}

/** Checks an object against the schema. Throws one sentence about the first problem. */
export function parseConfig(file: string, input: unknown): Config {
  // Code made for the schema would pay only if many configurations were read.
  const result = configSchema.safeParse(input, { jitless: true })
  if (result.success) return result.data
  throw toConfigError(file, result.error, input)
}

function findConfig(): string {
  const found = configNames.find((name) => existsSync(name))
  if (found) return found
  throw new TraplineError(
    'config',
    `there is no ${configNames.join(' or ')} in ${process.cwd()}; name one with --config, make one with ` +
      '`trapline init`, or do without by --rtl, --top and --map',
  )
}

async function readInput(file: string): Promise<unknown> {
  try {
    if (extname(file) === '.json') return JSON.parse(readFileSync(file, 'utf8'))
    return await speakingAs(basename(file), () => importAuthored(file))
  } catch (error) {
    const problem = toMessage(error).split('\n')[0]
    throw new TraplineError('config', `${file} can't be read: ${problem}`, { cause: error })
  }
}
