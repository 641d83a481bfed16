/**
 * Results as JUnit XML, in the dialect that Jenkins' xUnit plugin checks ("junit-10"). That has no properties per test,
 * so those stand at the suite as `TEST.name`. Tests that never ran are errors: what is absent must not look green.
 */
import type { Result, ResultStatus } from './result.js'

const elementByStatus: Record<ResultStatus, string | undefined> = {
  passed: undefined,
  failed: 'failure',
  error: 'error',
  'not-run': 'error',
  skipped: 'skipped',
}

/** The whole file; one `testsuite` per suite, in the order of their first tests. */
export function toJunit(results: Result[]): string {
  const names = [...new Set(results.map(({ suite }) => suite))]
  const suites = names.map((name) =>
    toSuite(
      name,
      results.filter(({ suite }) => suite === name),
    ),
  )
  const { tests, failures, errors, time } = toCounts(results)
  const body = suites.join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n${open('testsuites', { tests, failures, errors, time })}\n${body}</testsuites>\n`
}

function toSuite(name: string, results: Result[]): string {
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
    ...results.map(toCase),
    '</testsuite>\n',
  ].join('\n')
}

function propertiesOf({ seed, repeat, properties }: Result): [string, string][] {
  const own = { seed: seed?.toString(), repeat, ...properties }
  return Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined)
}

function toCase(result: Result): string {
  const { suite, test, durationMs, output } = result
  return [
    open('testcase', { name: test, classname: suite, time: toSeconds(durationMs) }),
    ...toVerdict(result),
    ...(output ? [`<system-out>${escape(output)}</system-out>`] : []),
    '</testcase>',
  ].join('\n')
}

function toVerdict(result: Result): string[] {
  const { status, seed, repeat } = result
  const element = elementByStatus[status]
  if (!element) return []
  const message = result.message ?? (status === 'not-run' ? 'planned, but it never came to an end' : status)
  const first = message.split('\n')[0] ?? ''
  if (element === 'skipped') return [empty(element, { message: first })]
  const body = [message, ...(seed === undefined ? [] : [`seed ${seed}`]), ...(repeat ? [`repeat: ${repeat}`] : [])]
  return [`${open(element, { type: status, message: first })}${escape(body.join('\n'))}</${element}>`]
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

// What XML 1.0 has no way to say: control characters and halves of surrogate pairs.
const unsayable =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;' }

function escape(text: string): string {
  return text.replace(unsayable, '\ufffd').replace(/[&<>"\r]/g, (character) => entities[character] ?? '')
}
