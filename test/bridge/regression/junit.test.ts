/** JUnit validates and says the same as the results; annotations survive GitHub's own parsing rules. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { XMLParser } from 'fast-xml-parser'
import { expect, it } from 'vitest'
import { toAnnotations } from '../../../bridge/regression/annotations.js'
import { toJunit } from '../../../bridge/regression/junit.js'
import { readResults, writeResult, type Result, type StoredResult } from '../../../bridge/regression/result.js'
import { root } from '../../support/places.js'
import { makeScratch } from '../../support/scratch.js'
import { oneOfEach } from './results.js'

/** As if they had been read from this folder. */
function stored(results: Result[]): StoredResult[] {
  return results.map((result) => ({ result, directory: 'results/x' }))
}

function validate(xml: string): string {
  const file = makeScratch().write('junit.xml', xml)
  const schema = join(root, 'test/bridge/regression/junit.xsd')
  const { status, stderr, error } = spawnSync('xmllint', ['--noout', '--schema', schema, file], { encoding: 'utf8' })
  return status === 0 ? 'valid' : (error?.message ?? stderr)
}

it.each([
  ['one of each', oneOfEach],
  ['nothing', []],
] as [string, Result[]][])('JUnit of %s validates', (_what, results) => {
  expect(validate(toJunit(stored(results)))).toBe('valid')
})

it('the schema refuses what the servers refuse', () => {
  expect(validate(toJunit(stored(oneOfEach)).replace(' tests="3"', ''))).toMatch(/tests.*required/)
})

it('JUnit says what the results say; what never ran is an error', () => {
  const parsed = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(toJunit(stored(oneOfEach)))
  expect(parsed.testsuites).toMatchObject({ tests: '5', failures: '1', errors: '2', time: '0.480' })
  const [driver, other] = parsed.testsuites.testsuite
  expect(driver).toMatchObject({ name: 'driver', tests: '3', failures: '1', errors: '1', skipped: '0' })
  expect(driver.properties.property).toContainEqual({ name: 'counts.seed', value: '7' })
  expect(driver.testcase[1].failure).toMatchObject({ message: 'expected 1 < 2 & "3"' })
  expect(driver.testcase[1].failure['#text']).toContain('repeat: npx vitest run driver -t "reads back"')
  expect(other.testcase[0].error.message).toBe('planned, but it never came to an end')
})

it('annotations stand at file and line', () => {
  const lines = toAnnotations(stored(oneOfEach)).trimEnd().split('\n')
  expect(lines).toEqual([
    '::error file=test/driver%2C1.test.ts,line=12,title=driver%3A reads back::expected 1 < 2 & "3"%0Asecond: ' +
      'line, 100%25%0Aseed 8%0Arepeat: npx vitest run driver -t "reads back"',
    '::error title=driver%3A crashes::model counter: $fatal at counter.sv:12',
    '::error title=other%3A later::planned, but it never came to an end',
  ])
})

it('results survive their files; a broken file is named', () => {
  const { path } = makeScratch()
  const written = oneOfEach.map((result, i) => writeResult(join(path, 'deep'), `${i}`, result))
  expect(readResults([path]).map(({ result }) => result)).toEqual(oneOfEach)
  writeFileSync(written[2] ?? '', readFileSync(written[2] ?? '', 'utf8').replace('"error"', '"fine"'))
  expect(() => readResults([path])).toThrow(/2\.result\.json is not the result of a test .*status/)
})
