/**
 * The lint: accesses that a device's registers were not made for, by their width, or by what is described of them. Real
 * hardware may answer them, or answer them otherwise; software that makes them by accident (memcpy, bit-fields, a cast
 * too many, an offset of another register) is worth knowing.
 */
import { basename } from 'node:path'
import { toCount } from '../ground/format.js'
import { odditiesOf, type RegisterOddity } from '../registers/oddities.js'
import type { RegisterMaps } from '../registers/register-maps.js'
import type { Access } from '../wire/access.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import { movedValue, placeOf } from './named-access.js'
import type { EndedAccess } from './session.js'
import type { CodeBlame } from './blamed-code.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'

type WidthKind = 'unaligned' | 'split' | 'wider' | 'narrower'
export type LintKind = WidthKind | RegisterOddity

/** One kind of oddity at one place in the host. */
export interface LintFinding {
  kind: LintKind
  count: number
  operation: 'read' | 'write'
  widthBytes: number
  device: string
  /** The offset of the first such access. */
  offset: string
  registerBytes: number
  /** What is known to lie there: `STATUS`. */
  register: string | undefined
  /** Function and source line of the host. */
  symbol: string
  message: string
}

interface LintEntry {
  kind: LintKind
  count: number
  first: EndedAccess
  /** All but the line, which is not known yet. */
  key: string
  registerBytes: number
  register: string | undefined
}

const explanations: Record<LintKind, string> = {
  unaligned: 'its offset is not a multiple of its width',
  split: 'the bus carried it as several beats',
  wider: 'the registers are narrower',
  narrower: 'the registers are wider',
  'read-only': 'software can only read it',
  'write-only': 'software can only write it',
  reserved: 'bits are set that no field has',
  'no-register': 'no register is there',
}

export class Lint {
  readonly #entries = new Map<string, LintEntry>()

  constructor(
    private readonly codeBlame: CodeBlame,
    private readonly registers: RegisterMaps,
    /** Bytes of a device's registers of which no more is known, and the most that its bus moves at once. */
    private readonly widthsOf: (device: MappedDevice) => { registerBytes: number; busBytes: number },
  ) {}

  note(pending: EndedAccess): void {
    const access = decodeAccess(pending.access)
    const { widthBytes, pc, stack, operation } = access
    const { register, registerBytes, kinds } = this.#lookAt(pending, access)
    if (kinds.length === 0) return
    const site = pending.session.sites.get(pc)
    // Each process has its modules elsewhere.
    const place = site?.module ? [site.module, site.moduleOffset] : [pending.session.exe, pc]
    for (const kind of kinds) {
      // One of an array stands for all.
      const name = register?.replace(/\[\d+\]/g, '[]')
      const key = [...place, kind, operation, widthBytes, pending.device.name, name].join()
      const known = this.#entries.get(`${key},${stack}`)
      const entry = { kind, count: pending.count, first: pending, key, registerBytes, register }
      if (known) known.count += pending.count
      else this.#entries.set(`${key},${stack}`, entry)
    }
  }

  /** What an access reaches, and what is odd about it. */
  #lookAt(pending: EndedAccess, access: Access) {
    const { registerBytes: usual, busBytes } = this.widthsOf(pending.device)
    const map = this.registers.of(pending.device.name)
    const place = placeOf(access)
    const [touch] = map?.touches(place) ?? []
    const registerBytes = touch ? Math.min(touch.register.accessBytes, busBytes) : usual
    const completion = pending.completion && decodeCompletion(pending.completion)
    const odd = map ? odditiesOf(map, place, movedValue(access, completion) ?? 0n) : []
    const register = map?.name(place, undefined)?.register
    return { registerBytes, register, kinds: [...oddWidths(access, completion?.beats ?? 0, registerBytes), ...odd] }
  }

  /** All findings, in the order of their first access. */
  async findings(): Promise<LintFinding[]> {
    const entries = [...this.#entries.values()]
    const accesses = entries.map(({ first }) => ({ code: first.session.code, access: decodeAccess(first.access) }))
    await this.codeBlame.name(accesses.flatMap(({ code, access: { pc, stack } }) => code.wayTo(pc, stack)))
    // One line may be reached in several ways.
    const byLine = new Map<string, { entry: LintEntry; symbol: string }>()
    for (const entry of entries) {
      const { session, access } = entry.first
      const symbol = this.codeBlame.on(session.code, decodeAccess(access)).symbol || basename(session.exe)
      const same = byLine.get(`${entry.key},${symbol}`)
      const count = entry.count + (same?.entry.count ?? 0)
      byLine.set(`${entry.key},${symbol}`, { entry: { ...(same?.entry ?? entry), count }, symbol })
    }
    return [...byLine.values()].map(({ entry, symbol }) => this.#toFinding(entry, symbol))
  }

  #toFinding({ kind, count, first, registerBytes, register }: LintEntry, symbol: string): LintFinding {
    const { operation, widthBytes, offset } = decodeAccess(first.access)
    const { name } = first.device
    const at = `${name}+${toAddress(offset)}${register === undefined ? '' : ` (${register})`}`
    const what = `${operation} of ${toCount(widthBytes, 'byte', 'bytes')} at ${at}`
    const widths = isOfWidth(kind) ? ` (${registerBytes}-byte registers)` : ''
    const times = count === 1 ? '' : `, ${count} times`
    return {
      kind,
      count,
      operation,
      widthBytes,
      device: name,
      offset: toAddress(offset),
      ...{ registerBytes, register, symbol },
      message: `lint: ${kind}: ${what} by ${symbol}${times}: ${explanations[kind]}${widths}`,
    }
  }
}

function isOfWidth(kind: LintKind): kind is WidthKind {
  return ['unaligned', 'split', 'wider', 'narrower'].includes(kind)
}

function oddWidths({ offset, widthBytes }: Access, beats: number, width: number): WidthKind[] {
  const isPower = (widthBytes & (widthBytes - 1)) === 0
  return [
    ...(!isPower || offset % BigInt(widthBytes) !== 0n ? ['unaligned' as const] : []),
    ...(beats > 1 ? ['split' as const] : []),
    ...(widthBytes > width ? ['wider' as const] : []),
    ...(widthBytes < width ? ['narrower' as const] : []),
  ]
}
