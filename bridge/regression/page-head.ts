/** The head of the page: what came of it all, of what, which tests to look at, and what the script offers. */
import { toCount } from '../ground/format.js'
import { toCause, type FailureGroup } from './failure-groups.js'
import { escapeHtml as escape } from './page-text.js'
import type { PageTest } from './page-facts.js'
import type { RegressionFacts } from './regression-facts.js'
import { isBad, isGreen, resultStatuses, type Result, type ResultStatus } from './result.js'

export interface HeadFacts {
  title: string
  tests: PageTest[]
  facts: RegressionFacts
  groups: FailureGroup<PageTest>[]
  anchors: Map<PageTest, string>
}

export function toTitle(results: Result[]): string {
  const count = (status: ResultStatus) => results.filter((result) => result.status === status).length
  const [bad, skipped, flaky] = [results.filter(isBad).length, count('skipped'), count('flaky')]
  const notes = [flaky ? `${flaky} flaky` : '', skipped ? `${skipped} skipped` : ''].filter(Boolean)
  const also = notes.length ? ` (${notes.join(', ')})` : ''
  const ran = results.length - skipped
  if (bad) return `${results.length === 1 ? 'the test' : `${bad} of ${results.length} tests`} did not pass${also}`
  return isGreen(results) ? `${ran === 1 ? 'the test' : `all ${ran} tests`} passed${also}` : `no test ran${also}`
}

export function toHead({ title, tests, facts, groups, anchors }: HeadFacts): string {
  const results = tests.map(({ result }) => result)
  return `<header><h1 class="${isGreen(results) ? 'good' : 'bad'}">${escape(title)}</h1>
${toTotals(results)}<p class="facts">${toFacts(tests, facts)}</p>
${toLinks(groups, anchors)}${toControls(results)}</header>`
}

/** A link filters where scripts run. */
function toTotals(results: Result[]): string {
  const counts = resultStatuses.flatMap((status) => {
    const count = results.filter((result) => result.status === status).length
    return count ? [`<li class="${status}"><a href="#?status=${status}">${count} ${status}</a></li>`] : []
  })
  return `<ul class="totals">${counts.join('')}</ul>`
}

function toFacts(tests: PageTest[], { project, commit, masterSeed, began, ended }: RegressionFacts): string {
  const seconds = tests.reduce((sum, { result }) => sum + result.durationMs, 0) / 1000
  const accesses = tests.reduce((sum, { total }) => sum + total, 0)
  const parts = [
    project && `<b>${escape(project)}</b>`,
    commit && `commit <code>${escape(commit)}</code>`,
    masterSeed && `master seed <code>${escape(masterSeed)}</code>`,
    began && `<time datetime="${began}">${toDay(began)}</time> to <time>${toDay(ended ?? began)}</time> UTC`,
    `${seconds.toFixed(2)} s in tests`,
    accesses > 0 && `${toCount(accesses, 'access', 'accesses')} in logs`,
  ]
  return parts.filter(Boolean).join(' · ')
}

/** `2026-01-02 03:04:05` */
function toDay(date: string): string {
  return date.slice(0, 19).replace('T', ' ')
}

/** One to each kind of failure, where there are several. */
function toLinks(groups: FailureGroup<PageTest>[], anchors: Map<PageTest, string>): string {
  if (groups.length < 2) return ''
  const links = groups.map(({ headline, tests }) => {
    const [first] = tests
    const name = first ? `${first.result.suite}: ${first.result.test}` : ''
    const count = tests.length > 1 ? `<b>${tests.length} ×</b> ` : ''
    const target = first ? anchors.get(first) : ''
    return `<li><a href="#${target}">${count}${escape(name)}</a> <span>${escape(headline)}</span></li>`
  })
  return `<nav aria-label="what did not pass"><ol>${links.join('')}</ol></nav>`
}

/** Nothing of it is there without scripts. */
function toControls(results: Result[]): string {
  const select = (name: string, values: string[]) => {
    const options = [...new Set(values)].sort().map((value) => `<option>${escape(value)}</option>`)
    if (options.length < 2) return ''
    return `<label>${name} <select name="${name}"><option value="">any</option>${options.join('')}</select></label>`
  }
  const own = [
    select(
      'status',
      results.map(({ status }) => status),
    ),
    select('model', results.flatMap(toModels)),
    select(
      'program',
      results.flatMap(({ programs = [] }) => programs),
    ),
    select(
      'cause',
      results.flatMap((result) => toCause(result) ?? []),
    ),
  ]
  return `<form id="controls" role="search" hidden><label>search <input type="search" name="q"></label>
${own.join('')}<label>order <select name="order"><option value="">failures first</option>
<option value="name">name</option><option value="time">slowest first</option></select></label>
<p class="keys"><kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> next and previous test,
<kbd>n</kbd> <kbd>p</kbd> of those that did not pass, <kbd>Enter</kbd> opens, <kbd>Esc</kbd> shows all</p></form>`
}

/** Of results that do not name them the properties do. */
export function toModels({ models, properties }: Result): string[] {
  const named = Object.keys(properties).flatMap((name) => /^model (?!seed$)(.+)/.exec(name)?.[1] ?? [])
  return models ?? named
}
