/**
 * Warm starts: a model that has been set up (reset, boot, whatever took time) stands still from then on, and every fork
 * of it begins where it stood, for the price of a fork(2). Its seed and power-up state are those of the checkpoint.
 */
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { signalIfThere } from '../ground/processes.js'
import { peerPidOf } from '../ground/outlet.js'
import { modelFiles } from '../run/layout.js'
import type { ModelRecording } from '../run/recording.js'
import { checkText } from '../wire/contract-limits.js'
import { keepOutput } from './model-output.js'
import { superviseModel, type ModelSettings, type RunningModel } from './running-model.js'

export interface ForkSettings extends ModelSettings {
  recording: ModelRecording
}

export interface Checkpoint {
  /** A model of its own, which shares nothing that it writes with another fork. */
  fork(settings: ForkSettings): Promise<RunningModel>
  /** Ends the process that stands still; forks live on. */
  close(): Promise<void>
}

/** Turns a running model into a checkpoint. Its sessions must be closed, its memory unmapped, and no waveform open. */
export async function makeCheckpoint(model: RunningModel, runDirectory: string): Promise<Checkpoint> {
  const path = modelFiles(runDirectory, model.name).forks
  await model.link.call({ serveForks: { path } }, 'done')
  return {
    fork: (settings) => forkFrom(path, settings),
    close: async () => {
      model.link.close()
      await model.ended
    },
  }
}

async function forkFrom(path: string, settings: ForkSettings): Promise<RunningModel> {
  const { name, runDirectory } = settings
  const { writesLog, traceFile = '', coverageFile = '' } = settings.recording
  const wayOut = 'put it at a shorter path'
  checkText(traceFile, 'BecomeFork.trace', `the waveform of a fork of ${name}, ${traceFile},`, wayOut)
  checkText(coverageFile, 'BecomeFork.coverage', `the coverage of a fork of ${name}, ${coverageFile},`, wayOut)
  const { rawLog, print: output } = modelFiles(runDirectory, name, settings.recording.launch)
  let pid: number | undefined
  const printer = createServer((socket) => {
    // What it tells of itself may be anybody's: who is signalled is who has connected here.
    pid ??= peerPidOf(socket)
    keepOutput([socket], settings)
  }).listen(output)
  try {
    await once(printer, 'listening')
    const link = connect(path)
    await once(link, 'connect')
    const closed = new Promise<object>((resolve) => link.once('close', () => resolve({})))
    const kill = (signal: NodeJS.Signals) => signalIfThere(pid, signal)
    const model = await superviseModel(settings, {
      link,
      pid: undefined,
      seenPid: () => pid,
      rawLog,
      exited: closed,
      kill,
    })
    // Accepted before the printer closes, or what the fork prints would be lost.
    const printing = once(printer, 'connection')
    const log = writesLog ? rawLog : ''
    await model.link.call({ becomeFork: { log, trace: traceFile, coverage: coverageFile, output } }, 'done')
    await printing
    return model
  } finally {
    printer.close()
    rmSync(output, { force: true })
  }
}
