/**
 * What a run writes down beside what it answers: logs, waveforms, counts. Made once of what somebody wished for;
 * whoever builds, starts or reads asks here.
 */
import { basename, join } from 'node:path'
import { TraplineError } from '../ground/errors.js'
import { modelFiles } from './layout.js'

export interface RecordingWishes {
  /** Takes the waveform; where several models run, one file per model is made of it. */
  traceFile?: string
  /** False: waveforms begin when `TraceModel` asks for them. */
  tracesFromStart?: boolean
  /** Takes a file per model with the counts of what of its RTL was reached. */
  coverageDirectory?: string
  /** Models write raw access logs, and sites are kept to name their PCs. */
  writesLog?: boolean
  /** Models write their interrupts and the bursts of their manager ports. */
  writesEvents?: boolean
}

/** What one model writes down. */
export interface ModelRecording {
  /** How often the model has been started, this time included; absent: once. */
  launch?: number
  /** Whether the model writes its raw access log into the run directory. */
  writesLog: boolean
  /** Takes its interrupts and the bursts of its own manager ports. */
  eventsFile: string | undefined
  traceFile: string | undefined
  /** False: the waveform begins when the link asks for it. */
  tracesFromStart: boolean
  /** Takes the counts of what was reached, at the end. */
  coverageFile: string | undefined
}

export const nothingRecorded: ModelRecording = {
  writesLog: false,
  eventsFile: undefined,
  traceFile: undefined,
  tracesFromStart: true,
  coverageFile: undefined,
}

/** What names of files in a coverage directory end with. */
export const coverageEnding = '.coverage.dat'

/** Models write one format of waveforms; a name that promises another one is refused. */
export function checkWaveform(file: string): void {
  const [other] = /\.(vcd|ghw|lxt2?|vpd|wlf|shm|saif)$/i.exec(file) ?? []
  if (other === undefined) return
  const better = `${basename(file, other)}.fst`
  const message = `waveforms are FST, so ${file} is refused; name it ${better} (fst2vcd of GTKWave makes a VCD of that)`
  throw new TraplineError('usage', message)
}

export class Recording {
  /** @param models names of those that run */
  constructor(
    private readonly wishes: RecordingWishes,
    private readonly runDirectory: string,
    private readonly models: string[],
  ) {}

  /** Models are built with what makes waveforms. */
  get hasTraces(): boolean {
    return this.wishes.traceFile !== undefined
  }

  /** Models are built with counters. */
  get hasCoverage(): boolean {
    return this.wishes.coverageDirectory !== undefined
  }

  get writesLog(): boolean {
    return this.wishes.writesLog ?? false
  }

  of(model: string, launch = 1): ModelRecording {
    const { coverageDirectory, tracesFromStart = true, writesEvents = false } = this.wishes
    const number = launch > 1 ? `.${launch}` : ''
    return {
      launch,
      writesLog: this.writesLog,
      eventsFile: writesEvents ? modelFiles(this.runDirectory, model, launch).events : undefined,
      traceFile: this.#traceFileOf(model, number),
      tracesFromStart,
      coverageFile: coverageDirectory && join(coverageDirectory, `${model}${number}${coverageEnding}`),
    }
  }

  /** `wave.fst`, or `wave.gpio.fst` where there are several models; `wave.2.fst` of a second process. */
  #traceFileOf(model: string, number: string): string | undefined {
    const { traceFile } = this.wishes
    const parts = `${this.models.length > 1 ? `.${model}` : ''}${number}`
    return parts === '' ? traceFile : traceFile?.replace(/(\.[^./]+)?$/, `${parts}$1`)
  }
}
