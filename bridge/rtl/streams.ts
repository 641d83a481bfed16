/**
 * AXI4-Stream ports of the RTL (AMBA AXI-Stream, IHI 0051): signals gathered by prefix, and who transmits. Pure.
 *
 * A stream has no addresses, so it is none of the buses of `buses/`: a host reads or writes it packet by packet.
 */
import { bare } from './port-names.js'
import type { PortDirection, RtlPort } from './rtl-netlist.js'

export const streamSignals = ['tvalid', 'tready', 'tdata', 'tkeep', 'tstrb', 'tlast', 'tid', 'tdest', 'tuser'] as const
export type StreamSignal = (typeof streamSignals)[number]

/** A stream of the RTL that a host can write, or read. */
export interface StreamPort {
  /** Signal prefix without the underscore that follows it; `axis` if the signals have none. */
  name: string
  /** True if the RTL receives (TVALID is its input): the host writes it. */
  isWritten: boolean
  /** Bits of TDATA. */
  dataWidth: number
  signals: Partial<Record<StreamSignal, RtlPort>>
  /** Which of the model's clock domains it is in; the first when absent. */
  domain?: number
}

/** Streams, and why those that are left are none; one phrase each. */
export interface FoundStreams {
  streams: StreamPort[]
  left: string[]
}

/** Widths of the sidebands that no rule gives; 1 where the RTL has none. */
export function widthOf(
  { dataWidth, signals }: Pick<StreamPort, 'dataWidth' | 'signals'>,
  signal: StreamSignal,
): number {
  if (signal === 'tdata') return dataWidth
  if (signal === 'tkeep' || signal === 'tstrb') return dataWidth / 8
  return signal === 'tid' || signal === 'tdest' || signal === 'tuser' ? (signals[signal]?.width ?? 1) : 1
}

/** Whether a beat can say which of its bytes count. */
export function hasKeep({ signals }: StreamPort): boolean {
  return signals.tkeep !== undefined || signals.tstrb !== undefined
}

/** For people: `AXI4-Stream, 32-bit data, no TLAST, written by the host`. */
export function toStreamNote(stream: StreamPort): string {
  const lacks = (['tready', 'tkeep', 'tlast'] as const).filter((signal) =>
    signal === 'tkeep' ? !hasKeep(stream) : !stream.signals[signal],
  )
  const without = lacks.length > 0 ? `, no ${lacks.map((signal) => signal.toUpperCase()).join(', no ')}` : ''
  return `AXI4-Stream, ${stream.dataWidth}-bit data${without}, ${stream.isWritten ? 'written' : 'read'} by hosts`
}

/**
 * All streams of the RTL. Those with an input that `held` names are left alone: the configuration holds it constant.
 */
export function findStreams(ports: RtlPort[], held: Iterable<string> = []): FoundStreams {
  const constant = new Set(held)
  const found: FoundStreams = { streams: [], left: [] }
  for (const { name, signals } of toGroups(ports)) {
    if (!signals.tvalid) continue
    const stream = {
      name,
      signals,
      isWritten: signals.tvalid.direction === 'input',
      dataWidth: signals.tdata?.width ?? 0,
    }
    const reason = Object.values(signals).some((port) => constant.has(port.name))
      ? 'has an input that "inputs" holds at a value'
      : whyNotServed(stream)
    if (reason) found.left.push(`stream ${name} is left alone: it ${reason}`)
    else found.streams.push(stream)
  }
  return found
}

interface Group {
  name: string
  signals: Partial<Record<StreamSignal, RtlPort>>
}

function toGroups(ports: RtlPort[]): Group[] {
  const groups = new Map<string, Group>()
  for (const port of ports) {
    const name = toStreamName(port.name, port.direction)
    if (!name) continue
    const key = name.prefix.toLowerCase()
    const group = groups.get(key) ?? { name: name.prefix || 'axis', signals: {} }
    group.signals[name.signal] ??= port
    groups.set(key, group)
  }
  return [...groups.values()]
}

/**
 * A T before `valid` must stand for itself, lest `input_valid` and `outdata` are signals of streams: behind an
 * underscore, at the beginning, behind the word axis, or as the hump of a camel's back (`mAxisTvalid`).
 */
const pattern = /^(|.*?_+|.*axis?|.*axi4?s)t_?(valid|ready|data|keep|strb|last|id|dest|user)$/

function toStreamName(name: string, direction: PortDirection): { prefix: string; signal: StreamSignal } | undefined {
  const text = bare(name, direction)
  const start = text === name.toLowerCase().slice(0, text.length) ? 0 : 2
  const asWritten = name.slice(start, start + text.length)
  const humped = asWritten.replace(/([a-z0-9])T(?=_?[a-zA-Z]+$)/, '$1_T').toLowerCase()
  const match = pattern.exec(text) ?? pattern.exec(humped)
  if (!match) return undefined
  const prefix = asWritten.slice(0, (match[1] ?? '').replace(/_+$/, '').length)
  return { prefix, signal: `t${match[2] ?? ''}` as StreamSignal }
}

const mostDataBits = 1024

function whyNotServed(stream: StreamPort): string | undefined {
  const { signals, isWritten, dataWidth } = stream
  if (!signals.tdata) return 'has no TDATA, so that no byte can be read or written'
  for (const signal of streamSignals) {
    const port = signals[signal]
    if (!port) continue
    const expected = isWritten === (signal !== 'tready') ? 'input' : 'output'
    if (port.direction !== expected) return `has ${port.name} as ${port.direction}; its TVALID wants an ${expected}`
    if (port.shape !== 'vector' || port.dimensions.length > 0)
      return `has ${port.name} as ${port.shape === 'vector' ? 'an array' : port.shape}; plain vectors are needed`
  }
  if (dataWidth % 8 !== 0 || dataWidth > mostDataBits)
    return `has ${dataWidth}-bit data; multiples of 8 up to ${mostDataBits} are supported`
  const odd = streamSignals.find((signal) => signals[signal] && signals[signal].width !== widthOf(stream, signal))
  return (
    odd &&
    `has ${signals[odd]?.name ?? ''} with ${signals[odd]?.width ?? 0} bits; AXI4-Stream wants ${widthOf(stream, odd)}`
  )
}
