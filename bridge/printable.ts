/** Words of strangers, for a sentence of ours: they shall not choose what a terminal or a log looks like. */

const usualLength = 200

/** On one line, without what steers a terminal, and cut off. */
export function toPrintable(words: unknown, most = usualLength): string {
  const text = String(words).replace(/[\p{C}\u2028\u2029]/gu, '?')
  return text.length > most ? `${text.slice(0, most)}…` : text
}
