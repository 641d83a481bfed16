/** `trapline watch` and `trapline unwatch`: real devices that a bridge records, changed while it runs. */
import { toEndpoint } from '../control/address.js'
import { callControl, checkBridge } from '../control/control-client.js'
import { readTlsFiles, type TlsFlags } from '../control/tls-files.js'
import { TraplineError } from '../ground/errors.js'
import { log } from '../ground/log.js'
import { toPrintable } from '../ground/printable.js'
import { openTlsTunnel } from '../host/tls-tunnel.js'
import { inTemporaryFolder } from '../run/temporary-folder.js'
import { print } from './output-files.js'

export interface WatchFlags extends TlsFlags {
  bridge?: string
}

interface RangeReply {
  device: { name: string; path: string }
  attached: { pid: number; program: string }[]
}

/** Prints the name that the device has got. */
export async function watch(flags: WatchFlags, range: string): Promise<number> {
  const { device, attached } = await ask(flags, 'WatchDevice', { range })
  for (const each of attached) log.warn(`${toName(each)} started before, and does not see ${device.name}`)
  log.info(`${device.path} is recorded as ${device.name}, of programs that start from now on with TRAPLINE_HARDWARE=1`)
  await print(`${device.name}\n`)
  return 0
}

export async function unwatch(flags: WatchFlags, name: string): Promise<number> {
  const { device, attached } = await ask(flags, 'UnwatchDevice', { device: name })
  for (const each of attached)
    log.warn(`${toName(each)} started before: if it knows ${device.name}, that stays recorded until it ends`)
  log.info(`${device.path} is not recorded of programs that start from now on`)
  return 0
}

function toName({ program, pid }: RangeReply['attached'][number]): string {
  return `${toPrintable(program)} (pid ${pid})`
}

async function ask(flags: WatchFlags, method: string, request: object): Promise<RangeReply> {
  const address = flags.bridge
  if (!address)
    throw new TraplineError('usage', '--bridge is missing; name the address that `trapline serve` has printed')
  const token = process.env.TRAPLINE_TOKEN ?? ''
  const tls = 'host' in toEndpoint(address, '--bridge') ? readTlsFiles(flags) : undefined
  if (tls)
    return inTemporaryFolder(async (directory) => {
      using tunnel = await openTlsTunnel({ address, tls, directory })
      return await callControl<RangeReply>({ way: tunnel.address, token }, method, request)
    })
  await checkBridge(address)
  return callControl<RangeReply>({ way: address, token }, method, request)
}
