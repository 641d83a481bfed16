/**
 * The field's usual names: what a clock, a reset, an interrupt and the signals of a bus are called.
 * Only names are judged here; which candidate wins is decided in `find-ports.ts`.
 */
import type { PortDirection } from './rtl-netlist.js'

/** Without what only tells the direction: `i_`, `o_` before, `_i`, `_o`, `_in`, `_out` after; in lower case. */
export function bare(name: string, direction: PortDirection): string {
  const [before, after] = direction === 'output' ? [/^o_/, /_(o|out)$/] : [/^i_/, /_(i|in)$/]
  return name.toLowerCase().replace(before, '').replace(after, '')
}

export function isClockName(name: string): boolean {
  return /(^|_)(a|s|p|h|sys|bus|axi|core|main)?(clk|clock)$/.test(bare(name, 'input'))
}

/** The level at which a port of this name asserts reset; undefined if the name is none of a reset. */
export function resetLevelOf(name: string): 'low' | 'high' | undefined {
  // lowRISC writes the direction of an active-low input without an underscore: rst_ni.
  const text = bare(name.replace(/_ni$/i, '_n'), 'input')
  if (/(^|_)n_?[aphs]?(rst|reset)$/.test(text) || /(^|_)[aphs]?(rst|reset)_?[nbl]$/.test(text)) return 'low'
  return /(^|_)[aphs]?(rst|reset)$/.test(text) ? 'high' : undefined
}

/** Whether a name speaks of a clock, in whatever words. */
export function hasClockWord(name: string): boolean {
  return /clk|clock|(^|_)m?ck(in)?($|_|\d)/.test(bare(name, 'input'))
}

/** Whether a name speaks of a reset, in whatever words. */
export function hasResetWord(name: string): boolean {
  const text = name.toLowerCase().replace(/burst|first|worst|thirst/g, '')
  return /rst|reset|clr|(^|_)n?por(_|n?b?\d*$|n_)/.test(text)
}

/** What a 1-bit output that is an interrupt line is called. */
export function isInterruptName(name: string): boolean {
  return /(^|_)(irq|interrupt|intr|int_?req)$|^int$/.test(bare(name, 'output'))
}

/** Buses whose signals have names in common. */
export type BusFamily = 'axi' | 'apb' | 'wishbone'

export interface BusName {
  family: BusFamily
  /** As in the RTL, without the underscore that follows it; may be empty. */
  prefix: string
  /** As in the table of `protocols.ts`. */
  signal: string
}

// Also the generators' spellings: `aw_valid`, Chisel's `aw_bits_addr`, SpinalHDL's `aw_payload_addr`.
const patterns: [BusFamily, RegExp][] = [
  [
    'axi',
    /^(.*?)_*((?:aw|ar)_?(?:valid|ready|(?:bits_|payload_)?(?:id|addr|len|size|burst|lock|cache|prot|qos|region|atop))|w_?(?:valid|ready|(?:bits_|payload_)?(?:id|data|strb|last))|b_?(?:valid|ready|(?:bits_|payload_)?(?:id|resp))|r_?(?:valid|ready|(?:bits_|payload_)?(?:id|data|resp|last)))$/,
  ],
  ['apb', /^(.*?)_*(paddr|pprot|psel|penable|pwrite|pwdata|pstrb|pwstrb|pready|prdata|pslverr|pslverror)$/],
  ['wishbone', /^(.*?)_*(cyc|stb|we|adr|addr|dat_[rw]|dat|data|sel|ack|err|rty|stall)$/],
]

/** Reads a port name as prefix and bus signal, in every family where it makes sense. */
export function toBusNames(name: string, direction: PortDirection): BusName[] {
  const text = bare(name, direction)
  const start = text === name.toLowerCase().slice(0, text.length) ? 0 : 2
  return patterns.flatMap(([family, pattern]) => {
    const match = pattern.exec(text)
    if (!match) return []
    const prefix = name.slice(start, start + (match[1] ?? '').length)
    const word = (match[2] ?? '').replace(/_|bits_|payload_/g, '')
    return [{ family, prefix, signal: toSignal(family, word, direction) }]
  })
}

/** SpinalHDL and ZipCPU have their own words for two signals of APB. */
const otherWords: Partial<Record<string, string>> = { pslverror: 'pslverr', pwstrb: 'pstrb' }

function toSignal(family: BusFamily, word: string, direction: PortDirection): string {
  return family === 'wishbone' ? toWishboneSignal(word, direction) : (otherWords[word] ?? word)
}

/** Wishbone calls both data lanes DAT; `dat_w` and `dat_r` are the manager's view of them. */
function toWishboneSignal(word: string, direction: PortDirection): string {
  if (word === 'addr') return 'adr'
  if (word === 'datw' || word === 'datr') return word === 'datw' ? 'wdata' : 'rdata'
  if (word !== 'dat' && word !== 'data') return word
  return direction === 'input' ? 'wdata' : 'rdata'
}
