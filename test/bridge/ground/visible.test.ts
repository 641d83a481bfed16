/** What has no shape of its own is shown, so that no name moves a cursor or makes a line of its own. */
import { expect, it } from 'vitest'
import { toAnnotations } from '../../../bridge/regression/annotations.js'
import { toJunit } from '../../../bridge/regression/junit.js'
import type { PageFacts } from '../../../bridge/regression/page-facts.js'
import { toPage } from '../../../bridge/regression/page.js'
import type { StoredResult } from '../../../bridge/regression/result.js'
import { toVisible, toVisibleJson, toVisibleLines } from '../../../bridge/ground/visible.js'
import { KeptOutput } from '../../../bridge/vitest/kept-output.js'

it.each([
  ['\x1b[2J\x1b]0;owned\x07', '\\x1b[2J\\x1b]0;owned\\x07'],
  ['a\nb\rc\0d', 'a\\nb\\rc\\0d'],
  ['a\tb c', 'a\tb c'],
  ['\x7f\x80\x9b31m', '\\x7f\\x80\\x9b31m'],
  ['\u202eabc\u2066\u200f\u061c', '\\u{202e}abc\\u{2066}\\u{200f}\\u{61c}'],
  ['\u2028\u2029\u0085', '\\u{2028}\\u{2029}\\x85'],
  ['\u200b\ufeff\u00ad', '\\u{200b}\\u{feff}\\xad'],
  ['\u{e0041}', '\\u{e0041}'],
  ['\ud800', '\\u{d800}'],
  ['Zähler, 計数器, 🙂, \\x1b', 'Zähler, 計数器, 🙂, \\x1b'],
])('%j', (text, shown) => {
  expect(toVisible(text)).toBe(shown)
})

it('lines that are meant stay lines', () => {
  expect(toVisibleLines('a\r\nb\x1b\nc\rd')).toBe('a\nb\\x1b\nc\\rd')
})

it('JSON stays the same for who reads it', () => {
  const text = '\u202e\x9b \u{e0041} \x1b é'
  const json = toVisibleJson(JSON.stringify({ text }))
  expect(json).toBe('{"text":"\\u202e\\u009b \\udb40\\udc41 \\u001b é"}')
  expect(JSON.parse(json)).toEqual({ text })
})

const hostile = 'a\x1b[31m\u202e\x00b'
const shown = 'a\\x1b[31m\\u{202e}\\0b'
const stored: StoredResult = {
  directory: 'results/x',
  result: {
    format: 'trapline-result-1',
    suite: hostile,
    test: `${hostile}\n::error::forged`,
    status: 'failed',
    message: `${hostile}\nsecond`,
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    properties: { [hostile]: hostile },
    output: `${hostile}\n`,
  },
}

const page: PageFacts = {
  tests: [{ ...stored, accesses: [], total: 0, sources: [] }],
  ...{ facts: {}, coverage: [], sources: new Map(), folder: '.' },
}

it.each<[string, string]>([
  ['JUnit', toJunit([stored])],
  ['the page', toPage(page)],
])('%s has no character without a shape', (_what, text) => {
  expect(text).toContain(shown)
  expect(text.match(/(?![\n\t])[\p{Cc}\p{Cf}]/gu)).toBeNull()
})

it('an annotation is one line, whatever a test is called', () => {
  const [line, ...more] = toAnnotations([stored]).split('\n')
  expect(more).toEqual([''])
  expect(line).toBe(`::error title=${shown}%3A ${shown}\\n%3A%3Aerror%3A%3Aforged::${shown}%0Asecond`)
})

it('what is kept of an output has its begin and its end', () => {
  const output = new KeptOutput()
  for (let i = 0; i < 300; i++) output.note(`${i} ${'x'.repeat(100_000)}`)
  expect(output.text.length).toBeLessThan(13 * 2 ** 20)
  expect(output.text).toMatch(/^0 x+\n1 x/)
  expect(output.text).toMatch(/\n\(\d+ characters of the output are left out here\)\n/)
  expect(output.text).toMatch(/\n299 x+\n$/)
})
