/**
 * What the command line changes in a configuration: another model, other parameters, other budgets.
 */
import { TraplineError } from '../ground/errors.js'
import { nearest } from './config-error.js'
import type { AnyModelConfig, Config } from './schema.js'
import { usedModels } from './used-models.js'

export interface Overrides {
  /** `OLD=NEW`: devices of model OLD lie on model NEW. */
  model?: string[]
  /** `K=V` or `MODEL.K=V`: a Verilog parameter. */
  set?: string[]
  /** `GOLDEN` or `MODEL=GOLDEN`: a golden model runs beside a model. */
  lockstep?: string[]
  seed?: number
  lane?: Config['lane']
  patch?: boolean
  callStacks?: boolean
  /** Functions that no access is blamed on, besides those of the configuration. */
  skipFrame?: string[]
  tolerant?: boolean
  maxCycles?: number
  maxIdleCycles?: number
  frontdoor?: boolean
  sandbox?: boolean
  time?: Config['time']
  pollAcceleration?: number
  /** `PERCENT`, or `CHANNEL=PERCENT`. */
  stall?: string[]
}

const channels = ['aw', 'w', 'b', 'ar', 'r', 't']
const mostStall = 90

/** A copy of the configuration with the changes made. Throws when one names what is not there. */
export function applyOverrides(config: Config, overrides: Overrides): Config {
  const swaps = new Map((overrides.model ?? []).map((swap) => toSwap(swap, config)))
  const swapped = (model: string) => swaps.get(model) ?? model
  const devices = mapValues(config.devices, (device) =>
    'model' in device
      ? { ...device, model: swapped(device.model) }
      : device.kind === 'hardware'
        ? { ...device, ...(device.lockstep !== undefined && { lockstep: swapped(device.lockstep) }) }
        : { ...device, models: device.models?.map(swapped) },
  )
  const replaced = new Set([...swaps].filter(([from, to]) => from !== to).map(([from]) => from))
  const used = usedModels({ ...config, devices })
  const beside = (overrides.lockstep ?? []).map((setting) => setting.split('=').at(-1) ?? '')
  const kept = Object.fromEntries(
    Object.entries(config.models).filter(
      ([name]) => !replaced.has(name) || used.includes(name) || beside.includes(name),
    ),
  )
  const set = (overrides.set ?? []).reduce((changed, setting) => setParameter(changed, setting, used), kept)
  const locked = (overrides.lockstep ?? []).reduce((changed, setting) => setLockstep(changed, setting, used), {
    models: set,
    devices,
  })
  return {
    ...config,
    ...locked,
    seed: overrides.seed ?? config.seed,
    ...toLane(config, overrides),
    callStacks: overrides.callStacks ?? config.callStacks,
    skipFrames: [...config.skipFrames, ...(overrides.skipFrame ?? [])],
    tolerant: overrides.tolerant ?? config.tolerant,
    maxCycles: overrides.maxCycles ?? config.maxCycles,
    maxIdleCycles: overrides.maxIdleCycles ?? config.maxIdleCycles,
    frontdoor: overrides.frontdoor ?? config.frontdoor,
    sandbox: overrides.sandbox ?? config.sandbox,
    time: overrides.time ?? config.time,
    pollAcceleration: overrides.pollAcceleration ?? config.pollAcceleration,
    stall: (overrides.stall ?? []).reduce(setStall, config.stall),
  }
}

/**
 * Patched instructions make their accesses in shared memory. The command line's word counts more than the file's, whose
 * `patch` a bridge without mailboxes passes over in one sentence.
 */
function toLane(config: Config, { lane, patch }: Overrides): Pick<Config, 'lane' | 'patch'> {
  if (patch && lane === 'grpc')
    throw new TraplineError('usage', '--patch needs memory shared with the models; leave out --lane grpc')
  const patches = patch ?? config.patch
  return { lane: lane ?? (patches ? 'shm' : config.lane), patch: patches }
}

function toSwap(swap: string, { models, goldens }: Config): [string, string] {
  const match = /^([^=]+)=([^=]+)$/.exec(swap)
  if (!match) throw new TraplineError('usage', `--model ${swap}: write it as OLD=NEW, both names of models`)
  const [, from = '', to = ''] = match
  for (const name of [from, to])
    if (!models[name] && !goldens[name]) throw unknownModel(`--model ${swap}`, name, { ...models, ...goldens })
  return [from, to]
}

/** A parameter without a model's name is that of the only model in use. */
function setParameter(
  models: Record<string, AnyModelConfig>,
  setting: string,
  used: string[],
): Record<string, AnyModelConfig> {
  // A parameter may be one of an interface port: MODEL.PORT.PARAMETER.
  const match = /^(?:([^.=]+)\.)?((?:[^.=]+\.)?[^.=]+)=(.*)$/.exec(setting)
  if (!match) throw new TraplineError('usage', `--set ${setting}: write it as PARAMETER=VALUE or MODEL.PARAMETER=VALUE`)
  const [, named, key = '', value = ''] = match
  const name = named ?? used[0] ?? ''
  if (named === undefined && used.length !== 1)
    throw new TraplineError('usage', `--set ${setting}: say which model, e.g. ${name}.${setting}; there are ${used}`)
  const model = models[name]
  if (!model) throw unknownModel(`--set ${setting}`, name, models)
  return { ...models, [name]: { ...model, parameters: { ...model.parameters, [key]: toParameter(value) } } }
}

type Locked = Pick<Config, 'models' | 'devices'>

/** Whether there is such a golden model is checked with the rest of the configuration. */
function setLockstep({ models, devices }: Locked, setting: string, used: string[]): Locked {
  const [beside = '', named] = setting.split('=').reverse()
  const real = Object.keys(devices).filter((name) => devices[name]?.kind === 'hardware')
  const all = [...used.filter((name) => name !== beside), ...real]
  const name = named ?? all[0] ?? ''
  if (named === undefined && all.length !== 1)
    throw new TraplineError(
      'usage',
      `--lockstep ${setting}: say beside what, e.g. ${name}=${beside}; there are ${all.join(', ')}`,
    )
  if (devices[beside]?.kind === 'hardware' && !models[beside])
    throw new TraplineError(
      'usage',
      `--lockstep ${setting}: ${beside} is a real device, whose answers the program has; write ${beside}=MODEL`,
    )
  const device = devices[name]
  const model = models[name]
  if (device?.kind === 'hardware' && model)
    throw new TraplineError('usage', `--lockstep ${setting}: ${name} is a model and a real device; rename one of them`)
  if (device?.kind === 'hardware') return { models, devices: { ...devices, [name]: { ...device, lockstep: beside } } }
  if (!model) throw unknownModel(`--lockstep ${setting}`, name, models)
  return { models: { ...models, [name]: { ...model, lockstep: beside } }, devices }
}

function setStall(stall: Config['stall'], setting: string): Config['stall'] {
  const match = /^(?:(aw|w|b|ar|r)=)?(\d+)$/.exec(setting)
  const percent = Number(match?.[2])
  if (!match || percent > mostStall)
    throw new TraplineError(
      'usage',
      `--stall ${setting}: write it as PERCENT or CHANNEL=PERCENT, at most ${mostStall}; channels are ` +
        `${channels.join(', ')}`,
    )
  const named = match[1] ? [match[1]] : channels
  return { ...stall, ...Object.fromEntries(named.map((channel) => [channel, percent])) }
}

function toParameter(value: string): string | number | boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  return /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function unknownModel(flag: string, name: string, models: Record<string, unknown>): TraplineError {
  const near = nearest(name, Object.keys(models))
  const way = near ? `did you mean ${near}?` : `there are ${Object.keys(models).join(', ')}`
  return new TraplineError('usage', `${flag}: there is no model ${name}; ${way}`)
}

function mapValues<T>(record: Record<string, T>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}
