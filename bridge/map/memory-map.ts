/**
 * Which memory of the hosts lies where on the buses of the RTL: gives each u-dma-buf and each reserved range its
 * address and checks that none covers another, nor a device. Knows nothing of the files that hold it.
 */
import type { Config, DeviceConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { checkNames, checkNoPorts, placesOf, toAddress, type MappedDevice } from './address-map.js'

export interface MappedMemory {
  /**
   * The number of the memory, which is the same for every session of one bridge; counts on from those of the devices.
   */
  handle: number
  name: string
  config: Extract<DeviceConfig, { kind: 'u-dma-buf' | 'reserved' }>
  /** What hosts open, and the offset in it of the first byte. */
  path: string
  base: bigint
  /** On the bus. */
  address: bigint
  size: bigint
}

const firstAddress = 0x1000_0000n

/** Memories in the order of the configuration. Throws when the configuration contradicts itself. */
export function mapMemories(config: Config, devices: MappedDevice[]): MappedMemory[] {
  const memories: MappedMemory[] = []
  let free = firstAddress
  for (const [name, device] of Object.entries(config.devices)) {
    if (device.kind !== 'u-dma-buf' && device.kind !== 'reserved') continue
    const address = (device.kind === 'reserved' ? device.base : device.address) ?? free
    if (address === free) free += device.size
    const path = device.kind === 'reserved' ? device.path : `/dev/${device.name ?? name}`
    const base = device.kind === 'reserved' ? device.base : 0n
    const handle = devices.length + memories.length + 1
    memories.push({ handle, name, config: device, path, base, address, size: device.size })
  }
  memories.forEach((memory, i) => {
    checkNames(memory.name, memory.path)
    checkNoPorts(memory.name, memory.path)
    checkApart(memory, memories.slice(0, i))
    checkApartFromDevices(memory, devices)
    checkModels(memory, config)
  })
  return memories
}

function checkApart(one: MappedMemory, others: MappedMemory[]): void {
  const other = others.find(({ address, size }) => address < one.address + one.size && one.address < address + size)
  if (!other) return
  throw new TraplineError(
    'config',
    `memory ${other.name} and ${one.name} overlap at bus address ${toAddress(one.address)}; move one of them`,
  )
}

/** Memory and registers can't be at one place of a file. */
export function checkApartFromDevices({ name, path, base, size }: MappedMemory, devices: MappedDevice[]): void {
  const other = devices.find(({ config }) =>
    placesOf(config).some((at) => at.path === path && at.base < base + size && base < at.base + config.size),
  )
  if (!other) return
  throw new TraplineError(
    'config',
    `memory ${name} and device ${other.name} overlap in ${path} at ${toAddress(base)}; move one of them`,
  )
}

function checkModels({ name, config: { models } }: MappedMemory, config: Config): void {
  const known = Object.keys(config.models)
  const unknown = models?.find((model) => !known.includes(model))
  if (unknown === undefined) return
  throw new TraplineError('config', `device ${name}: model ${unknown} does not exist; models are ${known.join(', ')}`)
}
