/** `trapline serve`: a bridge for hosts and tools that are started elsewhere. Runs until a signal or a Stop call. */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Deferred } from '../ground/deferred.js'
import { startBridge, type Bridge } from '../assembly/bridge.js'
import { readTlsFiles, type TlsFlags } from '../control/tls-files.js'
import { toMessage, TraplineError } from '../ground/errors.js'
import { settlePosted } from '../host/settle-posted.js'
import { catchSignals, hastyPatienceMs, Interrupted } from '../ground/interruption.js'
import { log } from '../ground/log.js'
import { version } from '../ground/version.js'
import { writeAccessLog } from '../regression/write-access-log.js'
import { checkWritable, print, writeOutput } from './output-files.js'
import { watchBuilds } from '../model/build-watch.js'
import { toJoined, type ConfigFlags } from './flags.js'
import { coverageOf } from './summary.js'
import { toConfig } from './to-config.js'

export interface ServeFlags extends ConfigFlags, TlsFlags {
  listen?: string
  runDir?: string
  addressFile?: string
  trace?: string
  log?: string
  report?: string
  show?: boolean
}

export async function serve(flags: ServeFlags): Promise<number> {
  const { config, directory } = await toConfig(flags)
  for (const file of [flags.log, flags.report]) if (file) checkWritable(file)
  using interruption = catchSignals()
  const stopped = new Deferred()
  const bridge = await startBridge({
    config,
    configDirectory: directory,
    listen: flags.listen,
    runDirectory: flags.runDir,
    token: process.env.TRAPLINE_TOKEN,
    tls: readTlsFiles(flags),
    traceFile: flags.trace && resolve(flags.trace),
    writesLog: flags.log !== undefined,
    countsRegisters: flags.report !== undefined,
    shows: flags.show,
    abort: interruption.abort,
    joined: toJoined(flags.join),
    onBuildProgress: watchBuilds().onProgress,
    onModelFailure: (cause) => log.error(cause),
    onDeadlock: (sentence) => log.error(sentence),
    onStop: () => stopped.resolve(),
  })
  try {
    if (flags.addressFile) writeAddress(flags.addressFile, bridge.address)
    await interruption.race(print(`${bridge.address}\n`))
    log.info(`listening on ${bridge.address}, seed ${bridge.seed}; models start at their first need`)
    await interruption.race(stopped.promise).catch(ignoreInterruption)
    // Programs that are still there are not waited for.
    await settlePosted({
      ...{ sessions: bridge.sessions, models: bridge.models },
      isMeant: ({ isOpen }) => !isOpen,
      isGivenUp: () => interruption.abort.aborted,
    })
    return 0
  } finally {
    await bridge.stop(interruption.abort.aborted ? 2 * hastyPatienceMs : undefined)
    try {
      await writeRecords(bridge, flags)
    } finally {
      bridge.directory.dispose()
    }
  }
}

/** One that can't be written does not take the other with it. */
async function writeRecords(bridge: Bridge, { report, log: output }: ServeFlags): Promise<void> {
  try {
    if (output) await writeAccessLog(bridge, output)
  } finally {
    if (report) writeOutput(report, `${JSON.stringify(toServed(bridge), undefined, 2)}\n`)
  }
}

/** What is known of all programs together; of each its own run tells. */
function toServed(bridge: Bridge) {
  const { accesses, errors } = bridge.monitor
  return { trapline: version, seed: bridge.seed, accesses, errorCount: errors, registers: coverageOf(bridge) }
}

/** A signal is the regular end of a server. */
function ignoreInterruption(error: unknown): void {
  if (!(error instanceof Interrupted)) throw error
}

function writeAddress(file: string, address: string): void {
  try {
    writeFileSync(file, `${address}\n`)
  } catch (error) {
    const message = `the address file ${file} can't be written (${toMessage(error)}); choose another place`
    throw new TraplineError('output', message, { cause: error })
  }
}
