/** A few signals around one access, out of a waveform, as the page of a regression shows them. */
import { execa } from 'execa'
import type { Bridge } from '../bridge.js'
import type { LogRecord } from './log-record.js'
import type { Result } from './result.js'

export type Excerpt = NonNullable<NonNullable<Result['waves']>['excerpt']>

const cyclesAround = 4n
const mostSignals = 24

/** The bus of the access's device. Undefined where gtkwave's fst2vcd is missing. */
export async function readExcerpt(file: string, bridge: Bridge, access: LogRecord): Promise<Excerpt | undefined> {
  const device = bridge.sessions.devices.find(({ name }) => name === access.device)
  if (!device || !access.cycles) return undefined
  const { exitCode, stdout } = await execa('fst2vcd', [file], { reject: false, maxBuffer: 64 << 20 })
  if (exitCode !== 0) return undefined
  const periodPs = periodOf(bridge, device.config.model)
  const from = access.cycles.start > cyclesAround ? access.cycles.start - cyclesAround : 0n
  const [beginPs, endPs] = [from * periodPs, (access.cycles.end + cyclesAround) * periodPs].map(Number)
  const prefix = `${bridge.models.portOf(device)?.name ?? ''}__`
  return cut(stdout, { prefix, beginPs: beginPs ?? 0, endPs: endPs ?? 0 })
}

function periodOf({ models }: Bridge, model: string): bigint {
  return BigInt(models.built(model)?.clock.periodPs ?? 1)
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
  const names = new Map<string, string>()
  const changes = new Map<string, [number, string][]>()
  let scopes: string[] = []
  let unit = 1
  let now = 0
  for (const line of vcd.split('\n')) {
    const words = line.trim().split(/\s+/)
    const scale = /^(\d+)\s*([fpnum]?s)$/.exec(line.trim())
    if (scale) unit = Number(scale[1]) * (picoseconds[scale[2] ?? ''] ?? 1)
    else if (words[0] === '$scope') scopes = [...scopes, words[2] ?? '']
    else if (words[0] === '$upscope') scopes = scopes.slice(0, -1)
    else if (words[0] === '$var') addSignal(names, words, scopes, window.prefix)
    else if (line.startsWith('#')) now = Number(line.slice(1)) * unit
    else addChange(changes, line, now, window)
  }
  const signals = [...names].map(([id, name]) => ({ name, changes: changes.get(id) ?? [] }))
  return { beginPs: window.beginPs, endPs: window.endPs, signals: signals.slice(0, mostSignals) }
}

/** `$var wire 8 # s_axil__awaddr [7:0] $end` */
function addSignal(names: Map<string, string>, words: string[], scopes: string[], prefix: string): void {
  const [, , , id = '', name = ''] = words
  if (scopes.length === 2 && name.startsWith(prefix) && !names.has(id)) names.set(id, name.slice(prefix.length))
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
