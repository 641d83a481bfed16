/** `trapline init`: writes down what a run with the same flags would find by name. */
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import type { ClockDomain, ResetPort } from '../rtl/clock-domains.js'
import { configNames } from '../config/file-names.js'
import { parseConfig } from '../config/load-config.js'
import { applyOverrides } from '../config/overrides.js'
import { type QuickConfig, toQuickConfig, type QuickFlags } from '../config/quick-config.js'
import { defaultPeriodPs, type ModelConfig, type TraplineConfig, type VerilatorInput } from '../config/schema.js'
import { verilatorModels } from '../config/used-models.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { log } from '../ground/log.js'
import { withTop } from './quick-top.js'
import { inTemporaryFolder } from '../run/temporary-folder.js'
import { describeModel } from '../verilate/describe-model.js'
import { moveModel } from '../verilate/move-model.js'

export interface InitFlags extends Partial<QuickFlags> {
  output: string
  set?: string[]
}

export async function init(flags: InitFlags): Promise<number> {
  const file = flags.output
  const type = extname(file)
  if (type !== '.ts' && type !== '.json')
    throw new TraplineError('usage', `--output ${file}: it must end in .ts or .json, e.g. ${configNames[0]}`)
  if (existsSync(file))
    throw new TraplineError('usage', `${file} exists and is not overwritten; remove it, or choose another --output`)
  const quick = toQuickConfig(await withTop({ ...flags, rtl: flags.rtl ?? [] }))
  const config = await complete(quick, flags, dirname(resolve(file)))
  try {
    writeFileSync(file, type === '.json' ? toJson(config) + '\n' : toTypeScript(config), { flag: 'wx' })
  } catch (error) {
    throw new TraplineError('output', `${file} can't be written (${toMessage(error)})`, { cause: error })
  }
  log.info(`wrote ${file}; try \`trapline run -- PROGRAM\``)
  return 0
}

/** The model with clock, reset and ports as they were found, for a file in `folder`. */
async function complete(quick: QuickConfig, { set }: InitFlags, folder: string): Promise<TraplineConfig> {
  const parsed = applyOverrides(parseConfig('the command line', quick), set ? { set } : {})
  const models = Object.entries(verilatorModels(parsed.models)).map(async ([name, model]) => {
    const found = await inTemporaryFolder((temporaryDir) =>
      describeModel(model, { configDir: process.cwd(), temporaryDir }),
    )
    for (const note of [...found.notes, ...found.leftOut]) log.info(`${name}: ${note}`)
    const answered = Object.values(quick.models[name]?.ports ?? {})[0]
    const ports = found.ports.map((port) => [port.name, { ...answered, protocol: port.protocol }])
    const loopback = quick.models[name]?.loopback && { loopback: quick.models[name].loopback }
    const [own, ...further] = found.domains
    const reset = toResets(own.resets) ?? model.reset
    const [port, ...more] = own.clocks
    const clock =
      model.clock && model.clock.periodPs !== defaultPeriodPs
        ? { port, ...(more.length > 0 && { others: more }), periodPs: model.clock.periodPs }
        : more.length > 0
          ? own.clocks
          : port
    const clocks = Object.fromEntries(further.map((domain) => [domain.clocks[0], toClock(domain, model)]))
    const detail = {
      clock,
      ...(further.length > 0 && { clocks }),
      ...(reset !== undefined && { reset }),
      ports: Object.fromEntries(ports),
      ...loopback,
    }
    const { inputs } = quick.models[name] ?? {}
    const said = { ...toSaidKeys(model, folder), ...(inputs && { inputs }) }
    return [name, { top: model.top, ...said, ...detail }] as const
  })
  return { ...quick, models: Object.fromEntries(await Promise.all(models)) }
}

type SaidKeys = Pick<VerilatorInput, 'includeDirs' | 'defines' | 'parameters' | 'verilatorArgs'>

/** What the flags say of the RTL, as it reads in a file in `folder`. */
function toSaidKeys(model: ModelConfig, folder: string): SaidKeys & { sources: string[] } {
  const { sources, includeDirs, defines, parameters, verilatorArgs } = moveModel(model, process.cwd(), folder)
  const said: SaidKeys = { includeDirs, defines, parameters, verilatorArgs }
  return { sources, ...Object.fromEntries(Object.entries(said).filter(([, value]) => Object.keys(value).length > 0)) }
}

function toClock({ clocks, resets }: ClockDomain, model: ModelConfig) {
  const [name, ...others] = clocks
  const { periodPs = 0, phasePs = 0 } = model.clocks[name] ?? {}
  const reset = toResets(resets) ?? (false as const)
  return { periodPs, ...(phasePs > 0 && { phasePs }), ...(others.length > 0 && { others }), reset }
}

function toResets([first, ...others]: ResetPort[]) {
  return first && { ...first, ...(others.length > 0 && { others }) }
}

function toJson(config: TraplineConfig): string {
  return JSON.stringify(config, undefined, 2)
}

/** Hex strings become numbers and keys lose their quotes, as one would write it by hand. */
function toTypeScript(config: TraplineConfig): string {
  const body = toJson(config)
    .replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:')
    .replace(/^(\s*(?:base|size): )"(0x[0-9a-f_]+|[1-9][0-9_]*)"/gim, '$1$2')
    .replace(/"(?:\\.|[^"\\])*"/g, (text) => (/['\\]/.test(text) ? text : `'${text.slice(1, -1)}'`))
  return `import { defineConfig } from 'trapline'\n\nexport default defineConfig(${body})\n`
}
