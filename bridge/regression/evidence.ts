/**
 * What a failed run hands over: the access log with the places in the program, what was printed, the waveform around
 * the access that is to blame, and how to open it. Paths in it start at its folder.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Disagreement } from '../access/lockstep.js'
import type { FatalAccess } from '../access/monitor.js'
import type { Bridge } from '../assembly/bridge.js'
import { toMessage } from '../ground/errors.js'
import { version } from '../ground/version.js'
import { drawingFile, logFile, outputFile, waveFile } from './evidence-files.js'
import { toSentence, type LogRecord } from '../logs/log-record.js'
import { viewersOf } from '../logs/wave-files.js'
import { readLog } from '../logs/read-log.js'
import type { Result } from './result.js'
import { quote } from './seed.js'
import { toWaveDrom } from './wave-drom.js'
import { readExcerpt } from './wave-excerpt.js'
import { recordWaves, type Waves } from './waves.js'
import { writeAccessLog } from './write-access-log.js'

export interface EvidenceSettings {
  /** Is made. */
  folder: string
  /** Of the run, stopped, with raw logs. */
  bridge: Bridge
  output: string
  /** The access that is to blame and what is wrong with it; the last one of the log where nobody knows better. */
  blamed?: { record: LogRecord; sentence: string }
  /** A bridge that stands where the run began and can trace into that file; see `recordWaves`. Gives up at `abort`. */
  openTraced(file: string, abort: AbortSignal | undefined): Promise<Bridge>
  /** Something wants us to end: no waveform is begun any more, and what has been begun is given up. */
  abort?: AbortSignal
  /** Milliseconds that there are from then on, or from now on if it has come; a tenth of a second unless told. */
  hasteMs?(): number
}

export type Evidence = Pick<Result, 'log' | 'failingAccess' | 'waves' | 'properties' | 'output'>

const usualHasteMs = 100
/** What has been begun only has to go away. */
const mostForWavesMs = 700

/** Always comes to its end, soon after `abort`, with what could be had. */
export async function gatherEvidence(settings: EvidenceSettings): Promise<Evidence> {
  const { folder, bridge, output } = settings
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, outputFile), output)
  const properties = describe(bridge)
  const log = join(folder, logFile)
  if ((await inHaste(writeAccessLog(bridge, log), settings)) === 'late') {
    rmSync(log, { force: true })
    return { output, properties: { ...properties, evidence: `none: ${toReason(settings)} before the log was written` } }
  }
  const failing = await inHaste(findFailing(log, settings), settings)
  if (!failing || failing === 'late') return { log: logFile, output, properties }
  const { record, message } = failing
  const evidence: Evidence = { log: logFile, output, properties, failingAccess: { seq: Number(record.seq), message } }
  const late = `none: ${toReason(settings)}`
  const waves = settings.abort?.aborted ? late : await inHaste(wavesOf(settings, record), settings, mostForWavesMs)
  if (typeof waves !== 'string') return { ...evidence, waves }
  return { ...evidence, properties: { ...properties, waves: waves === 'late' ? late : waves } }
}

/** The work's result, or `late` where the time after `abort` was not enough. */
async function inHaste<T>(
  work: Promise<T>,
  { abort, hasteMs = () => usualHasteMs }: EvidenceSettings,
  mostMs = Infinity,
): Promise<T | 'late'> {
  work.catch(() => undefined)
  if (!abort) return work
  const controller = new AbortController()
  const aborted = new Promise<void>((resolve) => {
    if (abort.aborted) resolve()
    else abort.addEventListener('abort', () => resolve(), { signal: controller.signal })
  })
  const late = aborted.then(() =>
    delay(Math.min(mostMs, hasteMs()), 'late' as const, { ref: false, signal: controller.signal }),
  )
  late.catch(() => undefined)
  try {
    return await Promise.race([work, late])
  } finally {
    controller.abort()
  }
}

/** `ended by SIGTERM` */
function toReason({ abort }: EvidenceSettings): string {
  return toMessage(abort?.reason ?? 'ended')
}

/** Versions, models and their parameters. */
function describe({ models, config, seed }: Bridge): Record<string, string> {
  const parameters = models.used.map((name) => {
    const { top = name, parameters: own = {} } = config.models[name] ?? {}
    const settings = Object.entries(own).map(([key, value]) => `${key}=${value}`)
    return [`model ${name}`, [top, ...settings].join(' ')]
  })
  const verilator = models.history[0]?.hello.verilatorVersion ?? ''
  return {
    ...Object.fromEntries(parameters),
    'model seed': String(seed),
    versions: [`trapline ${version}`, verilator, `node ${process.versions.node}`].filter(Boolean).join(', '),
  }
}

/**
 * The access that golden model and RTL differ in, or at which the bus broke, or that an expectation was about; else the
 * last one that was refused, else the last.
 */
async function findFailing(log: string, { bridge, blamed }: EvidenceSettings) {
  const { fatal } = bridge.monitor
  const { disagreement } = bridge.lockstep
  let last: LogRecord | undefined
  let refused: LogRecord | undefined
  for await (const record of readLog(log)) {
    if (disagreement?.cycleStart !== undefined && isDisputed(record, disagreement))
      return { record, message: disagreement.sentence }
    if (fatal && isFatal(record, fatal)) return { record, message: fatal.message }
    if (!fatal && blamed && isSame(record, blamed.record))
      return { record, message: `${toSentence(record)}; ${blamed.sentence.replace(/:$/, '')}` }
    last = record
    if (record.status !== 'OKAY') refused = record
  }
  // A real device has no cycles; nobody used it after that.
  if (disagreement && last && isDisputed(last, disagreement)) return { record: last, message: disagreement.sentence }
  const record = refused ?? last
  if (!record) return undefined
  // A model that was killed has not written what it was asked last.
  const message = fatal ? `${fatal.message}; before it: ${toSentence(record)}` : toSentence(record)
  return { record, message }
}

function isFatal(record: LogRecord, { status, device, operation, offset }: FatalAccess): boolean {
  const isThere = record.device === device && record.operation === operation && record.offset === offset
  return isThere && record.status === status
}

/** Numbers differ: a log also has the accesses that were not a host's. */
function isSame(a: LogRecord, b: LogRecord): boolean {
  const keys = ['device', 'operation', 'offset', 'pid', 'tid', 'timePs'] as const
  return keys.every((key) => a[key] === b[key]) && a.cycles?.start === b.cycles?.start
}

function isDisputed(record: LogRecord, { device, operation, offset, cycleStart }: Disagreement): boolean {
  const isThere = record.device === device && record.operation === operation && record.offset === offset
  return isThere && record.cycles?.start === cycleStart
}

async function wavesOf(settings: EvidenceSettings, failing: LogRecord): Promise<Result['waves'] | string> {
  const { folder, openTraced, abort } = settings
  const log = join(folder, logFile)
  const file = join(folder, waveFile)
  try {
    const own = await ownWaves(settings, failing)
    if (own) return toWaves(folder, own)
    await using bridge = await openTraced(file, abort)
    const waves = await recordWaves({ log, failing, file, bridge, abort })
    return typeof waves === 'string' ? `none: ${waves}` : toWaves(folder, waves)
  } catch (error) {
    return `none: ${toMessage(error)}`
  }
}

/** The waveform that the run itself has written, where it was told to. */
async function ownWaves({ bridge, folder, abort }: EvidenceSettings, access: LogRecord): Promise<Waves | undefined> {
  const model = bridge.sessions.devices.find(({ name }) => name === access.device)?.config.model
  const process = bridge.models.history.findLast(({ name }) => name === model)
  const file = process && bridge.models.recordingOf(process).traceFile
  if (file === undefined || !existsSync(file)) return undefined
  return { file, excerpt: await readExcerpt({ file, bridge, access, log: join(folder, logFile), abort }) }
}

function toWaves(folder: string, { file, excerpt }: Waves): NonNullable<Result['waves']> {
  const { gtkwave, surfer } = viewersOf(file)
  const toCommand = (words: string[]) => words.map(quote).join(' ')
  const commands = { command: toCommand(gtkwave), surfer: toCommand(surfer) }
  const waves = { file: relative(folder, resolve(file)), ...commands, excerpt }
  if (!excerpt) return waves
  writeFileSync(join(folder, drawingFile), toWaveDrom(excerpt))
  return { ...waves, drawing: drawingFile }
}
