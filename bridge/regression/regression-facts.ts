/** What a regression as a whole was: when, of which project and commit, from which seed. */
import { basename } from 'node:path'
import type { Result } from './result.js'

export interface RegressionFacts {
  project?: string
  /** Of the checkout in which the page is made. */
  commit?: string
  /** Where all tests have the same. */
  masterSeed?: string
  /** ISO 8601. */
  began?: string
  ended?: string
}

/** CI services say what they check out; elsewhere git does. */
export async function readFacts(results: Result[]): Promise<RegressionFacts> {
  const { GITHUB_REPOSITORY, CI_PROJECT_PATH, JOB_NAME, GITHUB_SHA, CI_COMMIT_SHA, GIT_COMMIT } = process.env
  const project = GITHUB_REPOSITORY || CI_PROJECT_PATH || JOB_NAME || basename((await git('--show-toplevel')) || '.')
  const commit = GITHUB_SHA || CI_COMMIT_SHA || GIT_COMMIT || (await git('HEAD'))
  const ran = results.filter(({ status }) => status !== 'skipped')
  const begins = ran.map(({ startedAt }) => Date.parse(startedAt))
  const ends = ran.map(({ startedAt, durationMs }) => Date.parse(startedAt) + durationMs)
  return {
    project: project === '.' ? basename(process.cwd()) : project,
    commit: commit?.slice(0, 12),
    masterSeed: toMasterSeed(results),
    ...(ran.length && { began: toDate(least(begins)), ended: toDate(-least(ends.map((ms) => -ms))) }),
  }
}

function least(numbers: number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), Infinity)
}

function toDate(ms: number): string {
  return new Date(ms).toISOString()
}

function toMasterSeed(results: Result[]): string | undefined {
  const seeds = results.flatMap(({ repeat }) => /^TRAPLINE_MASTER_SEED=(\d+) /.exec(repeat ?? '')?.[1] ?? [])
  const [first, ...others] = new Set(seeds)
  return others.length === 0 ? first : undefined
}

/** `git rev-parse`; empty where there is no git, or no repository. */
async function git(what: string): Promise<string> {
  const { execa } = await import('execa')
  const { exitCode, stdout } = await execa('git', ['rev-parse', what], { reject: false, stderr: 'ignore' })
  return exitCode === 0 ? stdout.trim() : ''
}
