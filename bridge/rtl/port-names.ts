/**
 * The field's usual names: what a clock, a reset and an interrupt are called; those of buses are in `buses/`.
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
