/** Marks and verdicts of runs that share a folder: none is lost, and none takes the place of another. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findLostResults } from '../../../bridge/regression/lost-results.js'
import { readResults, type ResultStatus } from '../../../bridge/regression/result.js'
import { VerdictFiles } from '../../../bridge/regression/verdict-files.js'
import { makeScratch } from '../../support/scratch.js'
import { toResult } from './results.js'

const facts = { suite: 'driver', test: 'counts', startedAt: '2026-01-02T03:04:05Z' }
const name = 'counts-0123abcd'

function statusesIn(directory: string): ResultStatus[] {
  return readResults([directory], { mayBeNone: true })
    .map(({ result }) => result.status)
    .sort()
}

function begin(directory: string): VerdictFiles {
  const files = new VerdictFiles(directory, name)
  files.begin(facts)
  return files
}

it('a run that was begun counts until its verdict stands', () => {
  const { path } = makeScratch()
  const files = begin(path)
  expect(statusesIn(path)).toEqual(['begun'])
  files.write(toResult({}))
  expect(statusesIn(path)).toEqual(['passed'])
})

it('a mark whose run has left its verdict counts no more', () => {
  const { path } = makeScratch()
  const files = begin(path)
  const [mark] = readResults([path])
  files.write(toResult({ status: 'failed' }))
  writeFileSync(join(path, `${name}.late.result.json`), JSON.stringify(mark?.result))
  expect(statusesIn(path)).toEqual(['failed'])
})

it('runs of one name at once each have their say, whatever the order', () => {
  const { path } = makeScratch()
  const [killed, failed, passed, other] = [begin(path), begin(path), begin(path), begin(path)]
  failed?.write(toResult({ status: 'failed' }))
  passed?.write(toResult({}))
  other?.write(toResult({ status: 'error' }))
  expect(statusesIn(path)).toEqual(['begun', 'error', 'failed', 'passed'])
  expect([failed?.folder, other?.folder, passed?.folder, killed?.folder]).toEqual([
    name,
    `${name}-2`,
    undefined,
    undefined,
  ])
})

it('a verdict that gets worse replaces the better one, and stays in its folder', () => {
  const { path } = makeScratch()
  const files = begin(path)
  for (const status of ['passed', 'error', 'failed', 'flaky'] as const) {
    files.write(toResult({ status }))
    expect(statusesIn(path)).toEqual([status])
  }
  expect(files.folder).toBe(name)
})

it('evidence without a result is lost; a folder for coverage, and that of a later attempt, are not', () => {
  const { path } = makeScratch()
  const files = begin(path)
  files.write(toResult({ status: 'failed' }))
  const put = (folder: string, file?: string) => {
    mkdirSync(join(path, folder), { recursive: true })
    if (file !== undefined) writeFileSync(join(path, folder, file), '')
  }
  put(`${name}/attempt-2`, 'accesses.jsonl')
  put('x-00000000/coverage-1', 'a.dat')
  put('docs', 'output.txt')
  expect(findLostResults([path])).toEqual([])
  put('lost', 'accesses.jsonl')
  put('y-00000000', 'output.txt')
  put('z-00000000-2')
  put('w-00000000', 'w-00000000.result.json.123')
  const lost = findLostResults([path]).map(({ result }) => `${result.test}: ${result.status}`)
  expect(lost.sort()).toEqual(['lost: error', 'w-00000000: error', 'y-00000000: error', 'z-00000000-2: error'])
})
