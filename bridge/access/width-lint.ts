/**
 * The width lint: accesses that a device's registers were not made for. Real hardware may answer them, or answer them
 * otherwise; software that makes them by accident (memcpy, bit-fields, a cast too many) is worth knowing.
 */
import { basename } from 'node:path'
import { toCount } from '../ground/format.js'
import type { Site } from '../wire/access.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import type { EndedAccess } from './session.js'
import type { Symbolizer } from './symbols.js'
import { decodeAccess, decodeCompletion } from '../wire/wire.js'

export type LintKind = 'unaligned' | 'split' | 'wider' | 'narrower'

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
  /** Function and source line of the host. */
  symbol: string
  message: string
}

interface LintEntry {
  kind: LintKind
  count: number
  first: EndedAccess
  site: Site | undefined
}

const explanations: Record<LintKind, string> = {
  unaligned: 'its offset is not a multiple of its width',
  split: 'the bus carried it as several beats',
  wider: 'the registers are narrower',
  narrower: 'the registers are wider',
}

export class WidthLint {
  readonly #entries = new Map<string, LintEntry>()

  constructor(
    private readonly symbolizer: Symbolizer,
    private readonly widthOf: (device: MappedDevice) => number,
  ) {}

  note(pending: EndedAccess): void {
    const { offset, widthBytes, pc, operation } = decodeAccess(pending.access)
    const site = pending.session.sites.get(pc)
    // Each process has its modules elsewhere.
    const place = site?.module ? [site.module, site.moduleOffset] : [pending.session.exe, pc]
    for (const kind of oddities(pending, offset, widthBytes, this.widthOf(pending.device))) {
      const key = [...place, kind, operation, widthBytes, pending.device.name].join()
      const known = this.#entries.get(key)
      if (known) known.count += pending.count
      else this.#entries.set(key, { kind, count: pending.count, first: pending, site })
    }
  }

  /** All findings, in the order of their first access. */
  async findings(): Promise<LintFinding[]> {
    const entries = [...this.#entries.values()]
    await this.symbolizer.name(entries.flatMap(({ site }) => site ?? []))
    return entries.map((entry) => this.#toFinding(entry))
  }

  #toFinding({ kind, count, first, site }: LintEntry): LintFinding {
    const { operation, widthBytes, offset } = decodeAccess(first.access)
    const { name } = first.device
    const registerBytes = this.widthOf(first.device)
    const symbol = this.symbolizer.lookup(site) || basename(first.session.exe)
    const what = `${operation} of ${toCount(widthBytes, 'byte', 'bytes')} at ${name}+${toAddress(offset)}`
    const times = count === 1 ? '' : `, ${count} times`
    return {
      kind,
      count,
      operation,
      widthBytes,
      device: name,
      offset: toAddress(offset),
      registerBytes,
      symbol,
      message: `lint: ${kind}: ${what} by ${symbol}${times}: ${explanations[kind]} (${registerBytes}-byte registers)`,
    }
  }
}

function oddities(pending: EndedAccess, offset: bigint, widthBytes: number, width: number): LintKind[] {
  const beats = pending.completion ? decodeCompletion(pending.completion).beats : 0
  const isPower = (widthBytes & (widthBytes - 1)) === 0
  return [
    ...(!isPower || offset % BigInt(widthBytes) !== 0n ? ['unaligned' as const] : []),
    ...(beats > 1 ? ['split' as const] : []),
    ...(widthBytes > width ? ['wider' as const] : []),
    ...(widthBytes < width ? ['narrower' as const] : []),
  ]
}
