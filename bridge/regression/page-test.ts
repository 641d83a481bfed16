/** One test on the page: what went wrong first, then all that is known of it. */
import { dirname, join, relative } from 'node:path'
import { toCount } from '../ground/format.js'
import { toSentence, type LogEntry } from '../logs/log-record.js'
import { toSymbol } from '../wire/access.js'
import { outputFile } from './evidence-files.js'
import { toCause } from './failure-groups.js'
import { toHistogram, toTimeline } from './page-drawings.js'
import { toModels } from './page-head.js'
import { toSource } from './page-source.js'
import { escapeHtml as escape } from './page-text.js'
import { toTimes } from './page-trend.js'
import { toWaves } from './page-waves.js'
import type { PageTest } from './page-facts.js'
import { isBad, toProblem, type Result } from './result.js'
import type { Changed } from './trend.js'

/** How a test stands on the page. */
export interface Frame {
  anchor: string
  /** Of the page. */
  folder: string
  change: Changed | undefined
  isDrawn: boolean
  isOpen: boolean
}

/** Accesses that are listed around the failing one, or at the end. */
const listed = 8
/** Lines of what the programs said last. */
const saidLines = 12

export function toSection(test: PageTest, frame: Frame): string {
  const { result } = test
  const parts = isQuiet(result)
    ? [toFailure(test), toBrief(test, frame), toOutput(result)]
    : [
        ...[toFailure(test), toSaid(result), ...test.sources.map(toSource), toAttempts(result)],
        ...[frame.isDrawn ? toDrawn(test) : '', toFacts(test, frame), toOutput(result)],
      ]
  return `<details class="test ${result.status}"${toData(result)}${frame.isOpen ? ' open' : ''}>
${toSummary(result, frame)}
<div class="body" id="${frame.anchor}">${parts.join('')}</div></details>`
}

/** Nobody has to look at it. */
export function isQuiet(result: Result): boolean {
  return !isBad(result) && result.status !== 'flaky'
}

/** Of thousands of tests this is all that there is, so it is short. */
function toBrief({ result: { seed, repeat } }: PageTest, { anchor }: Frame): string {
  const parts = [seed === undefined ? '' : `seed ${seed}`, repeat ? `<code>${escape(repeat)}</code>` : '']
  return `<p>${[...parts, `<a href="#${anchor}">link to this test</a>`].filter(Boolean).join(' · ')}</p>`
}

function toData(result: Result): string {
  const { status, durationMs, programs = [] } = result
  const data = {
    status,
    ms: durationMs.toFixed(0),
    model: toModels(result).join('\t'),
    program: programs.join('\t'),
    cause: toCause(result) ?? '',
  }
  return Object.entries(data)
    .map(([name, value]) => (value ? ` data-${name}="${escape(value)}"` : ''))
    .join('')
}

function toSummary({ status, test, suite, durationMs }: Result, { change }: Frame): string {
  const words = change && (change.change === 'slower' ? `slower: ${toTimes(change)}` : change.change)
  const badge = words ? ` <em>${escape(words)}</em>` : ''
  const name = `<b>${escape(test)}</b> <i>${escape(suite)}</i>`
  const took = `<span class="took">${(durationMs / 1000).toFixed(2)} s</span>`
  return `<summary><span class="status">${status}</span> ${name}${badge} ${took}</summary>`
}

/** What went wrong, where on the bus, in which cycle, in which line of the program. */
function toFailure({ result, blamed }: PageTest): string {
  const { failingAccess, location } = result
  const where = blamed?.cycles ? `, cycles ${blamed.cycles.start} to ${blamed.cycles.end}` : ''
  const place = location ? ` (${location.file}${location.line ? `:${location.line}` : ''})` : ''
  const by = blamed?.symbol && !failingAccess?.message.includes(blamed.symbol) ? `, in ${blamed.symbol}` : ''
  const isTold = result.message !== undefined || isBad(result)
  const problem = isTold ? toProblem(result) : ''
  const message = isSaid(problem, result) ? '' : problem
  return [
    failingAccess
      ? `<p class="failing">access ${failingAccess.seq}: ${escape(failingAccess.message + where + by)}</p>`
      : '',
    blamed ? toCalls(blamed) : '',
    message ? `<pre class="message">${escape(message + place)}</pre>` : '',
  ].join('\n')
}

/** The calls that led to an access, the outermost first. */
function toCalls({ frames = [], symbol }: LogEntry): string {
  if (frames.length < 2) return ''
  const calls = frames.map(toSymbol).map((one) => {
    const text = escape(one)
    return one === symbol ? `<strong>${text}</strong>` : text
  })
  return `<p class="calls">called by ${calls.reverse().join(' → ')}</p>`
}

/** The line of the access has it already. */
function isSaid(text: string, { failingAccess }: Result): boolean {
  return failingAccess?.message.includes(text.trim()) ?? false
}

/** The programs' own verdict: what they said last. */
function toSaid(result: Result): string {
  const lines = result.output.trimEnd().split('\n')
  if (result.output.trim() === '' || isSaid(result.output, result)) return ''
  const last = lines.slice(-saidLines).join('\n')
  const title = lines.length > saidLines ? `what was printed, the last ${saidLines} lines` : 'what was printed'
  return `<figure class="said"><figcaption>${title}</figcaption><pre>${escape(last)}</pre></figure>`
}

function toDrawn(test: PageTest): string {
  return toWaves(test.result) + toAccesses(test)
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
  return toWhen(accesses, failing, total) + toTable('accesses', ['#', 'cycles', 'access'], rows)
}

/** When they were made, and how long they took, where the list has not all of that. */
function toWhen(accesses: LogEntry[], failing: bigint, total: number): string {
  if (total <= listed) return ''
  const count = toCount(total, 'access', 'accesses')
  const colours = '<b class="reads">reads</b>, <b class="writes">writes</b>, <b class="marked">the one to blame</b>'
  const figure = `<figure>${toTimeline(accesses, failing)}<figcaption>${count}: ${colours}</figcaption></figure>`
  return figure + toHistogram(accesses)
}

/** What came of each attempt of a test that was tried again, and where its evidence is. */
function toAttempts({ attempts = [] }: Result): string {
  if (attempts.length === 0) return ''
  const rows = attempts.map(({ attempt, status, message = '', log, failingAccess }) => {
    const access = failingAccess ? `access ${failingAccess.seq}: ${failingAccess.message}` : ''
    const cells = [String(attempt), status, message.split('\n')[0] ?? '', access, log ?? '']
    return `<tr class="${status}">${cells.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>`
  })
  return toTable('attempts', ['attempt', 'status', 'why', 'access', 'log'], rows)
}

function toTable(label: string, heads: string[], rows: string[]): string {
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join('')
  return `<div class="wide" tabindex="0" role="group" aria-label="${label}"><table><thead><tr>${head}</tr></thead>
<tbody>${rows.join('')}</tbody></table></div>`
}

function toFacts(test: PageTest, frame: Frame): string {
  const { seed, repeat, waves, properties } = test.result
  const facts = {
    repeat,
    seed: seed?.toString(),
    'waves in GTKWave': waves?.command,
    'in Surfer': waves?.surfer,
    ...properties,
  }
  const rows = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`<dt>${escape(name)}</dt><dd><code>${escape(value)}</code></dd>`],
  )
  const links = toLinks(test, frame)
  return `<p class="links">${links.join(' ')}</p>${rows.length ? `<dl>${rows.join('')}</dl>` : ''}`
}

/** To this test, and to the files of its evidence, from where the page lies. */
function toLinks({ result, directory }: PageTest, { anchor, folder, isDrawn }: Frame): string[] {
  const { log, waves } = result
  const beside = (file: string | undefined, name: string) => file && join(dirname(file), name)
  const files = {
    'access log': log,
    waveform: waves?.file,
    WaveDrom: waves?.drawing,
    output: beside(log, outputFile),
  }
  const links = Object.entries(files).map(([name, file]) => {
    if (!file) return ''
    const href = relative(folder, join(directory, file)).split('/').map(encodeURIComponent).join('/')
    return `<a href="${escape(href)}">${name}</a>`
  })
  const undrawn = waves?.excerpt && !isDrawn ? 'drawn are the first tests that failed so;' : ''
  return [undrawn, ...links, `<a href="#${anchor}">link to this test</a>`].filter(Boolean)
}

function toOutput({ output }: Result): string {
  if (output.trimEnd().split('\n').length <= saidLines) return ''
  return `<details class="output"><summary>all that was printed</summary><pre>${escape(output)}</pre></details>`
}
