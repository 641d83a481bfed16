/**
 * Results as JUnit XML, in the dialect that Jenkins' xUnit plugin checks ("junit-10"). That has no properties per test,
 * so those stand at the suite as `TEST.name`; nor has it a word for a test that passed when it was tried again, so that
 * is a property `TEST.flaky`. Tests that never came to an end are errors: what is absent must not look green.
 */
import { toNote } from './note.js'
import { toProblem, type Result, type ResultStatus, type StoredResult } from './result.js'
import { toVisibleLines } from '../ground/visible.js'

const elementByStatus: Record<ResultStatus, string | undefined> = {
  passed: undefined,
  flaky: undefined,
  failed: 'failure',
  error: 'error',
  begun: 'error',
  'not-run': 'error',
  skipped: 'skipped',
}

/** The whole file; one `testsuite` per suite, in the order of their first tests. */
export function toJunit(stored: StoredResult[]): string {
  const results = stored.map(({ result }) => result)
  const names = [...new Set(results.map(({ suite }) => suite))]
  const suites = names.map((name) =>
    toSuite(
      name,
      stored.filter(({ result }) => result.suite === name),
    ),
  )
  const { tests, failures, errors, time } = toCounts(results)
  const body = suites.join('')
  return (
    `<?xml version="1.0" ` +
    `encoding="UTF-8"?>\n${open('testsuites', { tests, failures, errors, time })}\n${body}</testsuites>\n`
  )
}

function toSuite(name: string, stored: StoredResult[]): string {
  const results = stored.map(({ result }) => result)
  const timestamp = results
    .map(({ startedAt }) => startedAt)
    .sort()[0]
    ?.slice(0, 19)
  const properties = results.flatMap((result) =>
    propertiesOf(result).map(([key, value]) => empty('property', { name: `${result.test}.${key}`, value })),
  )
  return [
    open('testsuite', { name, ...toCounts(results), timestamp }),
    ...(properties.length ? ['<properties>', ...properties, '</properties>'] : []),
    ...stored.map(toCase),
    '</testsuite>\n',
  ].join('\n')
}

function propertiesOf({ status, seed, repeat, properties, attempts }: Result): [string, string][] {
  const flaky = status === 'flaky' ? `passed at attempt ${attempts?.at(-1)?.attempt ?? 'N'}` : undefined
  const own = { flaky, seed: seed?.toString(), repeat, ...properties }
  return Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined)
}

function toCase(stored: StoredResult): string {
  const { status, suite, test, durationMs, output } = stored.result
  return [
    open('testcase', { name: test, classname: suite, time: toSeconds(durationMs) }),
    ...toVerdict(stored),
    ...(status === 'flaky' ? [`<system-out>${escape(toBody(stored))}</system-out>`] : []),
    ...(output ? [`<system-out>${escape(output)}</system-out>`] : []),
    '</testcase>',
  ].join('\n')
}

function toVerdict(stored: StoredResult): string[] {
  const { status, message } = stored.result
  const element = elementByStatus[status]
  if (!element) return []
  if (element === 'skipped') return [empty(element, { message: toFirstLine(message ?? status) })]
  const attributes = { type: status, message: toFirstLine(toProblem(stored.result)) }
  return [`${open(element, attributes)}${escape(toBody(stored))}</${element}>`]
}

function toFirstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** All that one needs to know of what went wrong, and where more of it is. */
function toBody(stored: StoredResult): string {
  return [toProblem(stored.result), ...toNote(stored)].join('\n')
}

function toCounts(results: Result[]) {
  const count = (element: string) => results.filter(({ status }) => elementByStatus[status] === element).length
  return {
    tests: results.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: toSeconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0)),
  }
}

function toSeconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

type Attributes = Record<string, string | number | undefined>

function open(name: string, attributes: Attributes): string {
  return `<${name}${toText(attributes)}>`
}

function empty(name: string, attributes: Attributes): string {
  return `<${name}${toText(attributes)}/>`
}

function toText(attributes: Attributes): string {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined)
  return present.map(([name, value]) => ` ${name}="${escape(String(value)).replaceAll('\n', '&#10;')}"`).join('')
}

// What XML 1.0 has no way to say, beside control characters and halves of surrogate pairs.
const unsayable = /[\ufffe\uffff]/g
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escape(text: string): string {
  return toVisibleLines(text)
    .replace(unsayable, '\ufffd')
    .replace(/[&<>"]/g, (character) => entities[character] ?? '')
}
