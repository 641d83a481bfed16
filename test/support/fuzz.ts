/**
 * Seeded fuzzing for tests: what can happen to bytes and sequences on a wire, and a loop that names the one command
 * that repeats a case. `FUZZ_SEED`, `FUZZ_CASE` and `FUZZ_SECONDS` choose the seed, one case, or a run of that length.
 */
import { relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { root } from './places.js'

const seed = Number(process.env.FUZZ_SEED ?? 1)
const onlyCase = process.env.FUZZ_CASE === undefined ? undefined : Number(process.env.FUZZ_CASE)
const seconds = process.env.FUZZ_SECONDS === undefined ? undefined : Number(process.env.FUZZ_SECONDS)

/** Room for a run of any length, and for models that have to be compiled first. */
export const fuzzTimeoutMs = ((seconds ?? 0) * 2 + 600) * 1000
const longestCaseMs = 60_000

/** Chance that is equal for equal seeds (splitmix32). */
export class Chance {
  #state: number

  constructor(...seeds: number[]) {
    this.#state = seeds.reduce((state, one) => Math.imul(state ^ one, 0x9e37_79b1) + 0x85eb_ca6b, 1) >>> 0
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x21f0_aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a_2d97)
    return ((z ^ (z >>> 15)) >>> 0) % limit
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  bytes(most: number): Buffer {
    return Buffer.from(Array.from({ length: this.below(most + 1) }, () => this.below(256)))
  }
}

const limits = [
  '00',
  'ff',
  '7f',
  '80',
  'ffffffff',
  '7fffffff',
  'ffffffffffffffffff01',
  'ffffffffffffffffffff7f',
  '0b',
  '52',
]

/** Flipped, overwritten with the limits of numbers, cut, stretched, repeated. */
export function spoil(bytes: Buffer, chance: Chance): Buffer {
  const at = chance.below(bytes.length + 1)
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  const limit = Buffer.from(chance.pick(limits), 'hex')
  switch (chance.below(7)) {
    case 0:
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << chance.below(8))]), after.subarray(1)])
    case 1:
      return Buffer.concat([before, limit, after.subarray(limit.length)])
    case 2:
      return Buffer.concat([before, limit, after])
    case 3:
      return before
    case 4:
      return Buffer.concat([before, chance.bytes(64), after])
    case 5:
      return Buffer.concat([before, ...new Array<Buffer>(1 + chance.below(8)).fill(after)])
    default:
      return Buffer.concat([before, after.subarray(chance.below(after.length + 1))])
  }
}

/** One is lost, doubled, or moved. */
export function disorder<T>(items: readonly T[], chance: Chance): T[] {
  const [from, to] = [chance.below(items.length), chance.below(items.length)]
  const one = items[from] as T
  const rest = items.filter((_, i) => i !== from)
  if (chance.oneIn(3)) return rest
  return [...(chance.oneIn(2) ? rest : items).slice(0, to), one, ...(chance.oneIn(2) ? rest : items).slice(to)]
}

/**
 * Runs cases until `count` or `FUZZ_SECONDS`; a case that throws, takes too long or breaks something elsewhere fails.
 */
export async function fuzz(count: number, runCase: (chance: Chance) => Promise<void>): Promise<void> {
  const strays: unknown[] = []
  const onStray = (error: unknown) => void strays.push(error)
  process.on('uncaughtException', onStray).on('unhandledRejection', onStray)
  const endMs = performance.now() + (seconds ?? 0) * 1000
  const isDue = (number: number) => (seconds === undefined ? number < count : performance.now() < endMs)
  let number = onlyCase ?? 0
  try {
    for (; number === onlyCase || (onlyCase === undefined && isDue(number)); number++)
      await attempt(number, runCase, strays)
    const { currentTestName } = expect.getState()
    if (seconds !== undefined) process.stdout.write(`fuzz: ${number} cases of '${currentTestName}', seed ${seed}\n`)
  } finally {
    process.off('uncaughtException', onStray).off('unhandledRejection', onStray)
  }
}

async function attempt(number: number, runCase: (chance: Chance) => Promise<void>, strays: unknown[]): Promise<void> {
  const overdue = new AbortController()
  try {
    await Promise.race([
      runCase(new Chance(seed, number)),
      delay(longestCaseMs, undefined, overdue).then(() => {
        throw strays[0] ?? new Error(`it did not end within ${longestCaseMs / 1000} s`)
      }),
    ])
    if (strays.length > 0) throw strays[0]
  } catch (cause) {
    const { testPath = '', currentTestName = '' } = expect.getState()
    const test = `${relative(root, testPath)} -t '${currentTestName.split(' > ').at(-1)}'`
    const message =
      `case ${number}: ${(cause as Error).message}\nrepeat with: FUZZ_SEED=${seed} FUZZ_CASE=${number} ` +
      `npx vitest run ${test}`
    throw new Error(message, { cause })
  } finally {
    overdue.abort()
  }
}
