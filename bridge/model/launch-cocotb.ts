/**
 * Starts a simulation under cocotb. It connects to a socket of the run directory, where `trapline.Bridge` in its test
 * says Hello; from then on it is a model as any other.
 */
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { ownBench, type CocotbRun } from '../cocotb/build-cocotb.js'
import { TraplineError } from '../ground/errors.js'
import { clearForeign } from '../ground/foreign-files.js'
import { checkOpenFiles } from '../ground/open-files.js'
import { peerPidOf } from '../ground/outlet.js'
import { signalIfThere } from '../ground/processes.js'
import { startReaped } from '../ground/reaper.js'
import { modelFiles } from '../run/layout.js'
import { toBenchSettings, toSimulateSpec, type BenchSettings } from './cocotb-settings.js'
import { waitForEnd } from './launch-model.js'
import { toEndSentence, toExitSentence, type ProcessEnd } from './model-end.js'
import { keepOutput } from './model-output.js'
import { superviseModel, type ModelSettings, type RunningModel } from './running-model.js'
import { SimulatorWords } from './simulator-words.js'

export interface CocotbSettings extends ModelSettings, BenchSettings {
  /** Where the RTL's own files (`$readmemh`) are looked for. */
  workingDirectory: string
  /** Gives it up before it is a model. */
  signal: AbortSignal
}

export async function launchCocotb(settings: CocotbSettings, run: CocotbRun): Promise<RunningModel> {
  const { name, runDirectory, recording } = settings
  const files = modelFiles(runDirectory, name, recording.launch)
  const { settings: settingsFile, simulate, rawLog, link: path } = files
  for (const file of [rawLog, recording.eventsFile, settingsFile, simulate]) if (file !== undefined) clearForeign(file)
  for (const file of [files.verdict, files.results, path]) rmSync(file, { force: true })
  const { top } = settings.built.cocotb
  writeFileSync(settingsFile, toBenchSettings(settings, files), { mode: 0o600 })
  writeFileSync(simulate, toSimulateSpec({ ...settings, run, top, traceFile: recording.traceFile }, files), {
    mode: 0o600,
  })
  checkOpenFiles(`model ${name}`)
  const server = createServer().listen(path)
  await once(server, 'listening')
  try {
    return await start(settings, run, { server, settingsFile, simulate, rawLog, verdict: files.verdict })
  } finally {
    server.close()
    rmSync(path, { force: true })
  }
}

interface Places {
  server: Server
  settingsFile: string
  simulate: string
  rawLog: string
  verdict: string
}

async function start(settings: CocotbSettings, run: CocotbRun, places: Places): Promise<RunningModel> {
  const { python } = run
  const { name, signal, workingDirectory } = settings
  const words = new SimulatorWords()
  // In a session of its own, whose group is the simulator's, too: Ctrl-C at the terminal is for us.
  const child = startReaped({
    program: python.program,
    args: [python.program, '-m', 'trapline.simulate', 'run', places.simulate],
    env: { ...process.env, ...python.environment, ...quiet(), TRAPLINE_MODEL: places.settingsFile },
    cwd: workingDirectory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const onOutput = (line: string) => {
    words.take(line)
    settings.onOutput(line)
  }
  keepOutput([child.stdout, child.stderr] as Readable[], { ...settings, onOutput })
  const traceFile = settings.recording.traceFile
  const { verdict } = places
  const exited = waitForEnd(child).then((end) => ({ ...end, traceFile, ...explain(run, name, end, words, verdict) }))
  let simulator: number | undefined
  const kill = (how: 'SIGTERM' | 'SIGKILL') => {
    // Its parent is told as well, which else would go on without it.
    if (how === 'SIGKILL') signalIfThere(simulator, how)
    child.kill(how)
  }
  const giveUp = () => kill('SIGKILL')
  signal.addEventListener('abort', giveUp)
  if (signal.aborted) giveUp()
  const patience = setTimeout(() => settings.onOutput(toUnconnectedNote(name, run)), unconnectedMs).unref()
  try {
    const link = await connected(places.server, exited)
    if (!link) throw new TraplineError('model', await toUnreadySentence(name, exited, signal))
    simulator = peerPidOf(link)
    return await superviseModel(settings, { link, pid: simulator ?? child.pid, rawLog: places.rawLog, exited, kill })
  } finally {
    clearTimeout(patience)
    signal.removeEventListener('abort', giveUp)
  }
}

async function toUnreadySentence(name: string, exited: PromiseLike<ProcessEnd>, signal: AbortSignal): Promise<string> {
  const end = await exited
  return signal.aborted ? `model ${name}: the bridge is stopping` : toExitSentence(name, end)
}

const unconnectedMs = 10_000

/**
 * A test bench may do things of its own first, for as long as it likes, so nothing ends it; whoever forgot to ask for
 * programs learns why none comes.
 */
export function toUnconnectedNote(name: string, { module, test }: Pick<CocotbRun, 'module' | 'test'>): string {
  const who = test === undefined ? `no cocotb test of ${module}` : `cocotb test ${test} of ${module}`
  const way =
    test === undefined
      ? `let one \`await bridge.served()\` in it, and name that as models.${name}.test`
      : `let it \`await bridge.served()\` in one, or name another as models.${name}.test`
  return (
    `for 10 s now ${who} has ${test === undefined ? '' : 'not '}entered a trapline.Bridge, which all accesses wait ` +
    `for: if it has work of its own first, wait; else ${way}`
  )
}

/** The tables that cocotb prints are for whoever runs a test bench by itself; its warnings are for everyone. */
function quiet(): NodeJS.ProcessEnv {
  const { COCOTB_LOG_LEVEL = 'WARNING', GPI_LOG_LEVEL = 'ERROR', PYTHONUNBUFFERED = '1' } = process.env
  return { COCOTB_LOG_LEVEL, GPI_LOG_LEVEL, PYTHONUNBUFFERED }
}

/** The one connection that counts; undefined if the simulation ends before. */
async function connected(server: Server, exited: Promise<unknown>): Promise<Socket | undefined> {
  const connection = once(server, 'connection').then(([socket]) => socket as Socket)
  const link = await Promise.race([connection, exited.then(() => undefined)])
  server.close()
  return link
}

function explain(
  { module }: CocotbRun,
  name: string,
  end: ProcessEnd,
  words: SimulatorWords,
  verdict: string,
): Partial<ProcessEnd> {
  const { rtlEnd, pythonFault } = words
  if (rtlEnd) return { ownWords: rtlEnd, sentence: toEndSentence(name, rtlEnd) }
  if (end.signal !== undefined || end.cause !== undefined) return {}
  const { tests, failed } = readVerdict(verdict)
  // Where in our own test bench the configuration is refused helps nobody.
  const at = pythonFault && module !== ownBench ? ` (${basename(pythonFault.file)}:${pythonFault.line})` : ''
  if (failed) {
    const reason = [failed.type, failed.message].filter(Boolean).join(': ')
    return { sentence: `model ${name}: its cocotb test ${failed.test} failed: ${reason}${at}` }
  }
  if (pythonFault) return { sentence: `model ${name} ended by ${pythonFault.words}${at}` }
  if (tests === null)
    return {
      sentence:
        `model ${name}: its simulation ended before cocotb had a verdict on its tests: ` +
        'what the simulator printed says why, or one of them called os._exit',
    }
  if (tests === 0)
    return {
      sentence: `model ${name}: no test ran; models.${name}.test names one in models.${name}.python, or nothing`,
    }
  // Of one that was served, a Fault tells; this one said nothing.
  if (end.exitCode === 0)
    return {
      sentence:
        `model ${name} ended, for its cocotb test came to its end without a trapline.Bridge: ` +
        'let it `await bridge.served()` in one',
    }
  return {}
}

interface FailedTest {
  test: string
  type: string
  message: string
}

interface Verdict {
  /** How many came to their ends; null if cocotb itself did not. */
  tests?: number | null
  failed?: FailedTest | undefined
}

/** As `trapline.simulate` has it from cocotb's results. */
function readVerdict(file: string): Verdict {
  try {
    const { tests, failed } = JSON.parse(readFileSync(file, 'utf8')) as { tests: number | null; failed: FailedTest[] }
    return { tests, failed: failed[0] }
  } catch {
    return {}
  }
}
