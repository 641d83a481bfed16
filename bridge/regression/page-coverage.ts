/** The coverage of a regression on its page: what of the RTL the software never touched. */
import type { CoverageKind, FileCoverage } from './coverage.js'
import { escapeHtml as escape } from './page-text.js'

const titles: Record<CoverageKind, string> = { line: 'blocks', toggle: 'toggles', user: 'cover properties' }
const mostNames = 40

export function toCoverage(files: FileCoverage[]): string {
  if (files.length === 0) return ''
  const heads = Object.values(titles).map((title) => `<th>${title}</th>`)
  return `<section id="coverage"><h2>Coverage of the RTL</h2>
<div class="wide"><table><thead><tr><th>file</th>${heads.join('')}</tr></thead>
<tbody>${files.map(toRow).join('')}</tbody></table></div>${files.map(toUnreached).join('')}</section>`
}

function toRow({ file, totals }: FileCoverage): string {
  const cells = (Object.keys(titles) as CoverageKind[]).map((kind) => `<td>${toShare(totals[kind])}</td>`)
  return `<tr><td>${escape(file)}</td>${cells.join('')}</tr>`
}

/** `12 of 16 (75 %)` */
function toShare({ reached, all }: { reached: number; all: number }): string {
  return all === 0 ? '–' : `${reached} of ${all} (${Math.floor((100 * reached) / all)} %)`
}

function toUnreached({ file, lines, unreached }: FileCoverage): string {
  const missed = [...lines].filter(([, count]) => count === 0).map(([line]) => line)
  const parts = [
    ...(missed.length ? [`lines ${toRanges(missed.sort((a, b) => a - b))}`] : []),
    ...(unreached.length ? [`not in all bits: ${unreached.slice(0, mostNames).join(', ')}`] : []),
  ]
  if (parts.length === 0) return ''
  return `<details><summary>never reached in ${escape(file)}</summary><p>${escape(parts.join('; '))}</p></details>`
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
