/** Which buses the RTL's ports form: signals gathered by prefix, and what each group is. Pure. */
import type { PortProtocol } from '../config/schema.js'
import { type AxiLiteSignal, axiLiteSignals, type BusSignal, toBusName } from './port-names.js'
import type { RtlPort } from './rtl-netlist.js'

/** A bus of the model that Trapline can drive. */
export interface BusPort {
  /** Signal prefix without the underscore that follows it; `axi` if the signals have none. */
  name: string
  protocol: PortProtocol
  addressWidth: number
  dataWidth: number
  signals: Partial<Record<AxiLiteSignal, RtlPort>>
}

/** Signals that share a prefix. */
export interface BusGroup {
  name: string
  signals: Map<BusSignal, RtlPort>
}

/** The groups that have an address signal: without one it is a stream, or nothing. */
export function toBusGroups(ports: RtlPort[]): BusGroup[] {
  const groups = new Map<string, BusGroup>()
  for (const port of ports) {
    const found = toBusName(port.name, port.direction)
    if (!found) continue
    const key = found.prefix.toLowerCase()
    const group = groups.get(key) ?? { name: found.prefix || 'axi', signals: new Map<BusSignal, RtlPort>() }
    group.signals.set(found.signal, port)
    groups.set(key, group)
  }
  return [...groups.values()].filter(({ signals }) => signals.has('awaddr') || signals.has('araddr'))
}

/** True if the RTL itself starts transfers on this bus. */
export function isManager({ signals }: BusGroup): boolean {
  return (signals.get('awvalid') ?? signals.get('arvalid'))?.direction === 'output'
}

/** Why Trapline can't drive this group, in words that follow its name; undefined if it can. */
export function whyNotDriven(group: BusGroup): string | undefined {
  const { signals } = group
  if (isManager(group)) return 'is driven by the RTL itself (its VALID is an output), so there is nothing to drive'
  if (signals.has('awlen') || signals.has('arlen')) return 'is AXI4 (it has bursts); only AXI4-Lite is supported yet'
  const missing = signalTable
    .filter(([signal, { required }]) => required && !signals.has(signal))
    .map(([signal]) => signal)
  if (missing.length > 0) return `lacks ${missing.join(', ')} of AXI4-Lite`
  return whyDirectionOrShape(group) ?? whyWidth(group)
}

const signalTable = Object.entries(axiLiteSignals) as [AxiLiteSignal, (typeof axiLiteSignals)[AxiLiteSignal]][]

function whyDirectionOrShape({ signals }: BusGroup): string | undefined {
  for (const [signal, { driven }] of signalTable) {
    const port = signals.get(signal)
    if (!port) continue
    const expected = driven ? 'input' : 'output'
    if (port.direction !== expected) return `has ${port.name} as ${port.direction}; AXI4-Lite wants an ${expected}`
    if (port.shape !== 'vector') return `has ${port.name} as ${port.shape}; plain vectors are needed`
  }
  return undefined
}

function whyWidth(group: BusGroup): string | undefined {
  const port = toBusPort(group)
  if (port.dataWidth !== 32 && port.dataWidth !== 64)
    return `has ${port.dataWidth}-bit data; 32 and 64 bits are supported`
  if (port.addressWidth > 64) return `has ${port.addressWidth}-bit addresses; up to 64 bits are supported`
  for (const [signal, { name, width }] of Object.entries(port.signals) as [AxiLiteSignal, RtlPort][]) {
    const expected = signalWidth(port, signal)
    if (width !== expected && !signal.endsWith('addr'))
      return `has ${name} with ${width} bits; AXI4-Lite wants ${expected}`
  }
  return undefined
}

/** Bits of a signal of this bus. An address of the RTL may be narrower, if the other one is wider. */
export function signalWidth(port: BusPort, signal: AxiLiteSignal): number {
  if (signal.endsWith('addr')) return port.addressWidth
  if (signal.endsWith('data')) return port.dataWidth
  if (signal === 'wstrb') return port.dataWidth / 8
  if (signal.endsWith('prot')) return 3
  return signal.endsWith('resp') ? 2 : 1
}

/** A group that `whyNotDriven` has nothing against. */
export function toBusPort(group: BusGroup): BusPort {
  const signals: BusPort['signals'] = {}
  for (const [signal] of signalTable) {
    const port = group.signals.get(signal)
    if (port) signals[signal] = port
  }
  return {
    name: group.name,
    protocol: 'axi4-lite',
    addressWidth: Math.max(signals.awaddr?.width ?? 0, signals.araddr?.width ?? 0),
    dataWidth: signals.wdata?.width ?? 0,
    signals,
  }
}
