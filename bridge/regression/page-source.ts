/** Sources on the page: some lines around one, or a whole file with how often its lines were reached. */
import { escapeHtml as escape } from './page-text.js'
import type { SourceExcerpt, SourceText } from './source-excerpt.js'

export function toSource({ file, line, first, lines, isNewer }: SourceExcerpt): string {
  const rows = lines.map((text, i) => {
    const isMeant = first + i === line
    return toLine(first + i, text, isMeant ? 'blamed' : '', isMeant ? '▶' : ' ')
  })
  const warning = isNewer ? ', <strong>written after the test ran</strong>' : ''
  const caption = `<figcaption>${escape(file)}:${line}${warning}</figcaption>`
  return `<figure class="source">${caption}${toCode(rows, `${file}:${line}`)}</figure>`
}

/** @param counts how often each line that can be reached was */
export function toCovered({ file, lines }: SourceText, counts: Map<number, number>): string {
  const rows = lines.map((text, i) => {
    const count = counts.get(i + 1)
    const name = count === undefined ? '' : count > 0 ? 'reached' : 'missed'
    return toLine(i + 1, text, name, String(count ?? '').padStart(6))
  })
  return `<figure class="source covered">${toCode(rows, file)}</figure>`
}

function toCode(rows: string[], label: string): string {
  return `<pre tabindex="0" role="group" aria-label="${escape(label)}"><code>${rows.join('\n')}</code></pre>`
}

function toLine(number: number, text: string, name: string, mark: string): string {
  const row = `${mark} ${String(number).padStart(4)}  ${text}`
  return name ? `<span class="${name}">${escape(row)}</span>` : escape(row)
}
