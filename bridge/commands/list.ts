/** `trapline list`: the models and devices of a configuration as a table. Builds nothing. */
import { mapDevices, toAddress } from '../access/address-map.js'
import { toTable } from '../format.js'
import type { ConfigFlags } from './flags.js'
import { toConfig } from './to-config.js'

export async function list(flags: ConfigFlags): Promise<number> {
  const { config, source } = await toConfig(flags)
  const devices = mapDevices(config).map(({ name, config: device }) => [
    name,
    device.path,
    `${toAddress(device.base)}-${toAddress(device.base + device.size - 1n)}`,
    device.model,
    device.port ?? '(by name)',
    toAddress(device.address),
    device.onError,
  ])
  const models = Object.entries(config.models).map(([name, model]) => [
    name,
    model.top,
    model.ports ? Object.keys(model.ports).join(' ') : '(by name)',
    model.sources.join(' '),
  ])
  const text = [
    source,
    '',
    toTable([['DEVICE', 'FILE', 'RANGE', 'MODEL', 'PORT', 'BUS ADDRESS', 'ON ERROR'], ...devices]),
    '',
    toTable([['MODEL', 'TOP', 'PORTS', 'SOURCES'], ...models]),
  ].join('\n')
  process.stdout.write(`${text}\n`)
  return 0
}
