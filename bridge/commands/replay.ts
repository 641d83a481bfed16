/** `trapline replay LOG`: makes the accesses of a log again, on RTL, and tells where the answers differ. */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { startBridge } from '../assembly/bridge.js'
import { TraplineError } from '../ground/errors.js'
import { catchSignals, hastyPatienceMs } from '../ground/interruption.js'
import { log } from '../ground/log.js'
import { findFailedEnd } from '../host/bus-failure.js'
import { IgnoredBits } from '../logs/ignored-bits.js'
import { isAccess, isInterrupt, isStream, type LogEntry, type LogRecord } from '../logs/log-record.js'
import { readEntries } from '../logs/read-log.js'
import { Replay } from '../regression/replay-log.js'
import type { Timing } from '../regression/replay-time.js'
import { toMismatchWords, toMissingWords, toVerdict, type Differences } from '../regression/replay-words.js'
import { recordWaves } from '../regression/waves.js'
import { writeAccessLog } from '../regression/write-access-log.js'
import { watchBuilds } from '../model/build-watch.js'
import { startModels } from './start-models.js'
import type { ConfigFlags } from './flags.js'
import { toVisible } from '../ground/visible.js'
import { checkFolder, checkWritable, print } from './output-files.js'
import { toConfig } from './to-config.js'

export interface ReplayFlags extends ConfigFlags {
  keepGoing?: boolean
  ignore?: string[]
  trace?: string
  log?: string
  around?: number
  timing?: Timing
  compareVolatile?: boolean
}

/** 0: every answer is that of the log, 1: some differ, or interrupts are missing. */
export async function replay(flags: ReplayFlags, recording: string): Promise<number> {
  if (flags.around !== undefined) return traceAround(flags, recording, flags.around)
  const ignored = new IgnoredBits(flags.ignore ?? [])
  const { config, directory } = await toConfig(flags)
  if (flags.log) {
    checkApart(flags.log, recording)
    checkWritable(flags.log)
  }
  if (flags.trace) checkFolder(flags.trace)
  using interruption = catchSignals()
  const bridge = await startBridge({
    config,
    configDirectory: directory,
    seed: flags.seed,
    traceFile: flags.trace && resolve(flags.trace),
    writesLog: flags.log !== undefined,
    abort: interruption.abort,
    onBuildProgress: watchBuilds().onProgress,
  })
  try {
    await interruption.race(startModels(bridge.models, flags.rtl !== undefined))
    const registers = flags.compareVolatile ? undefined : bridge.registers
    const note = (sentence: string) => log.info(sentence)
    const run = new Replay({ ...bridge, ignored, registers, note, timing: flags.timing })
    const differences = await interruption.race(makeAll(run, recording, flags.keepGoing ?? false))
    await run.end()
    await bridge.stop()
    if (flags.log) await writeAccessLog(bridge, flags.log)
    const cause = await findFailedEnd(bridge.models)
    if (cause !== undefined) throw new TraplineError('model', cause)
    const isSame = differences.answers + differences.interrupts === 0
    if (isSame) run.time.end(recording)
    if (run.uncompared !== undefined) log.info(`${run.uncompared}; --compare-volatile compares them`)
    log.info(`${toVerdict(run, recording, differences)}, seed ${bridge.seed}`)
    return isSame ? 0 : 1
  } finally {
    await bridge.stop(interruption.abort.aborted ? hastyPatienceMs : undefined)
    bridge.directory.dispose()
  }
}

/** To write to a file is to empty it. */
function checkApart(output: string, recording: string): void {
  const [one, other] = [output, recording].map((file) => statSync(file, { throwIfNoEntry: false, bigint: true }))
  if (one && other && one.dev === other.dev && one.ino === other.ino)
    throw new TraplineError('usage', `--log ${output} is the recording itself; name another file`)
}

/** Prints as JSON where the waveform is and what the bus did; 1 where there can be none. */
async function traceAround(flags: ReplayFlags, recording: string, seq: number): Promise<number> {
  if (flags.trace === undefined)
    throw new TraplineError('usage', '--around names no file for its waveform: add --trace')
  if (flags.timing !== undefined)
    throw new TraplineError('usage', '--around makes accesses again in the cycles of their log: leave --timing out')
  const { config, directory: configDirectory } = await toConfig(flags)
  checkFolder(flags.trace)
  const file = resolve(flags.trace)
  const failing = await findAccess(recording, seq)
  using interruption = catchSignals()
  const { abort } = interruption
  const bridge = await startBridge({
    ...{ config, configDirectory, seed: flags.seed, traceFile: file, tracesFromStart: false, lockstep: false, abort },
    onBuildProgress: watchBuilds().onProgress,
  })
  try {
    const waves = await interruption.race(recordWaves({ log: recording, failing, file, bridge, abort }))
    if (typeof waves === 'string') log.error(`no waveform: ${waves}`)
    else await print(`${JSON.stringify(waves)}\n`)
    return typeof waves === 'string' ? 1 : 0
  } finally {
    await bridge.stop(abort.aborted ? hastyPatienceMs : undefined)
    bridge.directory.dispose()
  }
}

async function findAccess(recording: string, seq: number): Promise<LogRecord> {
  for await (const record of readEntries(recording)) if (isAccess(record) && record.seq === BigInt(seq)) return record
  throw new TraplineError('usage', `${recording} has no access ${seq} (--around)`)
}

async function makeAll(run: Replay, recording: string, keepsGoing: boolean): Promise<Differences> {
  const differences = { answers: 0, interrupts: 0 }
  let before: LogRecord | undefined
  for await (const entry of readEntries(recording, (sentence) => log.warn(sentence))) {
    if (isStream(entry))
      throw new TraplineError(
        'usage',
        `${entry.at} is a transfer of stream ${entry.device ?? ''}; packets can't be made again, run the ` +
          `program itself`,
      )
    const words = isAccess(entry) ? await makeOne(run, entry) : await waitFor(run, entry, before)
    if (isAccess(entry)) before = entry
    if (words === undefined) continue
    differences[isAccess(entry) ? 'answers' : 'interrupts']++
    await print(`${toVisible(words)}\n`)
    if (!keepsGoing) break
  }
  return differences
}

async function makeOne(run: Replay, record: LogRecord): Promise<string | undefined> {
  const mismatch = await run.make(record)
  return mismatch && toMismatchWords(mismatch)
}

/** Bursts are the RTL's own affair. */
async function waitFor(run: Replay, entry: LogEntry, before: LogRecord | undefined): Promise<string | undefined> {
  const missing = isInterrupt(entry) ? await run.waitFor(entry) : undefined
  return missing && toMissingWords(entry, missing, before)
}
