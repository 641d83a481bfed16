/** `trapline run --bridge ADDRESS`: only the host runs here; models, logs and waveforms are the other bridge's. */
import { toEndpoint } from '../control/address.js'
import { checkBridge } from '../control/control-client.js'
import { readTlsFiles } from '../control/tls-files.js'
import { TraplineError } from '../ground/errors.js'
import { connectFarBridge } from '../host/far-bridge.js'
import { launchHost } from '../host/launch-host.js'
import { judgeProcesses } from '../host/judge-processes.js'
import { killLeftovers } from '../host/leftovers.js'
import { readLedger } from '../run/ledger.js'
import { placeRunDirectory } from '../run/named-run-directory.js'
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
  'show',
  'lint',
  'join',
] as const

export async function runOnBridge(flags: RunFlags, path: string, program: string[], gdb?: string): Promise<number> {
  const given = bridgeFlags.filter((flag) => flags[flag] !== undefined)
  if (given[0])
    throw new TraplineError(
      'usage',
      `--${toKebab(given[0])} is the bridge's affair; give it to \`trapline serve\` instead`,
    )
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
    const settings = { program: path, name, args, bridge, runDirectory: directory.path, token }
    const { note: onStranger } = new Strangers(directory.path, log)
    const host = await launchHost({ ...settings, debugger: gdb, onStranger })
    const supervised = await superviseHost(host, {
      name,
      // The bridge goes on, and so may a daemon.
      waitsForChildren: flags.waitForChildren ?? true,
      isDebugged: gdb !== undefined,
      settle: () => farBridge.settle(),
      hasCheckedIn: () => gdb !== undefined || farBridge.hasCheckedIn(host.pid),
      modelFailed: farBridge.ended,
      stopModels: async () => undefined,
      log,
    })
    const outcome = judgeProcesses(supervised, { runDirectory: directory.path, pid: host.pid, log })
    const waits = toWaitsLine(readLedger(directory.path).waits)
    if (waits !== undefined) log.info(waits)
    for (const sentence of readUntrapped(directory.path)) log.warn(sentence)
    return outcome.exitStatus
  } finally {
    killLeftovers(directory.path)
    directory.dispose()
  }
}

function toKebab(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
