/** `trapline report RESULTS… -o FILE`: one page of a regression; status 1 where something never came to its end. */
import { dirname, resolve } from 'node:path'
import { log } from '../ground/log.js'
import type { LogEntry } from '../logs/log-record.js'
import { readTransfers } from '../logs/read-log.js'
import { toPage } from '../regression/page.js'
import type { PageTest, Trend } from '../regression/page-facts.js'
import { readCoverage, toLcov, type FileCoverage } from '../regression/coverage.js'
import { toJunit } from '../regression/junit.js'
import { findLostResults } from '../regression/lost-results.js'
import { readFacts } from '../regression/regression-facts.js'
import {
  findFiles,
  isBad,
  isGreen,
  isUnfinished,
  readResults,
  toProblem,
  type Result,
  type StoredResult,
} from '../regression/result.js'
import { openSource, readSource, type SourceText } from '../regression/source-excerpt.js'
import { compareResults } from '../regression/trend.js'
import { coverageEnding } from '../run/recording.js'
import { writeOutput } from './output-files.js'

export interface ReportFlags {
  output: string
  lcov?: string
  junit?: string
  json?: string
  against?: string
  fail?: boolean
}

/** So many accesses of a test are drawn; of a longer log the last ones, for failures are at the end. */
const mostDrawn = 2000
/** Lines of RTL that the page shows. */
const mostSourceLines = 20_000

export async function reportResults(flags: ReportFlags, paths: string[]): Promise<number> {
  const { output, lcov, junit, json, against } = flags
  const { stored, lost } = readStored(paths)
  const trend = against === undefined ? undefined : readTrend(against, stored)
  const tests = []
  for (const one of stored) tests.push(await toPageTest(one))
  const coverage = readCoverage(findFiles(paths, coverageEnding))
  const facts = await readFacts(stored.map(({ result }) => result))
  const sources = readSources(coverage)
  writeOutput(output, toPage({ tests, facts, coverage, sources, trend, folder: dirname(resolve(output)) }))
  if (lcov) writeOutput(lcov, toLcov(coverage))
  if (junit) writeOutput(junit, toJunit(stored))
  if (json) writeOutput(json, toJson(stored))
  const unfinished = stored.filter((one) => lost.includes(one) || isUnfinished(one.result))
  for (const { result } of unfinished) log.error(`${result.suite}: ${result.test}: ${toProblem(result)}`)
  const isRed = flags.fail === true && !isGreen(stored.map(({ result }) => result))
  return unfinished.length > 0 || isRed ? 1 : 0
}

/** In an order that is the same whichever shards they come from; `lost` are among them. */
function readStored(paths: string[]): { stored: StoredResult[]; lost: StoredResult[] } {
  const lost = findLostResults(paths)
  const found = readResults(paths, { mayBeNone: lost.length > 0 })
  return { stored: [...found, ...lost].sort(compare), lost }
}

function readTrend(against: string, stored: StoredResult[]): Trend {
  return { against, changes: compareResults(stored, readStored([against]).stored) }
}

/** All results as one list, each with its folder. */
function toJson(stored: StoredResult[]): string {
  const passed = isGreen(stored.map(({ result }) => result))
  const results = stored.map(({ result, directory }) => ({ ...result, directory }))
  return JSON.stringify({ format: 'trapline-report-1', passed, results }, undefined, 2) + '\n'
}

const natural = new Intl.Collator('en', { numeric: true })

/** `depth 2` before `depth 10`. */
function compare({ result: a }: StoredResult, { result: b }: StoredResult): number {
  const bySuite = natural.compare(a.suite, b.suite) || toOrder(a.suite, b.suite)
  return bySuite || natural.compare(a.test, b.test) || toOrder(a.test, b.test)
}

function toOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

async function toPageTest({ result, directory }: StoredResult): Promise<PageTest> {
  const sources = toSources(result)
  if (result.log === undefined) return { result, directory, sources, accesses: [], total: 0 }
  const accesses = []
  let blamed: LogEntry | undefined
  let total = 0
  for await (const record of readTransfers(resolve(directory, result.log), (sentence) => log.warn(sentence))) {
    total++
    accesses.push(record)
    if (record.seq === BigInt(result.failingAccess?.seq ?? 0)) blamed = record
    if (accesses.length >= 2 * mostDrawn) accesses.splice(0, mostDrawn)
  }
  return { result, directory, sources, accesses: accesses.slice(-mostDrawn), total, ...(blamed && { blamed }) }
}

/** The line of the program that is to blame, and that of the test. */
function toSources(result: Result) {
  if (!isBad(result) && result.status !== 'flaky') return []
  const { failingAccess, location, startedAt } = result
  const { file, line } = / \((?<file>[^():]+):(?<line>\d+)\)/.exec(failingAccess?.message ?? '')?.groups ?? {}
  const places = [
    ...(file !== undefined ? [{ file, line: Number(line) }] : []),
    ...(location?.line !== undefined ? [{ file: location.file, line: location.line }] : []),
  ]
  const isFirst = (place: { file: string; line: number }, i: number) =>
    places.findIndex((one) => one.file === place.file && one.line === place.line) === i
  return places.filter(isFirst).flatMap((place) => readSource(place.file, place.line, startedAt) ?? [])
}

/** As many as fit; the others have the numbers of lines that were missed. */
function readSources(coverage: FileCoverage[]): Map<string, SourceText> {
  const sources = new Map<string, SourceText>()
  let lines = 0
  for (const { file } of coverage) {
    const source = openSource(file)
    lines += source?.lines.length ?? 0
    if (source && lines <= mostSourceLines) sources.set(file, source)
  }
  return sources
}
