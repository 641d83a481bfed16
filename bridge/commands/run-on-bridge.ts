/** `trapline run --bridge ADDRESS`: only the host runs here; models, logs and waveforms are the other bridge's. */
import { toEndpoint } from '../control/address.js'
import { checkBridge } from '../control/control-client.js'
import { readTlsFiles } from '../control/tls-files.js'
import { TraplineError } from '../ground/errors.js'
import { connectFarBridge } from '../host/far-bridge.js'
import { launchHost, trapsBeforePatch } from '../host/launch-host.js'
import { judgeProcesses } from '../host/judge-processes.js'
import { killLeftovers } from '../host/leftovers.js'
import { readLedger } from '../run/ledger.js'
import { toPatchLine } from '../run/patches.js'
import { placeRunDirectory } from '../run/named-run-directory.js'
import { startDeadline } from '../host/deadline.js'
import { superviseHost } from '../host/supervise-host.js'
import { openTlsTunnel } from '../host/tls-tunnel.js'
import { readUntrapped, Strangers } from '../host/untrapped.js'
import { log } from '../ground/log.js'
import type { RunFlags } from './flags.js'
import { toWaitsLine } from './summary.js'

/** Flags that a bridge which already runs can't obey any more. */
const bridgeFlags = [
  'trace',
  'log',
  'report',
  'perfetto',
  'results',
  'coverage',
  'model',
  'set',
  'lockstep',
  'seed',
  'lane',
  'maxCycles',
  'maxIdleCycles',
  'frontdoor',
  'sandbox',
  'time',
  'pollAcceleration',
  'stall',
  'rtl',
  'top',
  'map',
  'hardware',
  'record',
  'show',
  'lint',
  'join',
] as const

export async function runOnBridge(flags: RunFlags, path: string, program: string[], gdb?: string): Promise<number> {
  checkFlags(flags)
  const address = flags.bridge ?? ''
  const tls = 'host' in toEndpoint(address, '--bridge') ? readTlsFiles(flags) : undefined
  if (!tls) await checkBridge(address)
  const directory = await placeRunDirectory(flags.runDir)
  try {
    const token = process.env.TRAPLINE_TOKEN ?? ''
    using tunnel = tls && (await openTlsTunnel({ address, tls, directory: directory.path }))
    const bridge = tunnel?.address ?? address
    await using farBridge = await connectFarBridge({ address, way: bridge, token, directory: directory.path })
    const [name = path, ...args] = program
    const settings = {
      program: path,
      name,
      args,
      bridge,
      runDirectory: directory.path,
      token,
      patch: flags.patch ?? false,
      net: flags.net,
    }
    const { note: onStranger } = new Strangers(directory.path, log)
    const host = await launchHost({ ...settings, debugger: gdb, onStranger })
    using deadline = startDeadline(name, flags.timeout)
    const supervised = await superviseHost(host, {
      name,
      // The bridge goes on, and so may a daemon.
      waitsForChildren: flags.waitForChildren ?? true,
      isDebugged: gdb !== undefined,
      settle: () => farBridge.settle(),
      hasCheckedIn: () => gdb !== undefined || farBridge.hasCheckedIn(host.pid),
      modelFailed: farBridge.ended,
      deadline: deadline.passed,
      stopModels: async () => undefined,
      log,
    })
    const tolerant = flags.tolerant ?? false
    const outcome = judgeProcesses(supervised, { runDirectory: directory.path, pid: host.pid, tolerant, log })
    const { waits, patches } = readLedger(directory.path)
    const waited = toWaitsLine(waits)
    if (waited !== undefined) log.info(waited)
    if (settings.patch && waits.count > 0) log.info(toPatchLine(patches, trapsBeforePatch()))
    for (const sentence of readUntrapped(directory.path)) log.warn(sentence)
    return outcome.exitStatus
  } finally {
    killLeftovers(directory.path)
    directory.dispose()
  }
}

/** Who gives such a flag means this run; a variable may be there for all commands of its shell. */
function checkFlags(flags: RunFlags): void {
  const given = bridgeFlags.filter((flag) => flags[flag] !== undefined)
  const [refused] = given.filter((flag) => !flags.fromVariables?.has(flag))
  if (refused)
    throw new TraplineError(
      'usage',
      `--${toKebab(refused)} is the bridge's affair; give it to \`trapline serve\` instead`,
    )
  for (const flag of given)
    log.warn(`${toVariable(flag)} is not used: it is the bridge's affair, and counts where \`trapline serve\` starts`)
}

function toVariable(flag: string): string {
  return `TRAPLINE_${toKebab(flag).replaceAll('-', '_').toUpperCase()}`
}

function toKebab(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
