/** `trapline report RESULTS… -o FILE`: one page of a regression. */
import { resolve } from 'node:path'
import { log } from '../log.js'
import { readLog } from '../regression/read-log.js'
import { toPage, type PageTest } from '../regression/page.js'
import { readResults, type StoredResult } from '../regression/result.js'
import { writeOutput } from './output-files.js'

export interface ReportFlags {
  output: string
}

/** So many accesses of a test are drawn; of a longer log the last ones, for failures are at the end. */
const mostDrawn = 2000

export async function reportResults({ output }: ReportFlags, paths: string[]): Promise<number> {
  const tests = []
  for (const stored of readResults(paths)) tests.push(await toPageTest(stored))
  writeOutput(output, toPage(tests))
  return 0
}

async function toPageTest({ result, directory }: StoredResult): Promise<PageTest> {
  if (result.log === undefined) return { result, accesses: [], total: 0 }
  const accesses = []
  let total = 0
  for await (const record of readLog(resolve(directory, result.log), (sentence) => log.warn(sentence))) {
    total++
    accesses.push(record)
    if (accesses.length >= 2 * mostDrawn) accesses.splice(0, mostDrawn)
  }
  return { result, accesses: accesses.slice(-mostDrawn), total }
}
