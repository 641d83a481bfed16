/**
 * The page of a regression: one HTML file without scripts and without anything from elsewhere. Bad tests come first and
 * are open; the first failing access stands at the top.
 */
import { toCount } from '../format.js'
import type { LogRecord } from './log-record.js'
import { toSentence } from './log-record.js'
import type { FileCoverage } from './coverage.js'
import { toCoverage } from './page-coverage.js'
import { toHistogram, toTimeline, toWaves } from './page-drawings.js'
import { pageStyle } from './page-style.js'
import { escapeHtml as escape } from './page-text.js'
import { isBad, type Result } from './result.js'

export interface PageTest {
  result: Result
  /** The last accesses of its log, oldest first. */
  accesses: LogRecord[]
  /** How many the log has. */
  total: number
}

/** Accesses that are listed around the failing one, or at the end. */
const listed = 8

export function toPage(tests: PageTest[], coverage: FileCoverage[] = []): string {
  const bad = tests.filter(({ result }) => isBad(result)).sort((a, b) => rank(a) - rank(b))
  const rest = tests.filter(({ result }) => !isBad(result))
  const title = bad.length ? `${bad.length} of ${tests.length} tests did not pass` : `all ${tests.length} tests passed`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${pageStyle}</style></head>
<body><header><h1 class="${bad.length ? 'bad' : 'good'}">${escape(title)}</h1>
<p>${escape(toTotals(tests))}</p>${toLinks(bad)}</header>
<main>${[...bad, ...rest].map(toSection).join('\n')}${toCoverage(coverage)}</main></body></html>
`
}

/** Those that can name an access first. */
function rank({ result }: PageTest): number {
  return result.failingAccess ? 0 : 1
}

/** One link to each bad test, where there are several. */
function toLinks(bad: PageTest[]): string {
  if (bad.length < 2) return ''
  const links = bad.map(({ result }, i) => `<a href="#test-${i}">${escape(`${result.suite}: ${result.test}`)}</a>`)
  return `<nav>${links.join('')}</nav>`
}

function toTotals(tests: PageTest[]): string {
  const seconds = tests.reduce((sum, { result }) => sum + result.durationMs, 0) / 1000
  const accesses = tests.reduce((sum, { total }) => sum + total, 0)
  return `${seconds.toFixed(2)} s in tests, ${toCount(accesses, 'access', 'accesses')}`
}

function toSection(test: PageTest, index: number): string {
  const { result } = test
  const seconds = `${(result.durationMs / 1000).toFixed(2)} s`
  return `<details id="test-${index}" class="${result.status}"${isBad(result) ? ' open' : ''}>
<summary><span class="status">${result.status}</span> <b>${escape(result.test)}</b> <i>${escape(result.suite)}</i> <span>${seconds}</span></summary>
${toFailure(test)}${toAccesses(test)}${toWaves(result)}${toHistogram(test.accesses)}${toFacts(result)}${toOutput(result)}</details>`
}

/** What went wrong, where on the bus, in which cycle, in which line of the program. */
function toFailure({ result, accesses }: PageTest): string {
  const { message, failingAccess, location } = result
  const record = accesses.find(({ seq }) => seq === BigInt(failingAccess?.seq ?? 0))
  const where = record?.cycles ? `, cycles ${record.cycles.start} to ${record.cycles.end}` : ''
  const place = location ? ` (${location.file}${location.line ? `:${location.line}` : ''})` : ''
  const by = record?.symbol ? `, in ${record.symbol}` : ''
  return [
    failingAccess
      ? `<p class="failing">access ${failingAccess.seq}: ${escape(failingAccess.message + where + by)}</p>`
      : '',
    message ? `<pre class="message">${escape(message + place)}</pre>` : '',
  ].join('\n')
}

function toAccesses({ result, accesses, total }: PageTest): string {
  if (total === 0) return ''
  const failing = BigInt(result.failingAccess?.seq ?? -1)
  const at = accesses.findIndex(({ seq }) => seq === failing)
  const end = at < 0 ? accesses.length : Math.min(accesses.length, at + 3)
  const shown = accesses.slice(Math.max(0, end - listed), end)
  const rows = shown.map((record) => {
    const mark = record.seq === failing ? ' class="failing"' : ''
    const cycles = record.cycles ? `${record.cycles.start}–${record.cycles.end}` : ''
    return `<tr${mark}><td>${record.seq}</td><td>${cycles}</td><td>${escape(toSentence(record))}</td></tr>`
  })
  return `<figure>${toTimeline(accesses, failing)}<figcaption>${toCount(total, 'access', 'accesses')}</figcaption></figure>
<div class="wide"><table><thead><tr><th>#</th><th>cycles</th><th>access</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function toFacts({ seed, repeat, waves, properties }: Result): string {
  const facts = { seed: seed?.toString(), repeat, 'open the waves': waves?.command, ...properties }
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${escape(name)}</dt><dd><code>${escape(value)}</code></dd>`],
  )
  return rows.length ? `<dl>${rows.join('')}</dl>` : ''
}

function toOutput({ output }: Result): string {
  return output ? `<details class="output"><summary>output</summary><pre>${escape(output)}</pre></details>` : ''
}
