/** The mark of a run that was begun: loads next to nothing, so that it stands as early as can be. */
import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One run, or one attempt of a test. */
export interface RunFacts {
  suite: string
  test: string
  startedAt: string
}

export interface RunMark {
  /** Names the run, in its mark and in its result. */
  id: string
  file: string
}

export function newRunId(): string {
  return randomUUID().slice(0, 8)
}

/** A result with the status `begun`; the name of its file is that of no other run's. */
export function writeMark(directory: string, name: string, facts: RunFacts, id = newRunId()): RunMark {
  const file = join(directory, `${name}.${id}.result.json`)
  const result = { format: 'trapline-result-1', ...facts, status: 'begun', durationMs: 0, run: id }
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(result, undefined, 2) + '\n')
  renameSync(`${file}.${process.pid}`, file)
  return { id, file }
}
