/**
 * Which device lies where: gives each range of registers of the configuration its handle and checks that none covers
 * another. Knows nothing of sessions or of running models.
 */
import type {
  Config,
  DeviceConfig,
  ErrorPolicy,
  HardwareConfig,
  RegistersConfig,
  StreamConfig,
} from '../config/schema.js'
import { ioPorts } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import { portsPath } from '../ground/ports-path.js'
import { isUioPath } from '../ground/uio-path.js'
import { checkText, mostItems } from '../wire/contract-limits.js'
import { readUioMaps } from './real-uio.js'

/** A range of a file that hosts open, and where it lies on the bus of a model. */
export interface BusRange {
  kind: 'mem' | 'char' | 'port' | 'uio' | 'stream' | 'hardware'
  path: string
  /**
   * Where the device begins in that file; of a UIO device the number of the map << 40, for its maps have no order in
   * it.
   */
  base: bigint
  size: bigint
  /** Of a real device the one beside it, if any; else empty. */
  model: string
  port?: string | undefined
  address: bigint
  width?: number | undefined
  onError: ErrorPolicy
  posted?: boolean
  bursts?: boolean | undefined
  /** What a stream device has instead of a range of addresses: its one byte only keeps its path for it. */
  stream?: StreamConfig
  /** What a real device has instead of a model; `path` is its file. */
  hardware?: HardwarePlace
  /** Memory of the model that stands for it, unless the front door is asked for. */
  backdoor?: string | undefined
  registers?: RegistersConfig | undefined
}

export interface HardwarePlace {
  /** Where it begins in its file. */
  offset: bigint
  /** Where it lies in /dev/mem, unless nobody looks for it there. */
  physical: bigint | undefined
  /** Of a UIO device, of which this is a map. */
  uio?: RealUio
}

export interface RealUio {
  /** Of the whole device in the configuration. */
  name: string
  /** Physical address of the map; undefined where it has none, and is there for its interrupts alone. */
  address: bigint | undefined
}

export const memoryPath = '/dev/mem'

export interface MappedDevice {
  /** The number of the device, which is the same for every session of one bridge; counts from 1. */
  handle: number
  name: string
  config: BusRange
}

/** Bytes of a model's name, for files of the run directory are called after it. */
const mostModelNameBytes = 128
const end64 = 1n << 64n
const uioMapShift = 40n
/** A number that no map has (MAX_UIO_MAPS of the kernel is 5). */
const noMap = 255n
const pageBytes = 4096n

/** Devices in the order of the configuration. Throws when the configuration contradicts itself. */
export function mapDevices(config: Config): MappedDevice[] {
  checkModelNames(config)
  checkGoldens(config)
  checkCounts(config)
  const ranges = Object.entries(config.devices).flatMap(([name, device]) => toRanges(name, device))
  const devices = ranges.map(([name, range], i) => ({ handle: i + 1, name, config: range }))
  devices.forEach((device, i) => {
    checkDevice(device, config)
    checkApartFrom(device, devices.slice(0, i))
  })
  return devices
}

/** What one host is told of, and what one model is told to reach. */
function checkCounts(config: Config): void {
  const counts = Object.values(config.devices).map(countOf)
  const count = counts.reduce((sum, one) => sum + one, 0)
  const [mostDevices, mostMemories] = [mostItems('AttachReply.devices'), mostItems('Hello.memories')]
  if (count > mostDevices)
    throw new TraplineError(
      'config',
      `the configuration has ${count} devices, memories and each map of a UIO device counted, and ` +
        `${mostDevices} is the ` +
        'limit; leave some out, or join those that lie side by side',
    )
  for (const model of Object.keys(config.models)) {
    const memories = memoriesOf(config, model)
    if (memories.length > mostMemories)
      throw new TraplineError(
        'config',
        `devices reach ${memories.length} memories of model ${model} from behind, and ${mostMemories} is the ` +
          `limit; leave ` +
          'the key "backdoor" out of some',
      )
  }
}

/** How many devices a host is told of. */
function countOf(device: DeviceConfig): number {
  if (device.kind === 'uio') return device.maps.length
  if (device.kind === 'hardware' && isUioPath(device.path)) return Math.max(1, readUioMaps(device.path).length)
  if (device.kind !== 'hardware' || device.base === undefined) return 1
  return [memoryPath, portsPath].includes(device.path) ? 1 : 2
}

/** Files of the run directory, and of logs and waveforms, are called after models. */
function checkModelNames({ models, goldens }: Config): void {
  for (const name of [...Object.keys(models), ...Object.keys(goldens)]) {
    const bytes = Buffer.byteLength(name)
    if (bytes > mostModelNameBytes)
      throw new TraplineError(
        'config',
        `model ${name}: its name has ${bytes} bytes, and ${mostModelNameBytes} is the limit; give it a shorter one`,
      )
    if (!/^[^/\0]+$/.test(name))
      throw new TraplineError(
        'config',
        `model ${JSON.stringify(name)}: files are called after it, so its name must not be empty nor have a ` +
          `slash in it; give ` +
          'it another one',
      )
  }
}

/** The names by which hosts and models are told of a device or a memory. */
export function checkNames(name: string, path: string): void {
  checkText(name, 'Device.name', `device ${name}: its name`, 'give it a shorter one')
  checkText(path, 'Device.path', `device ${name}: its path ${path}`, 'give it a shorter one')
}

export function checkNoPorts(name: string, path: string): void {
  if (path === portsPath)
    throw new TraplineError(
      'config',
      `device ${name}: ${portsPath} holds I/O ports; a device of kind 'port' is there, or 'hardware'`,
    )
}

/** The maps of a UIO device are devices of their own on the bus. */
function toRanges(name: string, device: DeviceConfig): [string, BusRange][] {
  if (device.kind === 'u-dma-buf' || device.kind === 'reserved') return []
  if (device.kind === 'stream') return [[name, toStreamRange(device)]]
  if (device.kind === 'hardware') return toHardwareRanges(name, device)
  if (device.kind === 'port') return [[name, { ...device, path: portsPath }]]
  if (device.kind !== 'uio') return [[name, device]]
  const { kind, index, model, maps } = device
  return maps.map((map, i) => [
    maps.length === 1 ? name : `${name}.map${i}`,
    { ...map, kind, model, path: `/dev/uio${index}`, base: BigInt(i) << uioMapShift },
  ])
}

function toStreamRange(stream: StreamConfig): BusRange {
  const { kind, path, model } = stream
  return { kind, path, model, base: 0n, size: 1n, address: 0n, onError: 'sigbus', stream }
}

function toHardwareRanges(name: string, hardware: HardwareConfig): [string, BusRange][] {
  if (isUioPath(hardware.path)) return toRealUioRanges(name, hardware)
  if (hardware.size === undefined)
    throw new TraplineError('config', `device ${name}: ${hardware.path} does not say its size; give it a size`)
  return [[name, toHardwareRange(name, { ...hardware, size: hardware.size })]]
}

/** Its maps are devices of their own, as the machine has them; one that has none is there for its interrupts. */
function toRealUioRanges(
  name: string,
  { kind, path, width, registers, ...rest }: HardwareConfig,
): [string, BusRange][] {
  if ([rest.size, rest.base, rest.offset].some((one) => one !== undefined))
    throw new TraplineError(
      'config',
      `device ${name}: ${path} is a UIO device, of which the machine knows where its maps lie; leave size, base and ` +
        'offset out',
    )
  if (rest.lockstep !== undefined)
    throw new TraplineError(
      'config',
      `device ${name}: ${path} is a UIO device, which no model runs in lockstep with; name its memory by another file`,
    )
  const common = { kind, path, model: '', address: 0n, onError: 'sigbus', width, registers } as const
  const maps = readUioMaps(path)
  const none = { ...common, base: noMap << uioMapShift, size: 1n }
  const uio = { name, address: undefined }
  if (maps.length === 0) return [[name, { ...none, hardware: { offset: 0n, physical: undefined, uio } }]]
  return maps.map(({ number, address, size }) => [
    maps.length === 1 ? name : `${name}.map${number}`,
    {
      ...{ ...common, base: BigInt(number) << uioMapShift, size },
      hardware: { offset: BigInt(number) * pageBytes, physical: undefined, uio: { name, address } },
    },
  ])
}

function toHardwareRange(name: string, hardware: HardwareConfig & { size: bigint }): BusRange {
  const { kind, path, size, base, width, registers, port, address } = hardware
  const isNumbered = path === memoryPath || path === portsPath
  const offset = hardware.offset ?? (isNumbered ? base : 0n)
  if (offset === undefined || (isNumbered && base !== undefined && base !== offset))
    throw new TraplineError('config', `device ${name}: a device of ${path} lies there at its base; give it a base`)
  const physical = path === memoryPath ? offset : path === portsPath ? undefined : base
  const place = { offset, physical }
  return {
    kind,
    path,
    base: offset,
    size,
    ...{ model: hardware.lockstep ?? '', port, address },
    onError: 'sigbus',
    width,
    registers,
    hardware: place,
  }
}

/** Memories of a model that some device reaches from behind; the same with the front door, for it is the same build. */
export function memoriesOf(config: Config, model: string): string[] {
  const ranges = Object.entries(config.devices).flatMap(([name, device]) => toRanges(name, device))
  const names = ranges.flatMap(([, range]) => (range.model === model && range.backdoor ? [range.backdoor] : []))
  return [...new Set(names)].sort()
}

/** `0x43c00000` */
export function toAddress(value: bigint): string {
  return '0x' + value.toString(16)
}

/** Number of the map of a UIO device that a range is. */
export function uioMapOf({ base }: Pick<BusRange, 'base'>): bigint {
  return base >> uioMapShift
}

/** `/dev/mem 0x43c00020`: the place in the file that the host opened. */
export function toHostPlace(device: MappedDevice, offset: bigint): string {
  const { kind, path, base, hardware } = device.config
  if (kind === 'stream') return path
  if (kind === 'uio' || hardware?.uio)
    return `${path} map ${uioMapOf(device.config)} ${toAddress(BigInt.asUintN(64, offset))}`
  return `${path} ${toAddress(BigInt.asUintN(64, base + offset))}`
}

function checkDevice({ name, config: device }: MappedDevice, config: Config): void {
  const refuse = (problem: string): never => {
    throw new TraplineError('config', `device ${name}: ${problem}`)
  }
  checkNames(name, device.path)
  const { backdoor = '' } = device
  const wayOut = 'name one that has a shorter name, or leave "backdoor" out'
  checkText(backdoor, 'SessionDevice.backdoor', `device ${name}: its backdoor ${backdoor}`, wayOut)
  if (device.base + device.size > end64)
    refuse(`base ${toAddress(device.base)} + size ${toAddress(device.size)} goes beyond the 64-bit address space`)
  if (device.address + device.size > end64)
    refuse(`address ${toAddress(device.address)} + size ${toAddress(device.size)} goes beyond the 64-bit address space`)
  if (device.kind !== 'port' && !device.hardware) checkNoPorts(name, device.path)
  if (device.path === portsPath && device.base + device.size > ioPorts)
    refuse(`base ${toAddress(device.base)} + size ${toAddress(device.size)} goes beyond the last I/O port, 0xffff`)
  if (device.hardware) return checkBeside(name, device, config)
  const { port, read, write } = device.stream ?? {}
  if (port !== undefined && (read ?? write) !== undefined) refuse('say either its port, or what read and write reach')
  if (device.stream && config.models[device.model]?.lockstep !== undefined)
    refuse(`model ${device.model} runs in lockstep with a golden model, which has no streams`)
  if (config.goldens[device.model])
    return device.stream && refuse(`a golden model has no streams, and ${device.model} is one`)
  const model = config.models[device.model]
  if (model?.kind === 'cocotb') checkUnderCocotb(refuse, device, config)
  if (!model)
    return refuse(`model ${device.model} does not exist; ${known('models', { ...config.models, ...config.goldens })}`)
  if (device.port !== undefined && model.ports && !model.ports[device.port])
    refuse(`model ${device.model} has no port ${device.port}; ${known('its ports', model.ports)}`)
}

/** A real device, and the model in lockstep with it. */
function checkBeside(name: string, { model, port, path }: BusRange, { models, goldens }: Config): void {
  const all = { ...models, ...goldens }
  const refuse = (problem: string): never => {
    throw new TraplineError('config', `device ${name}: ${problem}`)
  }
  if (model === '') return port === undefined ? undefined : refuse('it has a port, and no model in lockstep with it')
  if (path === portsPath) refuse('no model runs in lockstep with real I/O ports; leave lockstep out')
  if (!all[model]) refuse(`lockstep names ${model}, and ${known('models', all)}`)
  const { ports, lockstep } = models[model] ?? {}
  if (port !== undefined && ports && !ports[port])
    refuse(`model ${model} has no port ${port}; ${known('its ports', ports)}`)
  if (lockstep !== undefined)
    refuse(`model ${model} runs in lockstep with ${lockstep} already; compare one after the other`)
}

/** What there is for models of Verilator alone. */
function checkUnderCocotb(refuse: (problem: string) => never, device: BusRange, { frontdoor }: Config): void {
  const { model, stream, backdoor } = device
  if (stream)
    refuse(`model ${model} runs under cocotb, which has no devices of kind 'stream'; use one of kind 'verilator'`)
  if (backdoor !== undefined && !frontdoor)
    refuse(
      `model ${model} runs under cocotb, where no backdoor leads to its memories; go through its bus by --frontdoor`,
    )
}

/** Golden models have names of their own, and lockstep names one of them or another model of RTL. */
function checkGoldens({ models, goldens }: Config): void {
  for (const name of Object.keys(goldens))
    if (models[name]) throw new TraplineError('config', `${name} is a model and a golden model; rename one of them`)
  for (const [name, { lockstep }] of Object.entries(models)) {
    const { [name]: itself, ...others } = { ...goldens, ...models }
    if (itself && lockstep !== undefined && !others[lockstep])
      throw new TraplineError(
        'config',
        `models.${name}.lockstep: no other model is called ${lockstep}; ${known('others', others)}`,
      )
  }
}

function known(what: string, record: Record<string, unknown>): string {
  const names = Object.keys(record)
  return names.length ? `${what} are ${names.join(', ')}` : `there are none`
}

/** Where a device lies in a file that hosts open. */
interface FilePlace {
  path: string
  base: bigint
}

/** A real device that has a physical address is in /dev/mem, too. */
export function placesOf({ path, base, hardware }: BusRange): FilePlace[] {
  const { physical } = hardware ?? {}
  const isThereToo = physical !== undefined && path !== memoryPath
  return [{ path, base }, ...(isThereToo ? [{ path: memoryPath, base: physical }] : [])]
}

/** Throws a sentence that names both. */
export function checkApartFrom(device: MappedDevice, others: MappedDevice[]): void {
  for (const other of others)
    for (const a of placesOf(other.config))
      for (const b of placesOf(device.config)) checkPlaces([other, a], [device, b])
}

function checkPlaces([one, a]: [MappedDevice, FilePlace], [other, b]: [MappedDevice, FilePlace]): void {
  const [aSize, bSize] = [one.config.size, other.config.size]
  if (a.path !== b.path || a.base + aSize <= b.base || b.base + bSize <= a.base) return
  const range = (base: bigint, size: bigint) => `${toAddress(base)}+${toAddress(size)}`
  throw new TraplineError(
    'config',
    `devices ${one.name} (${range(a.base, aSize)}) and ${other.name} (${range(b.base, bSize)}) overlap in ${a.path}; ` +
      'move or shrink one of them',
  )
}
