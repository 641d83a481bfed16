/**
 * The page of a regression: one HTML file with nothing from elsewhere. Everything can be read without scripts; the one
 * that is in it searches, filters and sorts. What failed comes first, with those that failed alike under one heading.
 */
import { createHash } from 'node:crypto'
import { mergeCoverage } from '../registers/coverage.js'
import { groupFailures, type FailureGroup } from './failure-groups.js'
import { toCoverage } from './page-coverage.js'
import type { PageFacts, PageTest } from './page-facts.js'
import { toHead, toTitle } from './page-head.js'
import { toRegisterCoverage } from './page-registers.js'
import { pageScript } from './page-script.js'
import { pageStyle } from './page-style.js'
import { isQuiet, toSection, type Frame } from './page-test.js'
import { escapeHtml as escape } from './page-text.js'
import { toTrend } from './page-trend.js'
import { toKey } from './trend.js'

/** So many of a group have all that is known of them; of the others, too, but for the drawings. */
const drawnOfGroup = 3
const mostDrawn = 150
const mostOpen = 8

export function toPage(page: PageFacts): string {
  const { tests, coverage, sources, trend } = page
  const groups = groupFailures(tests.filter(({ result }) => !isQuiet(result)))
  const quiet = tests.filter(({ result }) => isQuiet(result))
  const anchors = toAnchors(tests)
  const title = toTitle(tests.map(({ result }) => result))
  const registers = mergeCoverage(tests.flatMap(({ result }) => result.registers ?? []))
  const toFrame = (test: PageTest, frame: Partial<Frame> = {}): Frame => ({
    anchor: anchors.get(test) ?? '',
    folder: page.folder,
    change: trend?.changes.get(toKey(test)),
    isDrawn: false,
    isOpen: false,
    ...frame,
  })
  let drawn = 0
  const toGroup = ({ headline, tests: own }: FailureGroup<PageTest>, place: number) => {
    const sections = own.map((test, i) => {
      const isDrawn = i < drawnOfGroup && drawn++ < mostDrawn
      return toSection(test, toFrame(test, { isDrawn, isOpen: i === 0 && place < mostOpen }))
    })
    const heading = own.length > 1 ? `<h3>${own.length} tests: ${escape(headline)}</h3>` : ''
    return `<section class="alike">${heading}${sections.join('\n')}</section>`
  }
  const rest = quiet.map((test) => toSection(test, toFrame(test)))
  const body = `${toHead({ ...page, title, groups, anchors })}
<main>${trend ? toTrend(trend, anchors, tests) : ''}<h2>Tests</h2><p id="shown" role="status"></p>
<div id="tests">${groups.map(toGroup).join('\n')}<section class="alike">${rest.join('\n')}</section></div>
${toRegisterCoverage(registers)}${toCoverage(coverage, sources)}</main>`
  return toDocument(title, body)
}

function toDocument(title: string, body: string): string {
  const policy = `default-src 'none'; style-src '${toDigest(pageStyle)}'; script-src '${toDigest(pageScript)}'`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title><style>${pageStyle}</style></head>
<body>${body}
<script>${pageScript}</script></body></html>
`
}

function toDigest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** The same for a test in every regression, so that links to it stay. */
function toAnchors(tests: PageTest[]): Map<PageTest, string> {
  const counts = new Map<string, number>()
  const toAnchor = (test: PageTest) => {
    const name = `t-${createHash('sha256').update(toKey(test)).digest('hex').slice(0, 10)}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name}-${count}`
  }
  return new Map(tests.map((test) => [test, toAnchor(test)]))
}
