/** A few signals around one access, out of a waveform, as the page of a regression shows them. */
import { withoutSecrets } from '../ground/child-environment.js'
import type { Bridge } from '../assembly/bridge.js'
import type { LogRecord } from '../logs/log-record.js'
import type { Result } from './result.js'

export type Excerpt = NonNullable<NonNullable<Result['waves']>['excerpt']>

const cyclesAround = 4n
const mostSignals = 24

/** The bus of the access's device. Undefined where gtkwave's fst2vcd is missing. */
export async function readExcerpt(
  file: string,
  bridge: Bridge,
  access: LogRecord,
  abort?: AbortSignal,
): Promise<Excerpt | undefined> {
  const device = bridge.sessions.devices.find(({ name }) => name === access.device)
  if (!device || !access.cycles) return undefined
  const { execa } = await import('execa')
  const { exitCode, stdout } = await execa('fst2vcd', [file], {
    ...{ reject: false, maxBuffer: 64 << 20, cancelSignal: abort, env: withoutSecrets },
  })
  if (exitCode !== 0) return undefined
  const periodPs = periodOf(bridge, device.config.model)
  const from = access.cycles.start > cyclesAround ? access.cycles.start - cyclesAround : 0n
  const [beginPs, endPs] = [from * periodPs, (access.cycles.end + cyclesAround) * periodPs].map(Number)
  const prefix = `${bridge.models.portOf(device)?.name ?? ''}__`
  return cut(stdout, { prefix, beginPs: beginPs ?? 0, endPs: endPs ?? 0 })
}

function periodOf({ models }: Bridge, model: string): bigint {
  const running = models.history.find(({ name }) => name === model)
  return running ? models.periodPsOf(running) : 1n
}

interface Window {
  /** Of the signals' names in the top scope. */
  prefix: string
  beginPs: number
  endPs: number
}

const picoseconds: Record<string, number> = { fs: 1e-3, ps: 1, ns: 1e3, us: 1e6, ms: 1e9, s: 1e12 }

/** Value Change Dump, IEEE 1800-2017 clause 21.7. */
function cut(vcd: string, window: Window): Excerpt {
  const end = vcd.indexOf('$enddefinitions')
  const names = readSignals(vcd.slice(0, end), window.prefix)
  const [, count = '1', unit = 'ps'] = /\$timescale\s+(\d+)\s*([fpnum]?s)\s/.exec(vcd) ?? []
  const tickPs = Number(count) * (picoseconds[unit] ?? 1)
  const changes = new Map<string, [number, string][]>()
  let now = 0
  for (const line of vcd.slice(end).split('\n')) {
    if (line.startsWith('#')) now = Number(line.slice(1)) * tickPs
    else addChange(changes, line, now, window)
  }
  const signals = [...names].map(([id, name]) => ({ name, changes: changes.get(id) ?? [] }))
  return { beginPs: window.beginPs, endPs: window.endPs, signals: signals.slice(0, mostSignals) }
}

/** Names of the top scope's signals that begin with the prefix, without it, by their identifiers. */
function readSignals(definitions: string, prefix: string): Map<string, string> {
  const names = new Map<string, string>()
  let depth = 0
  for (const line of definitions.split('\n')) {
    const [word, , , id = '', name = ''] = line.trim().split(/\s+/)
    if (word === '$scope') depth++
    else if (word === '$upscope') depth--
    else if (word === '$var' && depth === 2 && name.startsWith(prefix) && !names.has(id))
      names.set(id, name.slice(prefix.length))
  }
  return names
}

/** `1!` or `b1010 #`; what was before the window counts as its first value. */
function addChange(
  changes: Map<string, [number, string][]>,
  line: string,
  now: number,
  { beginPs, endPs }: Window,
): void {
  const match = /^(?:b([01xz]+) |([01xz]))(\S+)$/i.exec(line)
  if (!match || now > endPs) return
  const value = toReadable(match[1] ?? match[2] ?? '')
  const id = match[3] ?? ''
  const known = changes.get(id) ?? []
  if (now <= beginPs) known.length = 0
  known.push([Math.max(now, beginPs), value])
  changes.set(id, known)
}

/** Hexadecimal where it can be. */
function toReadable(bits: string): string {
  if (bits.length === 1 || /[xz]/i.test(bits)) return bits
  return BigInt(`0b${bits}`).toString(16)
}
