/** Which streams of a model stand behind a device, and what hosts and the model are told of them. Pure. */
import type { MappedDevice } from '../map/address-map.js'
import { TraplineError } from '../ground/errors.js'
import { mostBytes } from '../wire/contract-limits.js'
import type { BuiltModel, BuiltStream } from '../verilate/build-model.js'

/** Indices among the streams of the model; at least one of them is there. */
export interface DeviceStreams {
  read: number | undefined
  write: number | undefined
}

/** As configured, else the only one in each direction. Throws a sentence where that is not clear. */
export function toDeviceStreams({ name, config }: MappedDevice, streams: BuiltStream[]): DeviceStreams {
  const { port, read, write } = config.stream ?? {}
  const fail = (problem: string): never => {
    const known = streams.map((stream) => `${stream.name} (${stream.isWritten ? 'written' : 'read'} by hosts)`)
    const choice =
      known.length > 0 ? `its streams are ${known.join(', ')}` : 'it has no AXI4-Stream port that was found'
    throw new TraplineError('config', `device ${name}: ${problem} of model ${config.model}; ${choice}`)
  }
  const find = (wanted: string, way?: 'read' | 'written'): number => {
    const plain = wanted.replace(/_+$/, '').toLowerCase()
    const index = streams.findIndex((stream) => stream.name.toLowerCase() === plain)
    if (index < 0) return fail(`there is no stream ${wanted}`)
    if (way === 'written' && !streams[index]?.isWritten)
      return fail(`${wanted} can't be written, for the RTL transmits on it: it is a stream to read`)
    if (way === 'read' && streams[index]?.isWritten)
      return fail(`${wanted} can't be read, for the RTL receives on it: it is a stream to write`)
    return index
  }
  if (port !== undefined) {
    const index = find(port)
    return streams[index]?.isWritten ? { read: undefined, write: index } : { read: index, write: undefined }
  }
  if (read !== undefined || write !== undefined)
    return {
      read: read === undefined ? undefined : find(read, 'read'),
      write: write === undefined ? undefined : find(write, 'written'),
    }
  const only = (way: 'read' | 'written'): number | undefined => {
    const isWritten = way === 'written'
    const [first, second] = streams.flatMap((stream, index) => (stream.isWritten === isWritten ? [index] : []))
    if (second !== undefined) return fail(`say with read and write which streams are meant`)
    return first
  }
  const found = { read: only('read'), write: only('written') }
  return found.read === undefined && found.write === undefined ? fail('there is no stream') : found
}

/** Of the longest piece of a packet that is not its last. */
const longestPiece = mostBytes('Access.data')

/** What hosts are told. */
export function toStreamShape({ read, write }: DeviceStreams, streams: BuiltStream[]): StreamShape {
  const written = write === undefined ? undefined : streams[write]
  const beatBytes = (written?.dataWidth ?? 8) / 8
  return {
    widthBytes: 1,
    burstBytes: longestPiece - (longestPiece % beatBytes),
    isReadable: read !== undefined,
    isWritable: written !== undefined,
    unitBytes: written && !written.hasKeep ? beatBytes : 1,
  }
}

export interface StreamShape {
  widthBytes: number
  burstBytes: number
  isReadable: boolean
  isWritable: boolean
  unitBytes: number
}

/** Bytes that each stream keeps for its readers, 0 where no device of the model is there for it. */
export function toBuffers(built: BuiltModel, devices: MappedDevice[]): { name: string; buffer: number }[] {
  const behind = devices.map((device) => ({ device, streams: toDeviceStreams(device, built.streams) }))
  for (const direction of ['read', 'write'] as const)
    behind.forEach(({ device, streams }, i) => {
      const other = behind
        .slice(0, i)
        .find((one) => streams[direction] !== undefined && one.streams[direction] === streams[direction])
      if (other)
        throw new TraplineError(
          'config',
          `devices ${other.device.name} and ${device.name} both ${direction} stream ` +
            `${built.streams[streams[direction] ?? 0]?.name ?? ''} of model ${device.config.model}; give it to ` +
            `one of them`,
        )
    })
  return built.streams.map(({ name }, index) => {
    const owner = behind.find(({ streams }) => streams.read === index || streams.write === index)
    return { name, buffer: owner?.device.config.stream?.buffer ?? 0 }
  })
}

/** Streams that no device is there for, and what becomes of them; one phrase each, said at start. */
export function unusedStreams(built: BuiltModel, devices: MappedDevice[]): string[] {
  const used = new Set(devices.flatMap((device) => Object.values(toDeviceStreams(device, built.streams))))
  return built.streams.flatMap(({ name, isWritten }, index) => {
    if (used.has(index)) return []
    const what = isWritten ? 'is held idle (TVALID low)' : 'is taken and dropped (TREADY high)'
    return [`stream ${name} ${what}, for no device of kind 'stream' is there for it`]
  })
}
