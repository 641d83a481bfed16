/** The coverage of a regression on its page: what of the RTL the software never touched. */
import type { CoverageKind, FileCoverage } from './coverage.js'
import { toCovered } from './page-source.js'
import { escapeHtml as escape } from './page-text.js'
import type { SourceText } from './source-excerpt.js'

const titles: Record<CoverageKind, string> = { line: 'blocks', toggle: 'toggles', user: 'cover properties' }
const mostNames = 40

/** @param sources of files that could be found, by name */
export function toCoverage(files: FileCoverage[], sources: Map<string, SourceText>): string {
  if (files.length === 0) return ''
  const heads = Object.values(titles).map((title) => `<th scope="col">${title}</th>`)
  const unreached = files.map((file) => toUnreached(file, sources.get(file.file)))
  return `<section id="coverage"><h2>Coverage of the RTL</h2>
<div class="wide" tabindex="0" role="group" aria-label="coverage by file"><table>
<thead><tr><th scope="col">file</th>${heads.join('')}</tr></thead>
<tbody>${files.map(toRow).join('')}</tbody></table></div>${unreached.join('')}</section>`
}

function toRow({ file, totals }: FileCoverage): string {
  const cells = (Object.keys(titles) as CoverageKind[]).map((kind) => `<td>${toShare(totals[kind])}</td>`)
  return `<tr><td>${escape(file)}</td>${cells.join('')}</tr>`
}

/** `12 of 16 (75 %)` */
function toShare({ reached, all }: { reached: number; all: number }): string {
  return all === 0 ? '–' : `${reached} of ${all} (${Math.floor((100 * reached) / all)} %)`
}

function toUnreached({ file, lines, unreached }: FileCoverage, source: SourceText | undefined): string {
  const missed = [...lines].filter(([, count]) => count === 0).map(([line]) => line)
  const parts = [
    ...(missed.length ? [`lines ${toRanges(missed.sort((a, b) => a - b))}`] : []),
    ...(unreached.length ? [`not in all bits: ${unreached.slice(0, mostNames).join(', ')}`] : []),
  ]
  if (parts.length === 0 && !source) return ''
  const summary = parts.length ? `never reached in ${escape(file)}` : `${escape(file)}: everything was reached`
  const text = source ? toCovered(source, lines) : ''
  return `<details><summary>${summary}</summary><p>${escape(parts.join('; '))}</p>${text}</details>`
}

function toRanges(lines: number[]): string {
  const ranges: [number, number][] = []
  for (const line of lines) {
    const last = ranges.at(-1)
    if (last && last[1] === line - 1) last[1] = line
    else ranges.push([line, line])
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(', ')
}
