/** `trapline report RESULTS… -o FILE`: one page of a regression; status 1 where something never came to its end. */
import { resolve } from 'node:path'
import { log } from '../ground/log.js'
import { readTransfers } from '../logs/read-log.js'
import { toPage, type PageTest } from '../regression/page.js'
import { readCoverage, toLcov } from '../regression/coverage.js'
import { toJunit } from '../regression/junit.js'
import { findLostResults } from '../regression/lost-results.js'
import { findFiles, isGreen, isUnfinished, readResults, toProblem, type StoredResult } from '../regression/result.js'
import { coverageEnding } from '../run/recording.js'
import { writeOutput } from './output-files.js'

export interface ReportFlags {
  output: string
  lcov?: string
  junit?: string
  json?: string
}

/** So many accesses of a test are drawn; of a longer log the last ones, for failures are at the end. */
const mostDrawn = 2000

export async function reportResults({ output, lcov, junit, json }: ReportFlags, paths: string[]): Promise<number> {
  const lost = findLostResults(paths)
  const found = readResults(paths, { mayBeNone: lost.length > 0 })
  // The order is the same whichever shards they come from.
  const stored = [...found, ...lost].sort((a, b) => compare(nameOf(a), nameOf(b)))
  const tests = []
  for (const one of stored) tests.push(await toPageTest(one))
  const coverage = readCoverage(findFiles(paths, coverageEnding))
  writeOutput(output, toPage(tests, coverage))
  if (lcov) writeOutput(lcov, toLcov(coverage))
  if (junit) writeOutput(junit, toJunit(stored))
  if (json) writeOutput(json, toJson(stored))
  const unfinished = stored.filter((one) => lost.includes(one) || isUnfinished(one.result))
  for (const { result } of unfinished) log.error(`${result.suite}: ${result.test}: ${toProblem(result)}`)
  return unfinished.length > 0 ? 1 : 0
}

/** All results as one list, each with its folder. */
function toJson(stored: StoredResult[]): string {
  const passed = isGreen(stored.map(({ result }) => result))
  const results = stored.map(({ result, directory }) => ({ ...result, directory }))
  return JSON.stringify({ format: 'trapline-report-1', passed, results }, undefined, 2) + '\n'
}

function nameOf({ result }: StoredResult): string {
  return `${result.suite}\n${result.test}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function toPageTest({ result, directory }: StoredResult): Promise<PageTest> {
  if (result.log === undefined) return { result, directory, accesses: [], total: 0 }
  const accesses = []
  let total = 0
  for await (const record of readTransfers(resolve(directory, result.log), (sentence) => log.warn(sentence))) {
    total++
    accesses.push(record)
    if (accesses.length >= 2 * mostDrawn) accesses.splice(0, mostDrawn)
  }
  return { result, directory, accesses: accesses.slice(-mostDrawn), total }
}
