/** Numbers by chance that are the same in every run. */

/** A whole number from 0 up to but without `below`. */
export type Chooser = (below: number) => number

/** mulberry32 */
export function numbers(seed: number): Chooser {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
