/** A module of CPython's tests as tests of ours: natively once, then each way beside it. */
import { describe, expect, it } from 'vitest'
import { makeScratch, type Scratch } from '../support/scratch.js'
import {
  differencesOf,
  hasModule,
  longestRunMs,
  type Account,
  type Part,
  runModule,
  unlessSuite,
  type Way,
} from './python-suite.js'
import { unsteady } from './unsteady.js'

type Result = Awaited<ReturnType<typeof runModule>>

const ways: Way[] = ['under Trapline', 'with a window']

export function declareModule(part: Part, account: Account): void {
  const name = [part.module, ...(part.only ?? [])].join(' ')
  if (!hasModule(part.module)) {
    it.skip(`${name}${unlessSuite || ' (skipped: this Python has no such tests)'}`)
    return
  }
  const rows = unsteady.filter(({ module }) => module === part.module)
  const leftOut = rows.map(({ pattern }) => pattern)
  const run = (scratch: Scratch, way: Way) => runModule(scratch, way, part, leftOut, account)
  let natively: Promise<Result> | undefined
  describe(`${name} as ${account.name}`, () => {
    it.each(ways)('%s', { timeout: 3 * longestRunMs }, async (way) => {
      const scratch = makeScratch()
      natively ??= run(scratch, 'natively')
      const [before, after] = [await natively, await run(scratch, way)]
      expect(before.outcomes.size, `natively it has no results:\n${before.output}`).toBeGreaterThan(0)
      const differences = differencesOf(before, after)
      if (differences.length > 0) {
        throw new Error(await explain(differences, before, after, () => run(scratch, 'natively')))
      }
      expect(after.reads > 0).toBe(way === 'with a window')
    })
    for (const { pattern, reason } of part.only ? [] : rows) it.skip(`${pattern} (skipped: ${reason})`)
  })
}

/** One that is not the same natively either belongs into the table of those. */
async function explain(
  differences: string[],
  before: Result,
  after: Result,
  again: () => Promise<Result>,
): Promise<string> {
  const native = differencesOf(before, await again())
  const unlike = native.length > 0 ? ['natively, a second time, it is not the same either:', ...native] : []
  return [...differences, ...unlike, `natively: ${before.command}`, `under Trapline: ${after.command}`].join('\n\n')
}
