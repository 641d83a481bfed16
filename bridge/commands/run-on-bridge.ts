/** `trapline run --bridge ADDRESS`: only the host runs here; models, logs and waveforms are the other bridge's. */
import { checkBridge } from '../control/control-client.js'
import { TraplineError } from '../errors.js'
import { launchHost } from '../host/launch-host.js'
import { killLeftovers } from '../host/leftovers.js'
import { createRunDirectory } from '../host/run-directory.js'
import { superviseHost } from '../host/supervise-host.js'
import { log } from '../log.js'
import type { RunFlags } from './flags.js'

/** Flags that a bridge which already runs can't obey any more. */
const bridgeFlags = [
  'trace',
  'log',
  'report',
  'model',
  'set',
  'seed',
  'maxCycles',
  'maxIdleCycles',
  'frontdoor',
  'time',
  'pollAcceleration',
  'stall',
  'rtl',
  'top',
  'map',
  'show',
  'lint',
] as const

export async function runOnBridge(flags: RunFlags, path: string, program: string[], gdb?: string): Promise<number> {
  const given = bridgeFlags.filter((flag) => flags[flag] !== undefined)
  if (given[0])
    throw new TraplineError(
      'usage',
      `--${toKebab(given[0])} is the bridge's affair; give it to \`trapline serve\` instead`,
    )
  const bridge = toDialable(flags.bridge ?? '')
  await checkBridge(bridge)
  const directory = createRunDirectory()
  try {
    const [name = path, ...args] = program
    const token = process.env.TRAPLINE_TOKEN ?? ''
    const settings = { program: path, name, args, bridge, runDirectory: directory.path, token }
    const host = await launchHost({ ...settings, debugger: gdb })
    const outcome = await superviseHost(host, {
      name,
      isDebugged: gdb !== undefined,
      // Check-ins go to the other bridge, which does not tell us of them.
      hasCheckedIn: () => true,
      modelFailed: new Promise(() => undefined),
      stopModels: async () => undefined,
      log,
    })
    return outcome.exitStatus
  } finally {
    killLeftovers(directory.path)
    directory.dispose()
  }
}

function toKebab(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function toDialable(address: string): string {
  if (address.startsWith('unix:/') || /^[^/:]+:\d+$/.test(address)) return address
  throw new TraplineError('usage', `--bridge ${address}: write it as unix:/PATH or HOST:PORT`)
}
