/** What a page is made of. */
import type { LogEntry } from '../logs/log-record.js'
import type { FileCoverage } from './coverage.js'
import type { RegressionFacts } from './regression-facts.js'
import type { StoredResult } from './result.js'
import type { SourceExcerpt, SourceText } from './source-excerpt.js'
import type { Changed } from './trend.js'

export interface PageTest extends StoredResult {
  /** The last accesses of its log, oldest first. */
  accesses: LogEntry[]
  /** The access to blame, wherever in its log it stands. */
  blamed?: LogEntry
  /** How many the log has. */
  total: number
  /** The line of the program that made the access to blame, and the one of the test that failed. */
  sources: SourceExcerpt[]
}

export interface PageFacts {
  /** In the order in which they are to be read. */
  tests: PageTest[]
  facts: RegressionFacts
  coverage: FileCoverage[]
  /** Of files that coverage names, by name. */
  sources: Map<string, SourceText>
  trend?: Trend
  /** Where the page lies, for its links. */
  folder: string
}

export interface Trend {
  /** What the earlier results were called. */
  against: string
  /** By `toKey`. */
  changes: Map<string, Changed>
}
