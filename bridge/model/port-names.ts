/**
 * The field's usual names: what a clock, a reset and the signals of an AXI4-Lite bus are called.
 * Only names are judged here; which candidate wins is decided in `find-ports.ts`.
 */
import type { PortDirection } from './rtl-netlist.js'

/** Without what only tells the direction: `i_`, `o_` before, `_i`, `_o`, `_in`, `_out` after; in lower case. */
function bare(name: string, direction: PortDirection): string {
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

/** Channel signals of AXI4-Lite as the manager sees them; `driven` by it, or by the device. */
export const axiLiteSignals = {
  awaddr: { driven: true, required: true },
  awprot: { driven: true, required: false },
  awvalid: { driven: true, required: true },
  awready: { driven: false, required: true },
  wdata: { driven: true, required: true },
  wstrb: { driven: true, required: false },
  wvalid: { driven: true, required: true },
  wready: { driven: false, required: true },
  bresp: { driven: false, required: false },
  bvalid: { driven: false, required: true },
  bready: { driven: true, required: true },
  araddr: { driven: true, required: true },
  arprot: { driven: true, required: false },
  arvalid: { driven: true, required: true },
  arready: { driven: false, required: true },
  rdata: { driven: false, required: true },
  rresp: { driven: false, required: false },
  rvalid: { driven: false, required: true },
  rready: { driven: true, required: true },
} as const

export type AxiLiteSignal = keyof typeof axiLiteSignals

/** Signals that AXI4 has and AXI4-Lite lacks. */
type Axi4Signal = 'awlen' | 'arlen' | 'wlast' | 'rlast'

export type BusSignal = AxiLiteSignal | Axi4Signal

export interface BusName {
  /** As in the RTL, without the underscore that follows it; may be empty. */
  prefix: string
  signal: BusSignal
}

// Also the generators' spellings: `aw_valid`, Chisel's `aw_bits_addr`, SpinalHDL's `aw_payload_addr`.
const busName =
  /^(.*?)_*((?:aw|ar)_?(?:valid|ready|(?:bits_|payload_)?(?:addr|prot|len))|w_?(?:valid|ready|(?:bits_|payload_)?(?:data|strb|last))|b_?(?:valid|ready|(?:bits_|payload_)?resp)|r_?(?:valid|ready|(?:bits_|payload_)?(?:data|resp|last)))$/

/** Reads a port name as prefix and bus signal; undefined if it is not one. */
export function toBusName(name: string, direction: PortDirection): BusName | undefined {
  const text = bare(name, direction)
  const match = busName.exec(text)
  if (!match) return undefined
  const start = text === name.toLowerCase().slice(0, text.length) ? 0 : 2
  return {
    prefix: name.slice(start, start + (match[1] ?? '').length),
    signal: (match[2] ?? '').replace(/_|bits_|payload_/g, '') as BusSignal,
  }
}
