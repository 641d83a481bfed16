/** `trapline list`: the models, devices and memories of a configuration as tables. Builds nothing. */
import {
  mapDevices,
  toAddress,
  uioMapOf,
  type BusRange,
  type HardwarePlace,
  type RealUio,
  type MappedDevice,
} from '../map/address-map.js'
import { mapMemories, type MappedMemory } from '../map/memory-map.js'
import type { AnyModelConfig, StreamConfig } from '../config/schema.js'
import { toTable } from '../ground/format.js'
import { portsPath } from '../ground/ports-path.js'
import { toVisible } from '../ground/visible.js'
import type { ConfigFlags } from './flags.js'
import { print } from './output-files.js'
import { toConfig } from './to-config.js'

const byName = '(by name)'

export interface ListFlags extends ConfigFlags {
  json?: boolean
}

export async function list(flags: ListFlags): Promise<number> {
  const { config, source } = await toConfig(flags)
  const devices = mapDevices(config)
  const tables = [
    ['DEVICE', 'KIND', 'FILE', 'RANGE', 'MODEL', 'PORT', 'BUS ADDRESS', 'WIDTH', 'ON ERROR'],
    ['MEMORY', 'KIND', 'FILE', 'RANGE', 'BUS ADDRESS', 'REACHED BY'],
    ['MODEL', 'KIND', 'TOP', 'PORTS', 'SOURCES'],
    ['GOLDEN MODEL', 'FILE'],
  ]
  const rows = [
    devices.map(toDeviceRow),
    mapMemories(config, devices).map(toMemoryRow),
    Object.entries(config.models).map(toModelRow),
    Object.entries(config.goldens).map(([name, { file }]) => [name, file]),
  ]
  if (flags.json) {
    await print(toJson(source, tables, rows))
    return 0
  }
  const filled = tables.map((head, i) => [head, ...(rows[i] ?? [])]).filter((table) => table.length > 1)
  await print(`${[toVisible(source), ...filled.map(toTable)].join('\n\n')}\n`)
  return 0
}

const jsonKeys = ['devices', 'memories', 'models', 'goldens']

/** The tables, each a list of objects that have the heads of its columns as keys. */
function toJson(source: string, tables: string[][], rows: string[][][]): string {
  const lists = tables.map((heads, i) => [
    jsonKeys[i],
    (rows[i] ?? []).map((row) => Object.fromEntries(heads.map((head, column) => [toKey(head), row[column] ?? '']))),
  ])
  return `${JSON.stringify({ format: 'trapline-list-1', source, ...Object.fromEntries(lists) }, undefined, 2)}\n`
}

/** `BUS ADDRESS`: `busAddress` */
function toKey(head: string): string {
  return head.toLowerCase().replace(/ (\w)/g, (_blank, letter: string) => letter.toUpperCase())
}

function toDeviceRow({ name, config: device }: MappedDevice): string[] {
  if (device.stream)
    return [name, device.kind, device.path, '(packets)', device.model, toStreams(device.stream), '', '', '']
  if (device.hardware) return toHardwareRow(name, device, device.hardware)
  return [
    name,
    device.kind,
    device.path,
    device.kind === 'uio' ? `map ${uioMapOf(device)}: 0x0-${toAddress(device.size - 1n)}` : toRange(device),
    device.model,
    device.port ?? byName,
    toAddress(device.address),
    device.width === undefined ? '(of the bus)' : `${device.width} B`,
    device.onError,
  ]
}

/** Its bus is that of the machine. */
function toHardwareRow(
  name: string,
  { kind, path, base, size, width, model }: BusRange,
  place: HardwarePlace,
): string[] {
  const address = place.physical ?? place.uio?.address
  const physical = address === undefined ? '' : toAddress(address)
  const bytes = width ?? (path === portsPath ? 1 : 4)
  const where = place.uio ? toUioMap({ base, size, ...place.uio }) : toRange({ base, size })
  return [name, kind, path, where, model ? `(beside ${model})` : '(none)', '', physical, `${bytes} B`, '']
}

function toUioMap({ base, size, address }: Pick<BusRange, 'base' | 'size'> & RealUio): string {
  return address === undefined ? '(interrupts)' : `map ${uioMapOf({ base })}: 0x0-${toAddress(size - 1n)}`
}

function toStreams({ port, read, write }: StreamConfig): string {
  return [port, read && `read: ${read}`, write && `write: ${write}`].filter(Boolean).join(' ') || byName
}

function toMemoryRow(memory: MappedMemory): string[] {
  const { name, config, path, address } = memory
  return [name, config.kind, path, toRange(memory), toAddress(address), config.models?.join(' ') ?? 'all']
}

function toModelRow([name, model]: [string, AnyModelConfig]): string[] {
  const kind = model.kind === 'cocotb' ? `cocotb (${model.simulator ?? 'joined'})` : model.kind
  return [name, kind, model.top, model.ports ? Object.keys(model.ports).join(' ') : byName, model.sources.join(' ')]
}

function toRange({ base, size }: { base: bigint; size: bigint }): string {
  return `${toAddress(base)}-${toAddress(base + size - 1n)}`
}
