/** What is said of a test that did not pass, wherever it is said: on a terminal, in JUnit, in annotations. */
import { join } from 'node:path'
import type { Result, StoredResult } from './result.js'

/** `access 19: read fifo0+0x0 4 B = 0xf1f0000f  in check (fifo_test.c:27)` */
export function toBlame({ failingAccess }: Pick<Result, 'failingAccess'>): string | undefined {
  return failingAccess && `access ${failingAccess.seq}: ${failingAccess.message}`
}

/**
 * One fact a line, those that are not known left out: seed, the access that is to blame and its source line, evidence,
 * waves, and the command that repeats it.
 */
export function toNote({ result, directory }: StoredResult): string[] {
  const { seed, repeat, waves, properties, attempts = [] } = result
  const lines = [
    seed === undefined ? undefined : `seed ${seed}`,
    ...attempts.map(({ attempt, status }) => `attempt ${attempt}: ${status}`),
    toBlame(result),
    hasEvidence(result) ? `evidence: ${directory}` : undefined,
    waves ? `waves: ${waves.command}` : toAbsence(properties),
    repeat && `repeat: ${repeat}`,
  ]
  return lines.filter((line) => line !== undefined && line !== '') as string[]
}

function toAbsence({ waves, evidence }: Result['properties']): string | undefined {
  if (evidence !== undefined) return `evidence: ${evidence}`
  return waves === undefined ? undefined : `waves: ${waves}`
}

/** The log is there whenever there is anything. */
function hasEvidence({ log, attempts = [] }: Result): boolean {
  return log !== undefined || attempts.some((attempt) => attempt.log !== undefined)
}

/** A result in its folder, for those who have both apart. */
export function toStored(results: string, folder: string | undefined, result: Result): StoredResult {
  return { result, directory: join(results, folder ?? '') }
}
