/** Text into HTML, in elements and in attributes. */
import { toVisibleLines } from '../ground/visible.js'

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escapeHtml(text: string): string {
  return toVisibleLines(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
