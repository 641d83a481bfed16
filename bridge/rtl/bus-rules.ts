/**
 * The words in which a bus is described: its families (`buses/`), their protocols, the signals of each. Pure.
 * Whoever adds a bus writes a file in `buses/`, names it in `protocols.ts`, and writes its modules in hdl/bfm.
 */
import type { PortConfig, PortProtocol } from '../config/schema.js'
import type { PortDirection, RtlPort } from './rtl-netlist.js'

/** Bits of a bus. */
export interface BusWidths {
  address: number
  data: number
  /** 0 if the bus has no IDs. */
  id: number
}

export interface SignalRule {
  /** Driven by the manager of the bus, or by its subordinate. */
  driver: 'manager' | 'subordinate'
  /** Whether a bus that lacks it is none. */
  required: boolean
  /**
   * What the bus gets its own widths from; the RTL's addresses and IDs may be narrower than the bus. Strobes let a
   * write leave bytes of its word alone; of a select the RTL may have one bit per device.
   */
  role: 'address' | 'data' | 'id' | 'strobe' | 'select' | 'other'
  width(bus: BusWidths): number
  /** Bits that the RTL's signal may have instead: LEN of AXI3, LOCK of AXI4. */
  narrower?: number
  /** The RTL's signal may have any width from this one up to that of the bus. */
  narrowest?(bus: BusWidths): number
  /** What stands for it if its driver in the RTL lacks it, as SystemVerilog. */
  absent(bus: BusWidths): string
  /** True where a bus without it means the same. */
  meaningless?: boolean
  /** Odd names (lower case, without prefix and underscores) that are likely to mean it. */
  likeNames?: RegExp
}

export interface Protocol {
  title: string
  /** Where its signals tell more. */
  titleOf?(signals: Partial<Record<string, RtlPort>>): string
  /** First part of the names of its modules in hdl/bfm. */
  module: string
  dataWidths: number[]
  hasIds: boolean
  /** Whether the RTL itself may drive such a bus. */
  servesManagers: boolean
  /**
   * What an address counts if its declaration does not tell: `open` is a question, `asked` one that is asked with
   * others.
   */
  addressesCount: 'bytes' | 'open' | 'asked'
  countsBytes?(signals: Partial<Record<string, RtlPort>>): boolean
  /** Which signal says how wide a transfer is, so that narrow writes need no strobes. */
  sizedBy?: string
  signals: Record<string, SignalRule>
  /** More parameters of its BFM and its checker, by the signals that the RTL has. */
  bfmParameters?(signals: Partial<Record<string, RtlPort>>, answers: Partial<PortConfig>): string[]
  /** Where its signals don't tell all about time. */
  timingOf?(signals: Partial<Record<string, RtlPort>>): BusTiming
  /** Those that its checker lacks. */
  driverParameters?(signals: Partial<Record<string, RtlPort>>): string[]
}

/** What the user has to say, or may, about times that a bus doesn't tell; see the keys of `ports`. */
export interface BusTiming {
  asked: TimingKey[]
  possible: TimingKey[]
  /** Where people find them. */
  asIn?: string
  /** When read data are there if nothing is said. */
  note?: string
}

type TimingKey = 'readLatency' | 'readWaitTime' | 'writeWaitTime'

export type GroupSignals = ReadonlyMap<string, RtlPort>

/** Channels of a bus whose reads and writes have some of their own. */
export type Half = 'reads' | 'writes' | 'both'

/** Buses whose signals have names in common. */
export interface BusFamily {
  /** Of a bus whose signals have no prefix. */
  name: string
  /** Takes a lower-case port name apart into prefix and word, without what only tells the direction. */
  pattern: RegExp
  /** Which signal a word is, of a port of this direction. */
  toSignal(word: string, direction: PortDirection): string
  /** Whether signals that share a prefix are such a bus; else they are a stream, or nothing. */
  isBus(has: (signal: string) => boolean, signals: GroupSignals): boolean
  /** Signals of the manager whose direction tells whether the RTL is that; the first that is there. */
  requests: string[]
  protocolOf(signals: GroupSignals): PortProtocol
  halfOf(signal: string): Half
  /** Why a bus is none that can be driven, beside signals that are always required, in words that follow its name. */
  whyNot?(signals: GroupSignals): string | undefined
  /** Of no standard: it stands back where there is another bus. */
  isNative?: boolean
  /** Its names are only read as they are, for what follows a word may turn its meaning. */
  isExact?: boolean
}

/** What the BFMs can do. Some standards know fewer, but generators of cores make them all. */
export const allDataWidths = [8, 16, 32, 64, 128, 256, 512, 1024]

type Width = SignalRule['width']

export const bits =
  (count: number): Width =>
  () =>
    count
export const address: Width = (bus) => bus.address
export const data: Width = (bus) => bus.data
export const strobe: Width = (bus) => bus.data / 8
export const id: Width = (bus) => Math.max(bus.id, 1)
export const select: Width = () => 1

const zero = () => `'0`
export const ones = () => `'1`

const roles = new Map<Width, SignalRule['role']>([
  [address, 'address'],
  [data, 'data'],
  [id, 'id'],
  [strobe, 'strobe'],
  [select, 'select'],
])

const signal =
  ({ driver, required }: Pick<SignalRule, 'driver' | 'required'>) =>
  (width: Width, absent: SignalRule['absent'] = zero): SignalRule => ({
    driver,
    required,
    role: roles.get(width) ?? 'other',
    width,
    absent,
  })

export const managers = signal({ driver: 'manager', required: true })
export const managersOptional = signal({ driver: 'manager', required: false })
export const subordinates = signal({ driver: 'subordinate', required: true })
export const subordinatesOptional = signal({ driver: 'subordinate', required: false })

export const meaningless = (rule: SignalRule): SignalRule => ({ ...rule, meaningless: true })
export const likely = (likeNames: RegExp, rule: SignalRule): SignalRule => ({ ...rule, likeNames })

/** Odd names that many buses have for the same thing. */
export const strobeNames = /str?o?be?s?|byteen|^[wp]?(be|bwe|wbe)n?$|mask|lanes?$/
export const errorNames = /err|fault|resp/
