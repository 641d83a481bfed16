/**
 * Which way the accesses of tests went, where all are to go by mailboxes (`TRAPLINE_LANE=shm`). A run says itself where
 * they can't, and a test whose run says so without a known reason is not green. What each run did is kept for
 * `npm run test:lanes`, which prints it by name.
 */
import { appendFileSync, chownSync, readFileSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect } from 'vitest'
import { root } from './places.js'
import type { Scratch } from './scratch.js'

/** What a run says of accesses that can't go by mailboxes, whoever makes them. */
const reason = /^--lane shm (?:is not used: lockstep|is for models that Verilator builds).*/
/** And of those that could have. */
const detour = /^--lane shm was asked for, and .*/

/** Of one run of the command line. */
interface LaneWatch {
  env: Record<string, string>
  /** To be told what it has said when it has ended; `byGrpc`: why its program goes by gRPC. */
  check(sentences: string[], byGrpc: string | undefined): void
}

interface Surroundings {
  cwd?: string
  /** User id of the run. */
  owner?: number
}

interface Counts {
  grpc: number
  shm: number
  detours: number
}

/** `cwd`: what the paths of its arguments are relative to. */
export function watchLane(scratch: Scratch, args: string[], { cwd = scratch.path, owner }: Surroundings): LaneWatch {
  const own = args.slice(0, args.indexOf('--'))
  const isAsked = process.env.TRAPLINE_LANE === 'shm' && args[0] === 'run'
  if (!isAsked || own.includes('--bridge') || own.includes('grpc')) return { env: {}, check: () => undefined }
  const at = own.indexOf('--report')
  const folder = at >= 0 ? undefined : scratch.folder()
  if (folder !== undefined && owner !== undefined) chownSync(folder, owner, owner)
  const report = folder === undefined ? resolve(cwd, own[at + 1] ?? '') : join(folder, 'report.json')
  return {
    env: folder === undefined ? {} : { TRAPLINE_REPORT: report },
    check(sentences, byGrpc) {
      // A run that was killed has written none, and a device is no file.
      const isFile = statSync(report, { throwIfNoEntry: false })?.isFile() ?? false
      const text = isFile ? readFileSync(report, 'utf8') : ''
      if (text !== '') note((JSON.parse(text) as { lanes: Counts }).lanes, sentences, byGrpc)
    },
  }
}

function note(lanes: Counts, sentences: string[], byGrpc: string | undefined): void {
  const astray = sentences.find((sentence) => detour.test(sentence))
  const why = byGrpc ?? sentences.find((sentence) => reason.test(sentence)) ?? astray
  const { TEST_LANES: kept } = process.env
  const { testPath = '', currentTestName: test = '' } = expect.getState()
  const line = { file: relative(root, testPath), test, ...lanes, why }
  if (kept !== undefined) appendFileSync(kept, `${JSON.stringify(line)}\n`)
  if (byGrpc === undefined) expect(astray).toBeUndefined()
}
