/**
 * The access log in the text format of the kernel's mmiotrace (Documentation/trace/mmiotrace.rst), for its many
 * readers. Times are simulated, of real devices since the recording began; each device is one mapping. Its values hold
 * 8 bytes, so a wider access becomes several records of one time stamp. An access without a value (a refused read) is
 * a MARK. Bursts of the RTL are no accesses of a program, pieces of packets have no address, and I/O ports have
 * addresses of their own.
 */
import { toAddress, type BusRange, type MappedDevice } from '../map/address-map.js'
import { toVisible } from '../ground/visible.js'
import { readParts, type RawAccess, type RawLine } from './raw-log.js'

const version = 'VERSION 20070824\n'
const widestRecord = 8

export async function* toMmiotrace(lines: AsyncIterable<RawLine>, devices: MappedDevice[]): AsyncGenerator<string> {
  yield version
  const inMemory = devices.filter(({ config }) => config.kind !== 'port')
  for (const { handle, config } of inMemory)
    yield `MAP 0.000000 ${handle} ${toAddress(baseOf(config))} 0x0 ${toAddress(config.size)} 0x0 0\n`
  const byName = new Map(inMemory.map((device) => [device.name, device]))
  for await (const line of lines)
    if (line.kind === 'access' && !line.fields.includes('"op":"stream-')) yield toRecords(line, byName)
}

function toRecords({ fields, pc }: RawAccess, devices: Map<string, MappedDevice>): string {
  const { timePs, operation, device: name, offset, widthBytes, value, byteEnables, status, pid } = readParts(fields)
  const device = devices.get(name)
  if (!device) return ''
  const time = toStamp(timePs)
  if (value === undefined)
    return `MARK ${time} ${status} on ${operation} of ${widthBytes} bytes at ${toVisible(name)}+${toAddress(offset)}\n`
  const physical = BigInt.asUintN(64, baseOf(device.config) + offset)
  const letter = operation === 'write' ? 'W' : 'R'
  return split(value, widthBytes, byteEnables ?? allBytes)
    .map(
      ({ at, bytes, value }) =>
        `${letter} ${bytes} ${time} ${device.handle} ${toAddress(physical + BigInt(at))} ` +
        `${toAddress(value)} ${pc} ${pid}\n`,
    )
    .join('')
}

/** Of a real device the physical address, where it is known. */
function baseOf({ base, hardware }: BusRange): bigint {
  return hardware?.physical ?? base
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
