/**
 * The waveform around one access, made after the fact: a run's accesses are made again, in the cycles that the log has,
 * on a model that traces only there. A run that ends well costs nothing that way.
 */
import { existsSync, rmSync, statSync } from 'node:fs'
import type { Bridge } from '../assembly/bridge.js'
import { hastyPatienceMs } from '../ground/interruption.js'
import { isAccess, isStream, toDigits, toPlace, type LogRecord } from '../logs/log-record.js'
import { removeLayouts, writeLayouts } from '../logs/wave-files.js'
import { IgnoredBits } from '../logs/ignored-bits.js'
import { readEntries } from '../logs/read-log.js'
import { Replay } from './replay-log.js'
import type { Excerpt } from './result.js'
import { readExcerpt } from './wave-excerpt.js'

export interface WaveSettings {
  /** Access log, JSON lines. */
  log: string
  /** The access that the waveform is about. */
  failing: LogRecord
  /** Is written. */
  file: string
  /**
   * A bridge on the same models, parameters and seed, which stands where the run began and traces into `file` when
   * told.
   */
  bridge: Bridge
  /** Gives up. */
  abort?: AbortSignal
}

export interface Waves {
  /** `file`, or beside it if there are several models. */
  file: string
  excerpt: Excerpt | undefined
}

const cyclesBefore = 500n
const cyclesAfter = 50n
/** Before the access, where its waveform begins on the screen. */
const cyclesShown = 8n
const mostBytes = 16 << 20

/** Resolves with a sentence where there can be no waveform. The bridge is stopped. */
export async function recordWaves(settings: WaveSettings): Promise<Waves | string> {
  const { bridge, failing, file, log, abort } = settings
  const model = bridge.sessions.devices.find(({ name }) => name === failing.device)?.config.model
  if (model === undefined || !failing.cycles) return 'the log does not tell its model and cycles'
  if (bridge.config.models[model]?.kind === 'cocotb')
    return `model ${model} runs under cocotb, whose waveforms go from start to end; run the test with \`trace\``
  // Models that end leave nothing to wait for.
  const giveUp = () => void bridge.stop(hastyPatienceMs)
  abort?.addEventListener('abort', giveUp)
  try {
    abort?.throwIfAborted()
    const problem = await replayUpTo(settings, model, failing.cycles)
    if (problem) return problem
  } finally {
    await bridge.stop()
    abort?.removeEventListener('abort', giveUp)
  }
  abort?.throwIfAborted()
  const process = bridge.models.history.findLast(({ name }) => name === model)
  const written = (process && bridge.models.recordingOf(process).traceFile) ?? file
  if (!existsSync(written)) return 'the model wrote none'
  if (statSync(written).size > mostBytes) {
    rmSync(written)
    removeLayouts(written)
    return `it would be larger than ${mostBytes >> 20} MiB; run the test with \`trace\``
  }
  const layout = bridge.models.built(model)?.waveLayout
  const begin = failing.cycles.start > cyclesShown ? failing.cycles.start - cyclesShown : 0n
  if (layout) writeLayouts(written, layout, begin * periodOf(bridge, model))
  return { file: written, excerpt: await readExcerpt({ file: written, bridge, access: failing, log, abort }) }
}

function periodOf({ models }: Bridge, name: string): bigint {
  const running = models.history.find((model) => model.name === name)
  return running ? models.periodPsOf(running) : 0n
}

async function replayUpTo(
  { bridge, log, failing }: WaveSettings,
  model: string,
  { start, end }: { start: bigint; end: bigint },
): Promise<string | undefined> {
  const replay = new Replay({ ...bridge, ignored: new IgnoredBits([]) })
  const begin = start > cyclesBefore ? start - cyclesBefore : 0n
  const trace = async ({ on }: { on: boolean }) => {
    const { link } = await bridge.models.start(model)
    await link.call({ trace: { on } }, 'done')
  }
  let traces = false
  for await (const record of readEntries(log)) {
    if (isStream(record)) return 'packets of streams can not be made again; run the test with `trace`'
    if (!isAccess(record)) continue
    if (!traces && isOn(bridge, record, model) && (record.cycles?.end ?? 0n) >= begin) {
      await replay.time.advanceTo(begin, model)
      await trace({ on: true })
      traces = true
    }
    const mismatch = await replay.make(record)
    if (record.seq === failing.seq) break
    if (mismatch)
      return (
        `made again, access ${record.seq} (${toPlace(record)}) gave ` +
        `${toDigits(mismatch.value, record.widthBytes)}; run the test with \`trace\``
      )
  }
  await replay.time.advanceTo(end + cyclesAfter, model)
  await trace({ on: false })
  await replay.end()
  return undefined
}

function isOn({ sessions }: Bridge, { device }: LogRecord, model: string): boolean {
  return sessions.devices.some(({ name, config }) => name === device && config.model === model)
}
