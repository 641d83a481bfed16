/**
 * The access log in the text format of the kernel's mmiotrace (Documentation/trace/mmiotrace.rst, and
 * kernel/trace/trace_mmiotrace.c), for its many readers. Times are simulated, of real devices since the recording
 * began; each device is one mapping, and each mmap of a real one another. Its values hold 8 bytes, so a wider access
 * becomes several records of one time stamp. An access without a value (a refused read) is a MARK. Bursts of the RTL
 * are no accesses of a program, pieces of packets have no address, and I/O ports have addresses of their own.
 */
import { portsPath } from '../ground/ports-path.js'
import { toAddress, type BusRange, type MappedDevice } from '../map/address-map.js'
import type { PciResource } from '../map/pci-resource.js'
import { toVisible } from '../ground/visible.js'
import { MmiotraceMaps } from './mmiotrace-maps.js'
import type { RawEvent } from './raw-hardware.js'
import { readParts, type RawAccess, type RawLine } from './raw-log.js'

const version = 'VERSION 20070824\n'
const widestRecord = 8

export interface MmiotraceSettings {
  devices: MappedDevice[]
  /** Real devices of PCI among them, by their handles. */
  pciDevices?: ReadonlyMap<number, PciResource>
}

export async function* toMmiotrace(
  lines: AsyncIterable<RawLine>,
  { devices, pciDevices = new Map<number, PciResource>() }: MmiotraceSettings,
): AsyncGenerator<string> {
  const inMemory = devices.filter(({ config }) => config.path !== portsPath && !isForInterrupts(config))
  const places = new PhysicalPlaces(inMemory, pciDevices)
  yield version
  yield* new Set([...pciDevices.values()].map(({ record }) => `${record}\n`))
  for (const { handle, name, config } of inMemory)
    yield `MAP 0.000000 ${handle} ${places.physical(name, 0n)} 0x0 ${toAddress(config.size)} 0x0 0\n`
  for await (const line of lines) {
    if (line.kind === 'event') yield* toEventRecords(line, places)
    if (line.kind === 'interrupt') yield toInterruptRecord(line)
    if (line.kind === 'access' && !line.fields.includes('"op":"stream-')) yield toRecords(line, places)
  }
}

/** Nothing of it is mapped. */
function isForInterrupts({ hardware }: BusRange): boolean {
  return hardware?.uio !== undefined && hardware.uio.address === undefined
}

/** Where devices lie, and by which mapping an access came there. */
class PhysicalPlaces {
  readonly maps: MmiotraceMaps
  readonly #bases: Map<string, bigint>
  readonly #handles: Map<string, number>

  constructor(devices: MappedDevice[], pciDevices: ReadonlyMap<number, PciResource>) {
    const basesOf = ({ name, handle, config: { base, hardware } }: MappedDevice): [string, bigint] => {
      const pci = pciDevices.get(handle)
      const start = pci && pci.start + (hardware?.offset ?? 0n)
      return [name, hardware?.physical ?? hardware?.uio?.address ?? start ?? base]
    }
    this.#bases = new Map(devices.map(basesOf))
    this.#handles = new Map(devices.map(({ name, handle }) => [name, handle]))
    this.maps = new MmiotraceMaps(Math.max(0, ...this.#handles.values()) + 1)
  }

  has(device: string): boolean {
    return this.#bases.has(device)
  }

  /** Of a real device the physical address, where it is known. */
  physical(device: string, offset: bigint): string {
    return toAddress(BigInt.asUintN(64, (this.#bases.get(device) ?? 0n) + offset))
  }

  mapOf({ session, address }: RawAccess, device: string): number {
    return this.maps.find(session, device, address) ?? this.#handles.get(device) ?? 0
  }
}

/** mmiotrace has no interrupts. */
function toInterruptRecord({ fields }: RawAccess): string {
  const { timePs, operation, device, value } = readParts(fields)
  const what = operation === 'interrupt' ? 'interrupt' : 'interrupt control'
  return `MARK ${toStamp(timePs)} ${what} ${value ?? 0n} of ${toVisible(device)}\n`
}

function toEventRecords(event: RawEvent, places: PhysicalPlaces): string[] {
  const time = toStamp(event.timePs)
  if (event.event === 'mark') return [`MARK ${time} ${toVisible(event.text)}\n`]
  const { device, offset, address, length, pid } = event
  if (event.event === 'unmap') return places.maps.remove(event).map((id) => `UNMAP ${time} ${id} 0x0 ${pid}\n`)
  const where = `${places.physical(device, offset)} ${toAddress(address)} ${toAddress(length)}`
  return [`MAP ${time} ${places.maps.add(event)} ${where} 0x0 ${pid}\n`]
}

function toRecords(access: RawAccess, places: PhysicalPlaces): string {
  const { timePs, operation, device, offset, widthBytes, value, byteEnables, ...rest } = readParts(access.fields)
  if (!places.has(device)) return ''
  const time = toStamp(timePs)
  if (value === undefined) {
    const place = `${toVisible(device)}+${toAddress(offset)}`
    return `MARK ${time} ${rest.status} on ${operation} of ${widthBytes} bytes at ${place}\n`
  }
  const letter = operation === 'write' ? 'W' : 'R'
  const map = places.mapOf(access, device)
  return split(value, widthBytes, byteEnables ?? allBytes)
    .map(
      ({ at, bytes, value }) =>
        `${letter} ${bytes} ${time} ${map} ${places.physical(device, offset + BigInt(at))} ` +
        `${toAddress(value)} ${access.pc} ${rest.pid}\n`,
    )
    .join('')
}

/** `seconds.microseconds` */
function toStamp(ps: bigint): string {
  const us = ps / 1_000_000n
  return `${us / 1_000_000n}.${String(us % 1_000_000n).padStart(6, '0')}`
}

const allBytes = -1n

/** Records of 8, 4, 2 or 1 bytes, lowest address first; none of bytes that are not enabled. */
function split(value: bigint, width: number, enables: bigint): { at: number; bytes: number; value: bigint }[] {
  const records = []
  for (let at = 0; at < width;) {
    const bytes = enabledFrom(at, width, enables)
    if (bytes > 0) records.push({ at, bytes, value: BigInt.asUintN(8 * bytes, value >> BigInt(8 * at)) })
    at += Math.max(bytes, 1)
  }
  return records
}

/** As many bytes as one record takes from there on; 0 if not even the first is enabled. */
function enabledFrom(at: number, width: number, enables: bigint): number {
  let bytes = 2 ** Math.floor(Math.log2(Math.min(width - at, widestRecord)))
  const isEnabled = () => BigInt.asUintN(bytes, enables >> BigInt(at)) === (1n << BigInt(bytes)) - 1n
  while (bytes >= 1 && !isEnabled()) bytes = Math.floor(bytes / 2)
  return bytes
}
