/** What `npm run test:lanes` says at its end: which way the accesses of its tests went, and where by gRPC, why. */
import { readFileSync } from 'node:fs'

/** As test/support/lane-counts.ts keeps a run. */
/** @typedef {{ file: string, test: string, grpc: number, shm: number, detours: number, why?: string }} Run */

/** @param {string} file a line for each run */
export function summarizeLanes(file) {
  /** @type {Run[]} */
  const runs = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  const total = (/** @type {'grpc' | 'shm'} */ way) => runs.reduce((sum, run) => sum + run[way], 0)
  const excused = runs.filter(({ why, shm }) => why !== undefined && shm === 0)
  const reasons = new Set(excused.map(({ file: where, test, why }) => `  ${where} > ${test}: ${why}`))
  return [
    `${runs.length} runs of the command line: ${total('shm')} accesses by mailboxes, ${total('grpc')} by gRPC, where`,
    'are the first of each instruction and locked ones; and all of',
    ...[...reasons].sort(),
    '',
  ].join('\n')
}
