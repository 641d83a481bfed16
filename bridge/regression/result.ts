/**
 * What is known of one test after it ended, and the file that holds it: the one format between those who run tests and
 * those who write about them (JUnit, annotations, the page). A regression is a folder of such files, `NAME.result.json`;
 * paths in a file start at its own folder.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { toMessage, TraplineError } from '../errors.js'

/**
 * `failed`: an expectation did not hold. `error`: host, model or bridge broke. `not-run`: planned, but never came to an
 * end; that is an error too, so that a crash can't turn a regression green.
 */
export const resultStatuses = ['passed', 'failed', 'error', 'skipped', 'not-run'] as const
export type ResultStatus = (typeof resultStatuses)[number]

const accessSchema = z.strictObject({
  /** `seq` in the access log. */
  seq: z.number().int().positive(),
  /** One line: `read gpio0+0x10 4 B = 0x00000001, not 0x00000000`. */
  message: z.string(),
})

const wavesSchema = z.strictObject({
  /** FST. */
  file: z.string(),
  /** What opens it at the failing access. */
  command: z.string(),
  /** The same excerpt as signals with their changes, for the page; values are as people read them. */
  excerpt: z
    .strictObject({
      beginPs: z.number(),
      endPs: z.number(),
      signals: z.array(z.strictObject({ name: z.string(), changes: z.array(z.tuple([z.number(), z.string()])) })),
    })
    .optional(),
})

export const resultSchema = z.strictObject({
  format: z.literal('trapline-result-1'),
  suite: z.string().min(1),
  test: z.string().min(1),
  status: z.enum(resultStatuses),
  /** Why it did not pass, first line first. */
  message: z.string().optional(),
  /** Where the test or the host's failing line stands, relative to the repository. */
  location: z.strictObject({ file: z.string(), line: z.number().int().positive().optional() }).optional(),
  /** ISO 8601. */
  startedAt: z.iso.datetime({ offset: true }),
  durationMs: z.number().nonnegative(),
  seed: z.number().int().nonnegative().optional(),
  /** One command that runs exactly this test again, seed included. */
  repeat: z.string().optional(),
  /** Models and their parameters, versions, …: name and value for people. */
  properties: z.record(z.string(), z.string()).default({}),
  /** stdout and stderr of the hosts. */
  output: z.string().default(''),
  /** Access log, JSON lines. */
  log: z.string().optional(),
  failingAccess: accessSchema.optional(),
  waves: wavesSchema.optional(),
})

export type Result = z.infer<typeof resultSchema>
/** As one writes it: fields with a default may be absent. */
export type ResultInput = z.input<typeof resultSchema>

/** A result and the folder that its paths start at. */
export interface StoredResult {
  result: Result
  directory: string
}

const ending = '.result.json'

/** Whole or not at all, for other processes may be reading. Returns the path of the file. */
export function writeResult(directory: string, name: string, result: ResultInput): string {
  const file = join(directory, `${name}${ending}`)
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(resultSchema.parse(result), undefined, 2) + '\n')
  renameSync(`${file}.${process.pid}`, file)
  return file
}

/** Results in files and folders, folders to their depth, in the order of their names. Throws if there are none. */
export function readResults(paths: string[], { mayBeNone = false } = {}): StoredResult[] {
  const files = findFiles(paths, ending)
  if (files.length > 0 || mayBeNone) return files.map(readResult)
  throw new TraplineError('usage', `there is no …${ending} in ${paths.join(', ')}; run the tests first`)
}

/** Red in every report, and not 0 as an exit status. */
export function isBad({ status }: Result): boolean {
  return status !== 'passed' && status !== 'skipped'
}

/** Files of that ending in folders, to their depth, in the order of their names; paths of files stand for themselves. */
export function findFiles(paths: string[], ending: string): string[] {
  return paths.flatMap((path) => findIn(path, ending))
}

function findIn(path: string, ending: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return path.endsWith(ending) ? [path] : []
  } catch (error) {
    throw new TraplineError('usage', `${path} can't be read (${toMessage(error)}); name results or their folder`)
  }
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(path, name))
}

function readResult(file: string): StoredResult {
  try {
    return { result: resultSchema.parse(JSON.parse(readFileSync(file, 'utf8'))), directory: dirname(file) }
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : toMessage(error)
    throw new TraplineError(
      'usage',
      `${file} is not the result of a test (${problem}); delete it and run the test again`,
    )
  }
}
