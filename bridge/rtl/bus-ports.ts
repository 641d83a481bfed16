/** Which buses the RTL's ports form: signals gathered by prefix, and what each group is. Pure. */
import type { PortConfig, PortProtocol } from '../config/schema.js'
import { byteAddressWidth, type CountedBus, whyNotCounted } from './address-count.js'
import type { BusFamily, BusWidths, Half, SignalRule } from './bus-rules.js'
import { protocols } from './protocols.js'
import type { RtlPort } from './rtl-netlist.js'

/** A bus of the model that Trapline drives, or serves if the RTL drives it. */
export interface BusPort extends CountedBus {
  /** Signal prefix without the underscore that follows it; the family's name if the signals have none. */
  name: string
  /** As in the RTL; may be empty. */
  prefix: string
  /** Likewise. */
  suffix: string
  /** As of its `BusGroup`. */
  isUsual: boolean
  protocol: PortProtocol
  /** True if the RTL itself starts transfers on this bus. */
  isManager: boolean
  /** Bits of a byte address, with those that the RTL leaves out. */
  addressWidth: number
  dataWidth: number
  /** 0 if it has no IDs. */
  idWidth: number
  /** What only the user knows of it; empty if nothing was said. */
  answers: BusAnswers
  signals: Partial<Record<string, RtlPort>>
  /** Which of the model's clock domains it is in; the first when absent. */
  domain?: number
}

export type BusAnswers = Partial<Omit<PortConfig, 'protocol' | 'signals'>>

/** Signals that share a prefix, and a suffix where they have one. */
export interface BusGroup {
  family: BusFamily
  name: string
  /** As in the RTL; may be empty. */
  prefix: string
  /** Likewise what stands after the signals' own names. */
  suffix: string
  /** False where names had to be read more freely than usual; such a bus is not taken where there is a usual one. */
  isUsual: boolean
  signals: Map<string, RtlPort>
  /** Ports whose names say that they are a signal which another port is, too. */
  doubles: [signal: string, port: RtlPort][]
}

/** Which direction a signal has in the RTL. */
export function directionOf(group: BusGroup, { driver }: SignalRule): 'input' | 'output' {
  return (driver === 'manager') === isManager(group) ? 'output' : 'input'
}

/** True if the RTL itself starts transfers on this bus. */
export function isManager({ family, signals }: BusGroup): boolean {
  const request = family.requests.map((signal) => signals.get(signal)).find(Boolean)
  return request?.direction === 'output'
}

/** What a group is by its signals. */
export function protocolOf({ family, signals }: BusGroup): PortProtocol {
  return family.protocolOf(signals)
}

/** False for the half of AXI's channels that the RTL lacks. */
export function hasHalf({ signals }: Pick<BusPort, 'signals'>, half: Exclude<Half, 'both'>): boolean {
  const [own, other] = half === 'reads' ? ['arvalid', 'awvalid'] : ['awvalid', 'arvalid']
  return signals[own as string] !== undefined || signals[other as string] === undefined
}

/** AXI3 is AXI4 with bursts of 16 beats at most, told by its LEN. */
export function isAxi3({ protocol, signals }: Pick<BusPort, 'protocol' | 'signals'>): boolean {
  return protocol === 'axi4' && [signals.awlen, signals.arlen].some((len) => len !== undefined && len.width === 4)
}

/** The signal that a bus would need to write less than a word, and lacks; undefined if it has some for it. */
export function missingStrobe({ protocol, signals, dataWidth }: BusPort): string | undefined {
  const { sizedBy, signals: rules } = protocols[protocol]
  if (sizedBy !== undefined && signals[sizedBy]) return undefined
  const strobes = Object.entries(rules).filter(([, { role }]) => role === 'strobe')
  const bits = dataWidth / 8
  return bits === 1 || strobes.some(([name]) => (signals[name]?.width ?? 0) >= bits) ? undefined : strobes[0]?.[0]
}

/** For people: `AXI3, reads only`. */
export function titleOf(port: BusPort): string {
  const { title: usual, titleOf: find } = protocols[port.protocol]
  const title = isAxi3(port) ? 'AXI3' : (find?.(port.signals) ?? usual)
  if (!hasHalf(port, 'writes')) return `${title}, reads only`
  return hasHalf(port, 'reads') ? title : `${title}, writes only`
}

/** What the bus of these signals needs and has not; a half of AXI's channels may be missing as a whole. */
export function missingSignals(group: BusGroup): string[] {
  const { family, signals } = group
  const halves = new Set([...signals.keys()].map((signal) => family.halfOf(signal)))
  return Object.entries(protocols[protocolOf(group)].signals)
    .filter(([signal, { required }]) => required && halves.has(family.halfOf(signal)) && !signals.has(signal))
    .map(([signal]) => signal)
}

/** Why Trapline can't connect this group, in words that follow its name; undefined if it can. */
export function whyNotConnected(group: BusGroup): string | undefined {
  const protocol = protocols[protocolOf(group)]
  if (isManager(group) && !protocol.servesManagers)
    return `is ${protocol.title} and driven by the RTL itself; of such buses AXI4 and AXI4-Lite are supported`
  const missing = missingSignals(group)
  if (missing.length > 0) return `lacks ${missing.join(', ')} of ${protocol.title}`
  return whyLacking(group) ?? whyDirectionOrShape(group) ?? whyWidth(group)
}

/** The same for a bus that Trapline is to drive. */
export function whyNotDriven(group: BusGroup): string | undefined {
  if (isManager(group)) return 'is driven by the RTL itself (its VALID is an output), so there is nothing to drive'
  return whyNotConnected(group)
}

/** Beside signals that are always required. */
function whyLacking({ family, signals }: BusGroup): string | undefined {
  return family.whyNot?.(signals)
}

export function whyDirectionOrShape(group: BusGroup): string | undefined {
  const { title, signals } = protocols[protocolOf(group)]
  for (const [signal, rule] of Object.entries(signals)) {
    const port = group.signals.get(signal)
    if (!port) continue
    const expected = directionOf(group, rule)
    if (port.direction !== expected) return `has ${port.name} as ${port.direction}; ${title} wants an ${expected}`
    if (port.shape !== 'vector') return `has ${port.name} as ${port.shape}; plain vectors are needed`
  }
  return undefined
}

function whyWidth(group: BusGroup): string | undefined {
  const port = toBusPort(group)
  const { title, signals, dataWidths } = protocols[port.protocol]
  if (!dataWidths.includes(port.dataWidth)) {
    const widths = `${dataWidths.slice(0, -1).join(', ')} and ${dataWidths.at(-1) ?? ''}`
    return `has ${port.dataWidth}-bit data; ${widths} bits are supported`
  }
  if (port.addressWidth > 64) return `has ${port.addressWidth}-bit addresses; up to 64 bits are supported`
  const uncounted = whyNotCounted(port)
  if (uncounted) return uncounted
  for (const [signal, rule] of Object.entries(signals)) {
    const rtl = port.signals[signal]
    const expected = signalWidth(port, rule)
    const isFree = ['address', 'id', 'select'].includes(rule.role) || isWideEnough(port, rule, rtl)
    if (rtl && rtl.width !== expected && rtl.width !== rule.narrower && !isFree && !hasLanesToSpare(port, rule, rtl))
      return (
        `has ${rtl.name} with ${rtl.width} bits; ${title} wants ` +
        `${toWidths(port, rule)}${expected === 1 ? bitHint(signal, rtl) : ''}`
      )
  }
  return undefined
}

/** Whether a signal of a width that is not fixed has as many bits as it needs. */
function isWideEnough(port: BusPort, rule: SignalRule, rtl: RtlPort | undefined): boolean {
  if (!rtl || !rule.narrowest) return false
  return rtl.width >= rule.narrowest(widthsOf(port)) && rtl.width <= signalWidth(port, rule)
}

/**
 * Cores that know several data widths leave their strobes as wide as the widest needs: lanes that aren't there stay 0.
 */
export function hasLanesToSpare(port: BusPort, rule: SignalRule, rtl: RtlPort): boolean {
  return rule.role === 'strobe' && !port.isManager && rtl.width > signalWidth(port, rule)
}

/** `3`, or `2 to 4` where any of them will do. */
function toWidths(port: BusPort, rule: SignalRule): string {
  const [least, most] = [rule.narrowest?.(widthsOf(port)), signalWidth(port, rule)]
  return least === undefined || least === most ? String(most) : `${least} to ${most}`
}

/** A decoder's selects have a bit for each of its buses. */
function bitHint(signal: string, { name }: RtlPort): string {
  return `: say which with --signal ${signal}='${name}[0]' or the key signals: { ${signal}: '${name}[0]' }`
}

/** Bits of a signal of this bus. An address or ID of the RTL may be narrower, if another one is wider. */
export function signalWidth(port: BusPort, rule: SignalRule): number {
  return rule.width(widthsOf(port))
}

export function widthsOf({ addressWidth, dataWidth, idWidth }: BusPort): BusWidths {
  return { address: addressWidth, data: dataWidth, id: idWidth }
}

/** A group that `whyNotConnected` has nothing against. */
export function toBusPort(group: BusGroup, answers: BusAnswers = {}): BusPort {
  const protocol = protocolOf(group)
  const signals: BusPort['signals'] = {}
  for (const signal of Object.keys(protocols[protocol].signals)) {
    const port = group.signals.get(signal)
    if (port) signals[signal] = port
  }
  // Those of reads and of writes, as far as the bus has them.
  const hasIds = (
    [
      ['arvalid', 'arid', 'rid'],
      ['awvalid', 'awid', 'bid'],
    ] as const
  ).every(([valid, request, answer]) => !signals[valid] || (signals[request] && signals[answer]))
  const widest = (role: SignalRule['role']) => {
    const rules = Object.entries(protocols[protocol].signals).filter(([, rule]) => rule.role === role)
    return Math.max(...rules.map(([signal]) => signals[signal]?.width ?? 0))
  }
  const port = {
    name: group.name,
    prefix: group.prefix,
    suffix: group.suffix,
    isUsual: group.isUsual,
    protocol,
    isManager: isManager(group),
    dataWidth: widest('data'),
    idWidth: hasIds && protocols[protocol].hasIds ? widest('id') : 0,
    wordAddress: answers.wordAddress,
    answers,
    signals,
  }
  return { ...port, addressWidth: byteAddressWidth(port) }
}
