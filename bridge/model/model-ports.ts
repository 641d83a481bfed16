/** How devices and what runs beside a model lie on it, once it is built; each mistake is one sentence. */
import type { Config, DeviceConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { toAddress, type MappedDevice } from '../map/address-map.js'
import type { BuiltModel } from '../verilate/build-model.js'

export function namesOf(ports: BuiltModel['ports']): string[] {
  return ports.map(({ name }) => name)
}

/** Index of the device's port among the model's. */
export function toPortIndex(device: MappedDevice, ports: string[]): number {
  const { model, port } = device.config
  const choice = `ports of model ${model} are ${ports.join(', ')}`
  if (ports.length === 0)
    throw new TraplineError(
      'config',
      `device ${device.name}: model ${model} has no bus that Trapline can drive, only AXI4-Stream ports; a ` +
        `device of kind 'stream' reaches those`,
    )
  if (port === undefined && ports.length !== 1)
    throw new TraplineError('config', `device ${device.name}: set its port, for model ${model} has several; ${choice}`)
  const index = port === undefined ? 0 : ports.indexOf(port)
  if (index < 0)
    throw new TraplineError('config', `device ${device.name}: model ${model} has no port ${port}; ${choice}`)
  return index
}

/** What runs beside a model must not write into the same memory a second time. */
export function checkTwin({ models, devices }: Config, name: string, { managers }: BuiltModel): void {
  const real = Object.keys(devices).find((other) => isBeside(devices[other], name))
  if (real !== undefined && managers.length > 0)
    throw new TraplineError(
      'config',
      `devices.${real}.lockstep: model ${name} reaches host memory by itself (${managers.join(', ')}), which ` +
        'the real device does, too; record it, and make that again (`trapline replay`)',
    )
  const beside = Object.keys(models).find((other) => models[other]?.lockstep === name)
  if (beside === undefined || managers.length === 0) return
  throw new TraplineError(
    'config',
    `models.${beside}.lockstep: model ${name} reaches host memory by itself (${managers.join(', ')}), which model ` +
      `${beside} does, too; name models without manager ports, or run them one after the other and compare their ` +
      'logs (`trapline diff`)',
  )
}

export function checkInterrupts({ devices }: Config, model: string, interrupts: string[]): void {
  for (const [name, device] of Object.entries(devices)) {
    if (device.kind !== 'uio' || device.model !== model || !device.interrupt) continue
    const { line } = device.interrupt
    if (interrupts.includes(line)) continue
    const known = interrupts.length ? `its interrupts are ${interrupts.join(', ')}` : 'it has none that is known'
    throw new TraplineError(
      'config',
      `device ${name}: model ${model} has no interrupt ${line}; ${known}; name it in models.${model}.interrupts`,
    )
  }
}

/**
 * Devices must lie within their port's addresses. One that starts at 0 may be larger, for software maps whole pages of
 * small cores: the model answers with DECERR what no address of the port stands for.
 */
function isBeside(device: DeviceConfig | undefined, model: string): boolean {
  return device?.kind === 'hardware' && device.lockstep === model
}

export function checkReach(device: MappedDevice, ports: BuiltModel['ports']): void {
  const { address, size, model } = device.config
  const port = ports[toPortIndex(device, namesOf(ports))]
  const end = 1n << BigInt(port?.addressWidth ?? 64)
  if (!port || address === 0n || address + size <= end) return
  const range = `${toAddress(address)} to ${toAddress(address + size - 1n)}`
  const message =
    `device ${device.name}: its bus addresses ${range} go beyond port ${port.name || '(no prefix)'} of model ` +
    `${model}, which ends at ${toAddress(end - 1n)}; correct its address or size`
  throw new TraplineError('config', message)
}
