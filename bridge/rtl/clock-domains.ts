/**
 * Decides which inputs are clocks and resets, and which belong together: a domain is a source of edges, the inputs that
 * it drives, and the resets that are released with it. Which period a clock has is never guessed, nor whether two have
 * one source. Pure.
 */
import type { ModelConfig, PortProtocol } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { clocksBeside, clocksOfBus, clockStem, resetStem } from './clock-names.js'
import { hasResetWord, isClockName, isLikelyClockName, likelyResetLevelOf, resetLevelOf } from './port-names.js'
import { ambiguous, isBit, list, namedBit } from './port-questions.js'
import type { RtlPort } from './rtl-netlist.js'

export interface ResetPort {
  port: string
  active: 'low' | 'high'
}

export interface ClockDomain {
  /** Inputs on this source; the first one is its name. */
  clocks: [string, ...string[]]
  /** Released with it. Buses of the domain have a reset in any case. */
  resets: ResetPort[]
}

/** The model's own clock first. */
export type ClockDomains = [ClockDomain, ...ClockDomain[]]

type ClockKeys = Pick<ModelConfig, 'top' | 'clock' | 'clocks' | 'reset' | 'inputs'>

export function findDomains(config: ClockKeys, rtlPorts: RtlPort[]): ClockDomains {
  const further = Object.entries(config.clocks).map(([name, { others }]) => [name, ...others])
  const own = [findClock(config, rtlPorts, further.flat()), ...(config.clock?.others ?? [])]
  const sources = [own, ...further].map((names) => names.map((name) => namedBit(config.top, 'clock', name, rtlPorts)))
  checkOnce(config.top, sources.flat())
  const resets = findResets(config, sources, rtlPorts)
  return sources.map((clocks, index) => ({ clocks, resets: resets[index] })) as ClockDomains
}

function findClock({ top, clock, inputs }: ClockKeys, rtlPorts: RtlPort[], further: string[]): string {
  if (clock) return clock.port
  const named = (isName: (name: string) => boolean) =>
    rtlPorts
      .filter((port) => isBit(port) && isName(port.name) && inputs[port.name] === undefined)
      .flatMap(({ name }) => (further.includes(name) ? [] : [name]))
  const usual = named(isClockName)
  const [first, ...others] = usual.length > 0 ? usual : named(isLikelyClockName)
  if (first === undefined) {
    const bits = rtlPorts.filter(isBit).map(({ name }) => name)
    throw new TraplineError(
      'config',
      `no port of ${top} has a usual clock name; name it with --clock or the key "clock" ` +
        `(${list('1-bit inputs', bits)})`,
    )
  }
  if (others.length > 0) throw ambiguousClock(top, [first, ...others])
  return first
}

/** Each answer is another thing: one source, periods of their own, or a clock that stands still. */
function ambiguousClock(top: string, names: [string, ...string[]]): TraplineError {
  const { message } = ambiguous('clock', top, names)
  const [first, ...others] = names
  return new TraplineError(
    'config',
    `${message} (--clock ${names.join(',')} drives all from one source, ` +
      `--clock ${[first, ...others.map((name) => `${name}:PS`)].join(',')} gives each its own period in picoseconds)`,
  )
}

function checkOnce(top: string, clocks: string[]): void {
  const twice = clocks.find((name, index) => clocks.indexOf(name) !== index)
  if (twice === undefined) return
  throw new TraplineError('config', `clock ${twice} of ${top} has two sources; name it once in "clock" and "clocks"`)
}

/** By source. Said of a clock itself, else said of the model, else found by name. */
function findResets(config: ClockKeys, sources: string[][], rtlPorts: RtlPort[]): ResetPort[][] {
  const { top, clocks, reset } = config
  const said = [undefined, ...Object.values(clocks).map((clock) => toList(clock.reset))]
  const taken = said.flatMap((own) => own ?? []).map(({ port }) => port)
  const named = toList(reset) ?? resetsByName(config, sources, rtlPorts).filter(({ port }) => !taken.includes(port))
  for (const port of [...taken, ...named.map((each) => each.port)]) namedBit(top, 'reset', port, rtlPorts)
  const placed = named
    .map((each) => ({ each, at: sourceBeside(each.port, sources) }))
    // Of a clock of which something else is said it is none.
    .filter(({ at }) => reset || !at || said[at.source] === undefined)
  if (!reset) checkPlaces(top, placed)
  return sources.map(
    (_clocks, index) => said[index] ?? placed.filter(({ at }) => placeOf(at, said) === index).map(({ each }) => each),
  )
}

/** What is said; undefined where nothing is. */
function toList(reset: ModelConfig['reset'] | ModelConfig['clocks'][string]['reset']): ResetPort[] | undefined {
  if (!reset) return reset === false ? [] : undefined
  return [reset, ...reset.others].map(({ port, active }) => ({ port, active }))
}

/** One that is listed beside a clock whose resets are said belongs to the first. */
function placeOf(at: BesideClock | undefined, said: unknown[]): number {
  return at && said[at.source] === undefined ? at.source : 0
}

/** What is held at a value is none. */
function resetsByName({ inputs }: ClockKeys, sources: string[][], rtlPorts: RtlPort[]): ResetPort[] {
  const candidates = rtlPorts.filter((port) => isBit(port) && inputs[port.name] === undefined)
  const named = (levelOf: (name: string) => ResetPort['active'] | undefined) =>
    candidates.flatMap(({ name }) => {
      const active = levelOf(name)
      return active ? [{ port: name, active }] : []
    })
  const found = named(resetLevelOf)
  // What has but a likely name is taken if nothing else may be the reset, or beside a further clock; else it is asked
  // about.
  const likely = named((name) => (resetLevelOf(name) ? undefined : likelyResetLevelOf(name)))
  const words = candidates.filter(({ name }) => hasResetWord(name))
  const isOnly = found.length === 0 && words.length === 1
  return [...found, ...likely.filter(({ port }) => isOnly || (sourceBeside(port, sources)?.source ?? 0) > 0)]
}

interface BesideClock {
  source: number
  clock: string
}

function sourceBeside(reset: string, sources: string[][]): BesideClock | undefined {
  const places = sources.flatMap((clocks, source) => clocks.map((clock) => ({ source, clock })))
  const beside = clocksBeside(reset, sources.flat())
  return beside.length === 1 ? places.find(({ clock }) => clock === beside[0]) : undefined
}

/** Of those that are found by name each has its own clock beside it, or it is the only one without. */
function checkPlaces(top: string, placed: { each: ResetPort; at: BesideClock | undefined }[]): void {
  if (placed.length < 2) return
  const names = (some: typeof placed) => some.map(({ each }) => each.port)
  const alone = placed.filter(({ at }) => !at)
  const ofFirst = placed.filter(({ at }) => !at || at.source === 0)
  if (alone.length > 0 && ofFirst.length > 1) throw ambiguous('reset', top, names(ofFirst))
  for (const { at } of placed) {
    const same = placed.filter((other) => other.at?.clock === at?.clock)
    if (at && same.length > 1) throw ambiguous('reset', top, names(same))
  }
}

/**
 * A reset that stands beside a clock and whose level is not known would be held at 0, which may be its active level.
 */
export function askResets(config: ClockKeys, domains: ClockDomains, held: RtlPort[]): void {
  const { top, clocks } = config
  for (const { clocks: names, resets } of domains.slice(1)) {
    if (resets.length > 0 || clocks[names[0]]?.reset === false || config.reset === false) continue
    const stems = names.map((name) => clockStem(name).text)
    const found = held.find(
      (port) => isBit(port) && hasResetWord(port.name) && stems.includes(resetStem(port.name).text),
    )
    if (!found || config.inputs[found.name] !== undefined) continue
    throw new TraplineError(
      'config',
      `${found.name} of ${top} may be the reset of its clock ${names[0]}, and nothing tells its level; say ` +
        `clocks.${names[0]}.reset: { port: '${found.name}', active: 'low' }, 'high', or false if it is none`,
    )
  }
}

export interface BusClock {
  /** Which of the domains. */
  domain: number
  /** The first one for want of a name that tells. */
  isTaken: boolean
}

/** A bus, or a stream, which has no protocol of its own. */
export interface ClockedPort {
  name: string
  prefix?: string
  protocol?: PortProtocol
  domain?: number
}

/** Which clock a bus runs on: as said, else by its name, else the first. */
export function clockOfBus(top: string, bus: ClockedPort, said: string | undefined, domains: ClockDomains): BusClock {
  const all = domains.flatMap(({ clocks }) => clocks)
  const domainOf = (clock: string) => domains.findIndex(({ clocks }) => clocks.includes(clock))
  if (said !== undefined) {
    if (!all.includes(said))
      throw new TraplineError(
        'config',
        `clock ${said} of bus ${bus.name} of ${top} is not driven (${list('driven clocks', all)})`,
      )
    return { domain: domainOf(said), isTaken: false }
  }
  const found = new Set(clocksOfBus(bus.prefix ?? bus.name, bus.protocol ?? 'axi4', all).map(domainOf))
  const [only] = found
  return found.size === 1 && only !== undefined
    ? { domain: only, isTaken: false }
    : { domain: 0, isTaken: domains.length > 1 }
}
