/** Long files are written at the end of a run, which must come soon after a signal: then they are cut. */

/** What was written. */
export interface Written {
  /** Things that were to be written, one line each as a rule. */
  count: number
  /** There would have been more. */
  isCut: boolean
}

/** What any machine writes in a moment, as a timeline too, whose lines take 50 us each: what is short is whole. */
const leastCount = 5_000

/** Passes all on, or, once `hurry` has aborted, at least the first thousands of them; notes it in `written`. */
export async function* untilHurried<T>(
  items: AsyncIterable<T>,
  hurry: AbortSignal | undefined,
  written: Written,
): AsyncGenerator<T> {
  for await (const item of items) {
    if (hurry?.aborted && written.count >= leastCount) {
      written.isCut = true
      return
    }
    written.count++
    yield item
  }
}
