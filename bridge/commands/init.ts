/** `trapline init`: writes down what a run with the same flags would find by name. */
import { existsSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'
import { configNames } from '../config/file-names.js'
import { parseConfig } from '../config/load-config.js'
import { toQuickConfig, type QuickFlags } from '../config/quick-config.js'
import type { TraplineConfig } from '../config/schema.js'
import { toMessage, TraplineError } from '../errors.js'
import { log } from '../log.js'
import { describeModel } from '../verilate/describe-model.js'

export interface InitFlags extends Partial<QuickFlags> {
  output: string
}

export async function init(flags: InitFlags): Promise<number> {
  const file = flags.output
  const type = extname(file)
  if (type !== '.ts' && type !== '.json')
    throw new TraplineError('usage', `--output ${file}: it must end in .ts or .json, e.g. ${configNames[0]}`)
  if (existsSync(file))
    throw new TraplineError('usage', `${file} exists and is not overwritten; remove it, or choose another --output`)
  const config = await complete(toQuickConfig({ ...flags, rtl: flags.rtl ?? [] }))
  try {
    writeFileSync(file, type === '.json' ? toJson(config) + '\n' : toTypeScript(config), { flag: 'wx' })
  } catch (error) {
    throw new TraplineError('output', `${file} can't be written (${toMessage(error)})`, { cause: error })
  }
  log.info(`wrote ${file}; try \`trapline run -- PROGRAM\``)
  return 0
}

/** With clock, reset and ports as they were found. */
async function complete(quick: TraplineConfig): Promise<TraplineConfig> {
  const models = Object.entries(parseConfig('the command line', quick).models).map(async ([name, model]) => {
    const found = await describeModel(model, { configDir: process.cwd() })
    for (const note of [...found.notes, ...found.leftOut]) log.info(`${name}: ${note}`)
    const answered = Object.values(quick.models[name]?.ports ?? {})[0]
    const ports = found.ports.map((port) => [port.name, { protocol: port.protocol, ...answered }])
    const others = found.otherResets.length > 0 && { others: found.otherResets }
    const reset = found.reset ? { port: found.reset.port, active: found.reset.active, ...others } : model.reset
    const clock = found.otherClocks.length > 0 ? [found.clock, ...found.otherClocks] : found.clock
    const detail = { clock, ...(reset !== undefined && { reset }), ports: Object.fromEntries(ports) }
    return [name, { top: model.top, sources: model.sources, ...detail }] as const
  })
  return { ...quick, models: Object.fromEntries(await Promise.all(models)) }
}

function toJson(config: TraplineConfig): string {
  return JSON.stringify(config, undefined, 2)
}

/** Hex strings become numbers and keys lose their quotes, as one would write it by hand. */
function toTypeScript(config: TraplineConfig): string {
  const body = toJson(config)
    .replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:')
    .replace(/^(\s*(?:base|size): )"([\w]+)"/gm, '$1$2')
    .replace(/"([^"\\]*)"/g, "'$1'")
  return `import { defineConfig } from 'trapline'\n\nexport default defineConfig(${body})\n`
}
