/**
 * What a waveform opens with in GTKWave: a save file beside it, `F.gtkw` of `F.fst`, in the form that GTKWave writes
 * itself (its manual, "Save Files").
 */
import { writeFileSync } from 'node:fs'

interface SavedGroup {
  title: string
  /** Texts, numbers for people (`isText` is false), or bits of hardware. */
  signals: { name: string; width: number; isText?: boolean }[]
}

/** Bits of how a signal is shown, in hexadecimal: right-justified, as text, hexadecimal, binary; and a heading. */
const flags = { text: '@820', number: '@24', hex: '@22', bit: '@28', heading: '@200' }
/** The generated top in what Verilator writes. */
const scope = 'TOP.trapline_top.'

/** Some ten nanoseconds have room for a few words; then the marker and 26 named ones, of which there is none. */
const zoom = `*-14.0 ${[0, ...Array.from({ length: 26 }, () => -1)].join(' ')}`

export function saveFileOf(waveform: string): string {
  return waveform.replace(/(\.fst)?$/, '.gtkw')
}

/**
 * @param waveform an absolute path
 * @param fromPs where it begins on the screen
 */
export function writeSaveFile(waveform: string, groups: SavedGroup[], fromPs = 0n): void {
  const head = [
    ...['[*] Written by Trapline.', `[dumpfile] "${waveform}"`, `[timestart] ${fromPs}`],
    ...['[size] 1280 800', '[signals_width] 330', zoom],
  ]
  const lines = groups.flatMap(({ title, signals }) => [
    ...[flags.heading, `-${title}`],
    // Names that Verilog has to escape are other ones in every tool.
    ...signals.filter(({ name }) => /^\w+$/.test(name)).flatMap(toLines),
  ])
  writeFileSync(saveFileOf(waveform), [...head, ...lines, ''].join('\n'))
}

function toLines({ name, width, isText }: SavedGroup['signals'][number]): string[] {
  if (width === 1) return [flags.bit, `${scope}${name}`]
  return [isText ? flags.text : isText === false ? flags.number : flags.hex, `${scope}${name}[${width - 1}:0]`]
}
