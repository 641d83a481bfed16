/**
 * Seeds of tests: each follows from the master seed of the run and the test's own name, so that it is the same alone
 * and in a full regression, whatever the order and the number of workers.
 */
import { createHash } from 'node:crypto'
import { chooseSeed, largestSeed, toSeed } from '../config/seed.js'
import { TraplineError } from '../ground/errors.js'

/** `TRAPLINE_MASTER_SEED`, which the reporter chooses at random where nobody has; 1 without both. Throws if none. */
export function masterSeed(): number {
  const { TRAPLINE_MASTER_SEED: given = '1' } = process.env
  const seed = Number(given)
  if (Number.isInteger(seed) && seed >= 0 && seed <= largestSeed) return seed
  const message = `TRAPLINE_MASTER_SEED is ${given}; it must be a whole number from 0 to ${largestSeed}`
  throw new TraplineError('usage', message)
}

export const chooseMasterSeed = chooseSeed

/** 1 to 2^31 - 1. */
export function seedOf(master: number, test: string): number {
  const hash = createHash('sha256').update(`${master}\n${test}`).digest().readUInt32LE()
  return toSeed(hash)
}

/** One command that runs this test again, and nothing else. */
export function toRepeatCommand(master: number, file: string, test: string): string {
  const exactly = `^${test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`
  return `TRAPLINE_MASTER_SEED=${master} npx vitest run ${quote(file)} -t ${quote(exactly)}`
}

/** As a shell takes it for one word. */
export function quote(text: string): string {
  return /^[\w./:=@+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
