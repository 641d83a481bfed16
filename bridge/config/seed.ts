/** Seeds of runs: every one that is printed can be given again. */

/** The runtime of Verilator takes 31 bits (hdl/sim/model.cc mixes what it is given into them). */
export const largestSeed = 0x7fff_ffff

/** At random, never 0. */
export function chooseSeed(): number {
  return toSeed(Math.floor(Math.random() * (largestSeed - 1)))
}

/** 1 to the largest, of any whole number that is not negative. */
export function toSeed(number: number): number {
  return 1 + (number % (largestSeed - 1))
}
