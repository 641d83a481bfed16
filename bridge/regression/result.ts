/**
 * What is known of one test after it ended, and the file that holds it: the one format between those who run tests and
 * those who write about them (JUnit, annotations, the page). A regression is a folder of such files,
 * `NAME.result.json`; paths in a file start at its own folder.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { toMessage, TraplineError } from '../ground/errors.js'

/**
 * `flaky`: passed, but not at the first attempt. `failed`: an expectation did not hold. `error`: host, model or bridge
 * broke. `begun`: the mark of a test that runs, or never came to its end; `not-run`: planned, and never came to an end.
 * Both are errors too, so that a crash can't turn a regression green.
 */
export const resultStatuses = ['passed', 'flaky', 'failed', 'error', 'skipped', 'begun', 'not-run'] as const
export type ResultStatus = (typeof resultStatuses)[number]

const accessSchema = z.strictObject({
  /** `seq` in the access log. */
  seq: z.number().int().positive(),
  /** One line: `read gpio0+0x10 4 B = 0x00000001, not 0x00000000`. */
  message: z.string(),
})

const signalSchema = z.strictObject({
  name: z.string(),
  /** The bus that it belongs to, as the RTL names it; `interrupts`, or empty for clock and reset. */
  group: z.string().optional(),
  widthBits: z.number().int().positive().optional(),
  /** Picoseconds and the value from then on, as people read it. */
  changes: z.array(z.tuple([z.number(), z.string()])),
})

/** What a program did, or the RTL in memory, beside the signals. */
const spanSchema = z.strictObject({
  row: z.enum(['program', 'DMA']),
  beginPs: z.number(),
  endPs: z.number(),
  text: z.string(),
  isBlamed: z.boolean().optional(),
})

/** Some cycles of a waveform; what is optional lacked once. */
const excerptSchema = z.strictObject({
  beginPs: z.number(),
  endPs: z.number(),
  /** Of a clock cycle; cycle 0 begins at 0. */
  periodPs: z.number().positive().optional(),
  /** The access that is to blame; it may last beyond the end. */
  access: z.strictObject({ beginPs: z.number(), endPs: z.number() }).optional(),
  /** What is left out of the middle of a long one. */
  cut: z.strictObject({ beginPs: z.number(), endPs: z.number() }).optional(),
  spans: z.array(spanSchema).optional(),
  signals: z.array(signalSchema),
})

export type Excerpt = z.infer<typeof excerptSchema>
export type ExcerptSignal = z.infer<typeof signalSchema>
export type ExcerptSpan = z.infer<typeof spanSchema>

const wavesSchema = z.strictObject({
  /** FST. */
  file: z.string(),
  /** What opens it at the failing access: GTKWave. */
  command: z.string(),
  /** The same of Surfer; lacked once. */
  surfer: z.string().optional(),
  /** The cycles around the failing access, for the page. */
  excerpt: excerptSchema.optional(),
  /** The same as WaveDrom draws it. */
  drawing: z.string().optional(),
})

const coverageCount = z.strictObject({ touched: z.array(z.string()), untouched: z.array(z.string()) })

/** What hosts have touched of a device's registers; see `registers/coverage.ts`. */
const registersSchema = z.strictObject({
  device: z.string(),
  ...{ registers: coverageCount, fields: coverageCount, values: coverageCount },
  constant: z.array(z.string()),
})

/** One attempt of a test that was tried several times. */
const attemptSchema = z.strictObject({
  /** From 1. */
  attempt: z.number().int().positive(),
  status: z.enum(['passed', 'failed', 'error']),
  message: z.string().optional(),
  /** Access log, JSON lines; the attempt's other evidence lies beside it. */
  log: z.string().optional(),
  failingAccess: accessSchema.optional(),
  waves: wavesSchema.optional(),
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
  /** Names of those that came to a device, and of the models that ran. */
  programs: z.array(z.string()).optional(),
  models: z.array(z.string()).optional(),
  /** Models and their parameters, versions, …: name and value for people. */
  properties: z.record(z.string(), z.string()).default({}),
  /** stdout and stderr of the hosts. */
  output: z.string().default(''),
  /** Access log, JSON lines. */
  log: z.string().optional(),
  failingAccess: accessSchema.optional(),
  waves: wavesSchema.optional(),
  /** By device. */
  registers: z.array(registersSchema).optional(),
  /** Of a test that was tried again, first one first; the fields above are those of the first one that did not pass. */
  attempts: z.array(attemptSchema).optional(),
  /** Names the run that wrote it: its mark `begun` no longer counts once its result stands. */
  run: z.string().optional(),
})

export type Attempt = z.infer<typeof attemptSchema>
export type Result = z.infer<typeof resultSchema>
/** As one writes it: fields with a default may be absent. */
export type ResultInput = z.input<typeof resultSchema>

/** A result and the folder that its paths start at. */
export interface StoredResult {
  result: Result
  directory: string
}

export const resultEnding = '.result.json'

/** Whole or not at all, for other processes may be reading. Returns the path of the file. */
export function writeResult(directory: string, name: string, result: ResultInput): string {
  const file = join(directory, `${name}${resultEnding}`)
  mkdirSync(directory, { recursive: true })
  writeBeside(file, result, (written) => renameSync(written, file))
  return file
}

/** As `writeResult`, but false, and nothing is written, where a result of that name stands already. */
export function writeNewResult(directory: string, name: string, result: ResultInput): boolean {
  const file = join(directory, `${name}${resultEnding}`)
  mkdirSync(directory, { recursive: true })
  try {
    writeBeside(file, result, (written) => linkSync(written, file))
    return true
  } catch (error) {
    if (isThere(error)) return false
    return writeUnlinked(file, result)
  }
}

/** Where files can't have two names. */
function writeUnlinked(file: string, result: ResultInput): boolean {
  try {
    writeFileSync(file, toText(result), { flag: 'wx' })
    return true
  } catch (error) {
    if (isThere(error)) return false
    throw error
  }
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST'
}

function toText(result: ResultInput): string {
  return JSON.stringify(resultSchema.parse(result), undefined, 2) + '\n'
}

/** Nothing but the result is left, also where the disk is full. */
function writeBeside(file: string, result: ResultInput, place: (written: string) => void): void {
  const written = `${file}.${process.pid}`
  try {
    writeFileSync(written, toText(result))
    place(written)
  } finally {
    rmSync(written, { force: true })
  }
}

/** Results in files and folders, folders to their depth, in the order of their names. Throws if there are none. */
export function readResults(paths: string[], { mayBeNone = false } = {}): StoredResult[] {
  const found = withoutEndedMarks(findFiles(paths, resultEnding).flatMap(readResult))
  if (found.length > 0 || mayBeNone) return found
  throw new TraplineError('usage', `there is no …${resultEnding} in ${paths.join(', ')}; run the tests first`)
}

/** A mark goes away after its result was written: a run that was killed between the two has come to its end. */
function withoutEndedMarks(stored: StoredResult[]): StoredResult[] {
  const ended = new Set(stored.filter(({ result }) => result.status !== 'begun').map(({ result }) => result.run))
  return stored.filter(({ result }) => result.status !== 'begun' || !result.run || !ended.has(result.run))
}

/** Red in every report, and not 0 as an exit status. */
export function isBad({ status }: Result): boolean {
  return status !== 'passed' && status !== 'flaky' && status !== 'skipped'
}

/** Something ran, and nothing that should have passed did not. */
export function isGreen(results: Result[]): boolean {
  return results.some(({ status }) => status === 'passed' || status === 'flaky') && !results.some(isBad)
}

/** What reporters call the result of a whole regression, which they write where it was interrupted. */
export const wholeRegression = 'runs to its end'

/** Nobody knows what it would have found. */
export function isUnfinished({ status, test }: Result): boolean {
  return status === 'begun' || status === 'not-run' || (test === wholeRegression && status === 'error')
}

/** Why one did not pass, or not at once; the first line is the headline. */
export function toProblem({ status, message }: Result): string {
  if (message !== undefined && message !== '') return message
  if (status === 'begun')
    return (
      'it was begun, and never came to its end: it still runs, or was killed; run it again, with a new ' +
      'folder for results'
    )
  return status === 'not-run' ? 'planned, but it never came to an end' : status
}

/**
 * Files of that ending in folders, to their depth, in the order of their names; paths of files stand for themselves.
 */
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

/** None where a mark went away since its name was read. */
function readResult(file: string): StoredResult[] {
  try {
    return [{ result: resultSchema.parse(JSON.parse(readFileSync(file, 'utf8'))), directory: dirname(file) }]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    const problem = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : toMessage(error)
    throw new TraplineError(
      'usage',
      `${file} is not the result of a test (${problem}); delete it and run the test again`,
    )
  }
}
