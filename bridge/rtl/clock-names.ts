/**
 * What the names of clocks, resets and buses say about who belongs to whom: `s_axis_aclk` to `s_axis_aresetn` and to
 * the signals of `s_axis`, `pclk` to APB's. Pure; who decides where nothing does is `clock-domains.ts`.
 */
import type { PortProtocol } from '../config/schema.js'
import { bare } from './port-names.js'

/** A name of a clock or a reset without the word for it. */
export interface Stem {
  /** What is left, in lower case and without levels; empty for `aclk`. */
  text: string
  /** As in `aclk`, `presetn`: the bus that it is of, by its first letter; empty if the name has none. */
  letter: string
}

export function clockStem(name: string): Stem {
  return stemOf(bare(name, 'input').split('_'), /^([a-z]*?)(?:clk|clock)(?:in)?(\d*)$/)
}

export function resetStem(name: string): Stem {
  const words = bare(name.replace(/_ni$/i, '_n'), 'input').split('_')
  // The level may be a word of its own, before or behind the word for the reset.
  const named = words.filter((word) => !/^[nbl]$/.test(word))
  return stemOf(named, /^n?([a-z]*?)(?:rst|reset)(?:n|b|in)?(\d*)$/)
}

function stemOf(words: string[], pattern: RegExp): Stem {
  const at = words.findLastIndex((word) => pattern.test(word))
  if (at < 0) return { text: words.join('_'), letter: '' }
  const [, before = '', after = ''] = pattern.exec(words[at] ?? '') ?? []
  const isLetter = /^[asph]?$/.test(before)
  const own = [isLetter ? '' : before, after].filter((word) => word !== '')
  return { text: [...words.slice(0, at), ...own, ...words.slice(at + 1)].join('_'), letter: isLetter ? before : '' }
}

/**
 * Of those that stand beside this reset the nearest, by index: with the same stem, and with the same letter if more
 * have that.
 */
export function clocksBeside(reset: string, clocks: string[]): string[] {
  const { text, letter } = resetStem(reset)
  return preferred(
    clocks.filter((clock) => clockStem(clock).text === text),
    letter,
  )
}

const letters: [RegExp, string][] = [
  [/^axi/, 'a'],
  [/^apb/, 'p'],
  [/^ahb/, 'h'],
]

/**
 * The clocks that a bus may run on by its name, best reasons first: its own prefix, a clock of more than it
 * (`m_axi_aclk` of `m_axi_mm2s`), one of a part of it, one of all buses of its kind (`aclk`, `axi_clk`). Several where
 * no reason tells one from another, none where there is no reason.
 */
export function clocksOfBus(prefix: string, protocol: PortProtocol, clocks: string[]): string[] {
  const bus = prefix.toLowerCase()
  const letter = letters.find(([pattern]) => pattern.test(protocol))?.[1] ?? ''
  const where = (isMeant: (stem: Stem) => boolean) => clocks.filter((clock) => isMeant(clockStem(clock)))
  const above = where(({ text }) => text !== '' && bus.startsWith(`${text}_`))
  const longest = Math.max(...above.map((clock) => clockStem(clock).text.length))
  const reasons = [
    bus === '' ? [] : where(({ text }) => text === bus),
    above.filter((clock) => clockStem(clock).text.length === longest),
    bus === '' ? [] : where(({ text }) => text.startsWith(`${bus}_`)),
    where(({ text }) => isKind(text, protocol) && `${bus}_`.includes(`${text}_`)),
    where((stem) => stem.text === '' && stem.letter === letter && letter !== ''),
    bus === '' ? where(({ text }) => text === '') : [],
  ]
  return preferred(reasons.find((found) => found.length > 0) ?? [], letter)
}

/** `axi`, `axis`, `apb`: the word for a kind of bus. */
function isKind(text: string, protocol: PortProtocol): boolean {
  return /^(axil?|axis|apb|ahb|wb|wishbone|avalon|avs|avm)$/.test(text) && protocol.slice(0, 2) === text.slice(0, 2)
}

function preferred(clocks: string[], letter: string): string[] {
  const same = clocks.filter((clock) => clockStem(clock).letter === letter)
  return same.length > 0 ? same : clocks
}
