/** What a waveform opens with in a viewer, whichever that is. */

/** Signals of the generated top under a heading. */
export interface LaidGroup {
  title: string
  /** Texts, numbers for people (`isText` is false), or bits of hardware. */
  signals: { name: string; width: number; isText?: boolean }[]
}

/** The generated top in what Verilator writes. */
export const topScope = 'TOP.trapline_top.'

/** Names that Verilog has to escape are other ones in every tool. */
export function isPlain({ name }: { name: string }): boolean {
  return /^\w+$/.test(name)
}
