/** Starts a model process on a built executable. */
import type { ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { withoutSecrets } from '../ground/child-environment.js'
import type { Config } from '../config/schema.js'
import { clearForeign } from '../ground/foreign-files.js'
import { checkOpenFiles } from '../ground/open-files.js'
import { startReaped, sweepOrphans } from '../ground/reaper.js'
import { modelFiles } from '../run/layout.js'
import type { ModelRecording } from '../run/recording.js'
import { keepOutput } from './model-output.js'
import type { ProcessEnd } from './model-end.js'
import { superviseModel, type ModelSettings, type RunningModel } from './running-model.js'
import { findSandbox, toSandboxed, toSandboxedProcess, type SandboxPlaces } from './sandbox.js'

export interface LaunchSettings extends ModelSettings {
  executable: string
  /** Where the RTL's own files (`$readmemh`) are looked for. */
  workingDirectory: string
  /** Ports that the RTL drives itself, in the order of their index. */
  managers: string[]
  /** AXI4-Stream ports, in the order of their index, and the bytes that each keeps for its readers. */
  streams: { name: string; buffer: number }[]
  /** Interrupt lines, in the order of their index. */
  interrupts: string[]
  /** Memories behind a backdoor, in the order of their index. */
  memories: string[]
  seed: number
  maxCycles: number
  minCyclesPerAccess: number
  /** Percent, by channel. */
  stall: Config['stall']
  resetCycles: number
  periodPs: number
  furtherClocks: { periodPs: number; phasePs: number; resetCycles: number }[]
  recording: ModelRecording
  /** See `sandbox.ts`. */
  sandbox?: boolean
  /** Files that it may be told to map: memory of hosts, mailboxes. */
  sharedFiles?: string[]
}

/** What is left of the output of a model that has ended is read sooner. */
const lingerMs = 500

export async function launchModel(settings: LaunchSettings): Promise<RunningModel> {
  const { rawLog } = modelFiles(settings.runDirectory, settings.name, settings.recording.launch)
  for (const file of [rawLog, settings.recording.eventsFile]) if (file !== undefined) clearForeign(file)
  const args = [settings.executable, ...toArguments(settings, rawLog)]
  const plain = { program: settings.executable, args, env: { ...process.env, ...withoutSecrets } }
  checkOpenFiles(`model ${settings.name}`)
  // The model has a session of its own: Ctrl-C at the terminal must not take it away under the host's last access.
  const child = startReaped({
    ...(settings.sandbox ? toSandboxed(await findSandbox(), toPlaces(settings, rawLog), args) : plain),
    cwd: settings.workingDirectory,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(settings.sandbox ? ['pipe' as const] : [])],
  })
  const exited = waitForEnd(child).then((end) => ({ ...end, traceFile: settings.recording.traceFile }))
  keepOutput([child.stdout, child.stderr] as Readable[], settings)
  const link = child.stdio[3] as unknown as Duplex
  const started = { link, pid: child.pid, rawLog, exited, kill: (signal: NodeJS.Signals) => child.kill(signal) }
  return superviseModel(settings, settings.sandbox ? toSandboxedProcess(child, started) : started)
}

/** What the sandbox leaves to a model: in there a file can be written, but none be made. */
function toPlaces(settings: LaunchSettings, rawLog: string): SandboxPlaces {
  const { executable, workingDirectory, sharedFiles = [] } = settings
  const { writesLog, eventsFile, traceFile, coverageFile } = settings.recording
  const logs = [...(writesLog ? [rawLog] : []), ...(eventsFile ? [eventsFile] : [])]
  for (const file of logs) writeFileSync(file, '')
  const folders = [traceFile, coverageFile].flatMap((file) => (file ? [dirname(file)] : []))
  return { executable, workingDirectory, writable: [...logs, ...sharedFiles, ...folders] }
}

/** Resolves, never rejects, when all that it has printed is there, too. */
export function waitForEnd(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('error', (cause) => resolve({ cause }))
    // What its RTL has started may have its output open, and go on; without a reaper nobody can end it.
    child.once('exit', () => {
      const endRest = async () => (await sweepOrphans()) ?? child.stdio.forEach((stream) => stream?.destroy())
      const timer = setTimeout(() => void endRest(), lingerMs)
      child.once('close', () => clearTimeout(timer))
    })
    child.once('close', (code, signal) =>
      resolve({ ...(code !== null && { exitCode: code }), ...(signal !== null && { signal }) }),
    )
  })
}

function toArguments(settings: LaunchSettings, rawLog: string): string[] {
  const flags = {
    '--link-fd': 3,
    '--seed': settings.seed,
    '--max-cycles': settings.maxCycles,
    '--min-cycles': settings.minCyclesPerAccess,
    '--reset-cycles': settings.resetCycles,
    '--period-ps': settings.periodPs,
  }
  return [
    ...Object.entries(flags).flatMap(([flag, value]) => [flag, String(value)]),
    ...settings.furtherClocks.flatMap(({ periodPs, phasePs, resetCycles }) => [
      '--clock',
      `${periodPs},${phasePs},${resetCycles}`,
    ]),
    ...settings.ports.flatMap((port) => ['--port', port]),
    ...settings.managers.flatMap((port) => ['--manager', port]),
    ...settings.streams.flatMap(({ name, buffer }) => ['--stream', `${name}=${buffer}`]),
    ...settings.interrupts.flatMap((line) => ['--interrupt', line]),
    ...settings.memories.flatMap((memory) => ['--memory', memory]),
    ...Object.entries(settings.stall).flatMap(([channel, percent]) => ['--stall', `${channel}=${percent}`]),
    ...toRecordingArguments(settings.recording, rawLog),
  ]
}

function toRecordingArguments(recording: ModelRecording, rawLog: string): string[] {
  const { writesLog, eventsFile, coverageFile, traceFile, tracesFromStart } = recording
  return [
    ...(writesLog ? ['--log', rawLog] : []),
    ...(eventsFile ? ['--events', eventsFile] : []),
    ...(coverageFile ? ['--coverage', coverageFile] : []),
    ...(traceFile ? ['--trace', traceFile] : []),
    ...(traceFile && tracesFromStart ? ['--trace-at-start'] : []),
  ]
}
