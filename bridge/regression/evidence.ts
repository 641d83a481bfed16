/**
 * What a failed run hands over: the access log with the places in the program, what was printed, the waveform around the
 * access that is to blame, and how to open it. Paths in it start at its folder.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Disagreement } from '../access/lockstep.js'
import type { Bridge } from '../bridge.js'
import { toMessage } from '../errors.js'
import { version } from '../version.js'
import { toSentence, type LogRecord } from './log-record.js'
import { readLog } from './read-log.js'
import type { Result } from './result.js'
import { recordWaves } from './waves.js'
import { writeAccessLog } from './write-access-log.js'

export interface EvidenceSettings {
  /** Is made. */
  folder: string
  /** Of the run, stopped, with raw logs. */
  bridge: Bridge
  output: string
  /** The access that is to blame and what is wrong with it; the last one of the log where nobody knows better. */
  blamed?: { record: LogRecord; sentence: string }
  /** A bridge that stands where the run began and can trace into that file; see `recordWaves`. */
  openTraced(file: string): Promise<Bridge>
}

export type Evidence = Pick<Result, 'log' | 'failingAccess' | 'waves' | 'properties' | 'output'>

const logFile = 'accesses.jsonl'
const waveFile = 'waves.fst'

export async function gatherEvidence(settings: EvidenceSettings): Promise<Evidence> {
  const { folder, bridge, output } = settings
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'output.txt'), output)
  await writeAccessLog(bridge, join(folder, logFile))
  const properties = describe(bridge)
  const failing = await findFailing(join(folder, logFile), bridge.lockstep.disagreement, settings.blamed)
  if (!failing) return { log: logFile, output, properties }
  const { record, message } = failing
  const evidence: Evidence = { log: logFile, output, properties, failingAccess: { seq: Number(record.seq), message } }
  const waves = await wavesOf(settings, record)
  if (typeof waves === 'string') return { ...evidence, properties: { ...properties, waves } }
  return { ...evidence, waves }
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
 * The access that golden model and RTL differ in, or that an expectation was about; else the last one that was refused, else
 * the last.
 */
async function findFailing(log: string, disagreement: Disagreement | undefined, blamed: EvidenceSettings['blamed']) {
  let last: LogRecord | undefined
  let refused: LogRecord | undefined
  for await (const record of readLog(log)) {
    if (disagreement && isDisputed(record, disagreement)) return { record, message: disagreement.sentence }
    if (blamed && isSame(record, blamed.record)) return { record, message: blamed.sentence }
    last = record
    if (record.status !== 'OKAY') refused = record
  }
  const record = refused ?? last
  return record && { record, message: toSentence(record) }
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
  const { folder, openTraced } = settings
  const file = join(folder, waveFile)
  try {
    await using bridge = await openTraced(file)
    const waves = await recordWaves({ log: join(folder, logFile), failing, file, bridge })
    if (typeof waves === 'string') return `none: ${waves}`
    return { file: basename(waves.file), command: `gtkwave ${waves.file}`, excerpt: waves.excerpt }
  } catch (error) {
    return `none: ${toMessage(error)}`
  }
}
