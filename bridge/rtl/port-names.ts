/**
 * The field's usual names: what a clock, a reset and an interrupt are called; those of buses are in `buses/`.
 * Only names are judged here; which candidate wins is decided in `find-ports.ts`.
 */
import type { PortDirection } from './rtl-netlist.js'

/** Without what only tells the direction: `i_`, `o_` before, `_i`, `_o`, `_in`, `_out` after; in lower case. */
export function bare(name: string, direction: PortDirection): string {
  return withoutDirection(name, direction).toLowerCase()
}

/** The same in the letters of the RTL. */
export function withoutDirection(name: string, direction: PortDirection): string {
  const [before, after] = direction === 'output' ? [/^o_/i, /_(o|out)$/i] : [/^i_/i, /_(i|in)$/i]
  return name.replace(before, '').replace(after, '')
}

/**
 * Freer readings, without words for the direction that only some people write: `in_`, `out_` in front, `m2s`, `req` and
 * their like between prefix and signal, an `i` or `o` at the end without an underscore. The first is the usual one.
 */
export function freeReadings(name: string, direction: PortDirection): string[] {
  const [before, after] = direction === 'output' ? [/^out(put)?_/i, /o$/i] : [/^in(put)?_/i, /i$/i]
  const between = /(^|_)(?:m2s|s2m|h2d|d2h|req|rsp|resp)_(?=[^_])/i
  const steps: ((text: string) => string)[] = [
    (text) => text.replace(before, ''),
    (text) => text.replace(between, '$1'),
    (text) => text.replace(after, ''),
  ]
  const usual = [withoutDirection(name, direction)]
  return [...new Set(steps.reduce((texts, step) => texts.flatMap((text) => [text, step(text)]), usual))]
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

/** Whether a name may well be that of the only clock: with other words beside, but not those of what controls one. */
export function isLikelyClockName(name: string): boolean {
  const controls = /en(able)?\d*$|sel|gat(e|ed|ing)|valid|stable|lock|div|req|ack|ok$|mode|stop|run$|fail|edge|pol|pha/
  return hasClockWord(name) && !controls.test(bare(name, 'input').replace(/clock|clk/g, ''))
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

/** The level of what may well be the only reset, where its name tells it plainly: `rst_sync_n`, `aresetn_0`. */
export function likelyResetLevelOf(name: string): 'low' | undefined {
  const text = name.toLowerCase().replace(/_ni$/, '_n')
  const controls = /(^|_)(en|ena|enable|ack|req|done|out|status|irq|int|cause|event|flag)(_|$)/
  const low = /_n$|(rst|reset|por|clr)_?n(_[a-z0-9]+)*$|(^|_)n_?[a-z]*(rst|reset)/
  return hasResetWord(name) && low.test(text) && !controls.test(text) ? 'low' : undefined
}

/** What a 1-bit output that is an interrupt line is called. */
export function isInterruptName(name: string): boolean {
  return /(^|_)(irq|interrupt|intr|int_?req)$|^int$/.test(bare(name, 'output'))
}
