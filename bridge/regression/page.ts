/**
 * The page of a regression: one HTML file without scripts and without anything from elsewhere. Bad tests come first and
 * are open; the first failing access stands at the top.
 */
import { toCount } from '../ground/format.js'
import type { LogEntry } from '../logs/log-record.js'
import { toSentence } from '../logs/log-record.js'
import type { FileCoverage } from './coverage.js'
import { toCoverage } from './page-coverage.js'
import { toHistogram, toTimeline } from './page-drawings.js'
import { pageStyle } from './page-style.js'
import { mergeCoverage } from '../registers/coverage.js'
import { toRegisterCoverage } from './page-registers.js'
import { escapeHtml as escape } from './page-text.js'
import { toWaves } from './page-waves.js'
import { isBad, isGreen, toProblem, type Result, type ResultStatus, type StoredResult } from './result.js'

export interface PageTest extends StoredResult {
  /** The last accesses of its log, oldest first. */
  accesses: LogEntry[]
  /** How many the log has. */
  total: number
}

/** Accesses that are listed around the failing one, or at the end. */
const listed = 8

export function toPage(tests: PageTest[], coverage: FileCoverage[] = []): string {
  const bad = tests.filter(({ result }) => isBad(result)).sort((a, b) => rank(a) - rank(b))
  const flaky = tests.filter(({ result }) => result.status === 'flaky')
  const rest = tests.filter(({ result }) => !isBad(result) && result.status !== 'flaky')
  const results = tests.map(({ result }) => result)
  const registers = mergeCoverage(results.flatMap((result) => result.registers ?? []))
  const title = toTitle(results)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${pageStyle}</style></head>
<body><header><h1 class="${isGreen(results) ? 'good' : 'bad'}">${escape(title)}</h1>
<p>${escape(toTotals(tests))}</p>${toLinks([...bad, ...flaky])}</header>
<main>${[...bad, ...flaky, ...rest].map(toSection).join('\n')}
${toRegisterCoverage(registers)}${toCoverage(coverage)}</main></body></html>
`
}

function toTitle(results: Result[]): string {
  const count = (status: ResultStatus) => results.filter((result) => result.status === status).length
  const [bad, skipped, flaky] = [results.filter(isBad).length, count('skipped'), count('flaky')]
  const notes = [flaky ? `${flaky} flaky` : '', skipped ? `${skipped} skipped` : ''].filter(Boolean)
  const also = notes.length ? ` (${notes.join(', ')})` : ''
  if (bad) return `${bad} of ${results.length} tests did not pass${also}`
  return isGreen(results) ? `all ${results.length - skipped} tests passed${also}` : `no test ran${also}`
}

/** Those that can name an access first. */
function rank({ result }: PageTest): number {
  return result.failingAccess ? 0 : 1
}

/** One link to each test that one has to look at, where there are several. */
function toLinks(tests: PageTest[]): string {
  if (tests.length < 2) return ''
  const links = tests.map(({ result }, i) => `<a href="#test-${i}">${escape(`${result.suite}: ${result.test}`)}</a>`)
  return `<nav>${links.join('')}</nav>`
}

function toTotals(tests: PageTest[]): string {
  const seconds = tests.reduce((sum, { result }) => sum + result.durationMs, 0) / 1000
  const accesses = tests.reduce((sum, { total }) => sum + total, 0)
  return `${seconds.toFixed(2)} s in tests, ${toCount(accesses, 'access', 'accesses')}`
}

function toSection(test: PageTest, index: number): string {
  const { result } = test
  const isOpen = isBad(result) || result.status === 'flaky'
  const seconds = `${(result.durationMs / 1000).toFixed(2)} s`
  const parts = [
    ...[toFailure(test), toAttempts(result), toAccesses(test), toWaves(result), toHistogram(test.accesses)],
    ...[toFacts(test), toOutput(result)],
  ]
  return `<details id="test-${index}" class="${result.status}"${isOpen ? ' open' : ''}>
<summary><span class="status">${result.status}</span> <b>${escape(result.test)}</b> <i>${escape(result.suite)}</i>
<span>${seconds}</span></summary>
${parts.join('')}</details>`
}

/** What went wrong, where on the bus, in which cycle, in which line of the program. */
function toFailure({ result, accesses }: PageTest): string {
  const { failingAccess, location } = result
  const record = accesses.find(({ seq }) => seq === BigInt(failingAccess?.seq ?? 0))
  const where = record?.cycles ? `, cycles ${record.cycles.start} to ${record.cycles.end}` : ''
  const place = location ? ` (${location.file}${location.line ? `:${location.line}` : ''})` : ''
  const by = record?.symbol && !failingAccess?.message.includes(record.symbol) ? `, in ${record.symbol}` : ''
  const isTold = result.message !== undefined || isBad(result)
  const message = isTold ? toProblem(result) : ''
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
  const count = toCount(total, 'access', 'accesses')
  return `<figure>${toTimeline(accesses, failing)}<figcaption>${count}</figcaption></figure>
${toTable(['#', 'cycles', 'access'], rows)}`
}

/** What came of each attempt of a test that was tried again, and where its evidence is. */
function toAttempts({ attempts = [] }: Result): string {
  if (attempts.length === 0) return ''
  const rows = attempts.map(({ attempt, status, message = '', log, failingAccess }) => {
    const access = failingAccess ? `access ${failingAccess.seq}: ${failingAccess.message}` : ''
    const cells = [String(attempt), status, message.split('\n')[0] ?? '', access, log ?? '']
    return `<tr class="${status}">${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`
  })
  return toTable(['attempt', '', '', 'access', 'log'], rows)
}

function toTable(heads: string[], rows: string[]): string {
  const head = heads.map((text) => `<th>${text}</th>`).join('')
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function toFacts({ result, directory }: PageTest): string {
  const { seed, repeat, waves, log, properties } = result
  const evidence = log === undefined ? undefined : directory
  const facts = { seed: seed?.toString(), repeat, evidence, 'open the waves': waves?.command, ...properties }
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${escape(name)}</dt><dd><code>${escape(value)}</code></dd>`],
  )
  return rows.length ? `<dl>${rows.join('')}</dl>` : ''
}

function toOutput({ output }: Result): string {
  return output ? `<details class="output"><summary>output</summary><pre>${escape(output)}</pre></details>` : ''
}
