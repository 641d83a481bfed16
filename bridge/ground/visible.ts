/**
 * Text of others on its way to a terminal, a CI log or a page. RTL, names of files and programs, and the words of a
 * bridge elsewhere may hold what moves a cursor, begins a line that looks like ours, or turns the direction of reading
 * (CVE-2021-42574): it is shown as an escape sequence that does nothing. What programs write themselves is not ours to
 * change.
 */

/**
 * Control characters (ECMA-48's C0 and C1, DEL) but the tabulator, format characters (bidirectional controls,
 * characters without width), separators of lines and paragraphs, halves of surrogate pairs: Unicode's Cc, Cf, Zl, Zp
 * and Cs.
 */
const unseen = /(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\0': '\\0' }

/** One line: `\n`, `\x1b`, `\u{202e}` stand for what has no shape of its own. */
export function toVisible(text: string): string {
  return text.replace(unseen, (character) => named[character] ?? toCode(character.codePointAt(0) ?? 0))
}

function toCode(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** Makes text visible whose line feeds are meant. */
export function toVisibleLines(text: string): string {
  return text.split(/\r?\n/).map(toVisible).join('\n')
}

/** Makes what is inside of JSON text visible, where it is data for programs. */
export function toVisibleJson(json: string): string {
  const toUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return json.replace(unseen, (character) => character.split('').map(toUnit).join(''))
}

/** The longest line of others that is passed on or kept, in bytes: memory is not RTL's to fill. */
export const longestLine = 65_536

const cutWords = ` … (cut here: the line is longer than ${longestLine} bytes)`

/** A line that was, or is to be, cut at the limit. */
export function toCutLine(start: string): string {
  return start + cutWords
}

/** A sentence or a line, cut with a word that says so if it is too long. */
export function cutLine(line: string): string {
  return line.length > longestLine ? toCutLine(line.slice(0, longestLine)) : line
}
