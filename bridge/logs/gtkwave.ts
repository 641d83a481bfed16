/**
 * What a waveform opens with in GTKWave: a save file beside it, `F.gtkw` of `F.fst`, in the form that GTKWave writes
 * itself (its manual, "Save Files").
 */
import { isPlain, topScope, type LaidGroup } from './wave-groups.js'

/** Bits of how a signal is shown, in hexadecimal: right-justified, as text, hexadecimal, binary; and a heading. */
const flags = { text: '@820', number: '@24', hex: '@22', bit: '@28', heading: '@200' }

/** Some ten nanoseconds have room for a few words; then the marker and 26 named ones, of which there is none. */
const zoom = `*-14.0 ${[0, ...Array.from({ length: 26 }, () => -1)].join(' ')}`

/**
 * @param waveform an absolute path
 * @param fromPs where it begins on the screen
 */
export function toSaveFile(waveform: string, groups: LaidGroup[], fromPs = 0n): string {
  const head = [
    ...['[*] Written by Trapline.', `[dumpfile] "${waveform}"`, `[timestart] ${fromPs}`],
    ...['[size] 1280 800', '[signals_width] 330', zoom],
  ]
  const lines = groups.flatMap(({ title, signals }) => [
    ...[flags.heading, `-${title}`],
    ...signals.filter(isPlain).flatMap(toLines),
  ])
  return [...head, ...lines, ''].join('\n')
}

function toLines({ name, width, isText }: LaidGroup['signals'][number]): string[] {
  if (width === 1) return [flags.bit, `${topScope}${name}`]
  return [isText ? flags.text : isText === false ? flags.number : flags.hex, `${topScope}${name}[${width - 1}:0]`]
}
