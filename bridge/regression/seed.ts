/**
 * Seeds of tests: each follows from the master seed of the run and the test's own name, so that it is the same alone
 * and in a full regression, whatever the order and the number of workers.
 */
import { createHash } from 'node:crypto'

const largestSeed = 0x7fff_ffff

/** `TRAPLINE_MASTER_SEED`, which the reporter chooses at random where nobody has; 1 without both. */
export function masterSeed(): number {
  const seed = Number(process.env.TRAPLINE_MASTER_SEED ?? 1)
  return Number.isInteger(seed) && seed >= 0 && seed <= largestSeed ? seed : 1
}

export function chooseMasterSeed(): number {
  return 1 + Math.floor(Math.random() * (largestSeed - 1))
}

/** 1 to 2^31 - 1. */
export function seedOf(master: number, test: string): number {
  const hash = createHash('sha256').update(`${master}\n${test}`).digest().readUInt32LE()
  return 1 + (hash % (largestSeed - 1))
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
