/**
 * Words of strangers, for a sentence of ours: what they say is visible (`visible.ts`), and no longer than a sentence
 * bears.
 */
import { toVisible } from './visible.js'

const usualLength = 200

/** On one line, cut off. */
export function toPrintable(words: unknown, most = usualLength): string {
  const text = toVisible(String(words))
  return text.length > most ? `${text.slice(0, most)}…` : text
}
