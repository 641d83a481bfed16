/**
 * The buses that Trapline speaks: their signals, and which module of hdl/bfm stands for what. One table; whoever finds
 * ports in RTL or wires them up reads it. Pure.
 */
import type { PortProtocol } from '../config/schema.js'

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
  width(bus: BusWidths): number
  /** Bits that the RTL's signal may have instead: LEN of AXI3, LOCK of AXI4. */
  narrower?: number
  /** What stands for it if its driver in the RTL lacks it, as SystemVerilog. */
  absent(bus: BusWidths): string
}

export interface Protocol {
  title: string
  /** First part of the names of its modules in hdl/bfm. */
  module: 'axil' | 'axi4' | 'apb4' | 'wishbone' | 'wishbone_pipelined'
  dataWidths: number[]
  /** Those of a bus that the RTL drives, if they are others. */
  managerDataWidths?: number[]
  hasIds: boolean
  /** Whether the RTL itself may drive such a bus. */
  servesManagers: boolean
  signals: Record<string, SignalRule>
}

type Width = SignalRule['width']

const bits =
  (count: number): Width =>
  () =>
    count
const address: Width = (bus) => bus.address
const data: Width = (bus) => bus.data
const strobe: Width = (bus) => bus.data / 8
const id: Width = (bus) => Math.max(bus.id, 1)
const zero = () => `'0`
const ones = () => `'1`

const signal =
  (driver: SignalRule['driver'], required: boolean) =>
  (width: Width, absent: SignalRule['absent'] = zero): SignalRule => ({ driver, required, width, absent })

const managers = signal('manager', true)
const managersOptional = signal('manager', false)
const subordinates = signal('subordinate', true)
const subordinatesOptional = signal('subordinate', false)

const wholeWord = (bus: BusWidths) => `3'd${Math.log2(bus.data / 8)}`

/** AW or AR of AXI4. */
function burstRequest(channel: 'aw' | 'ar'): Record<string, SignalRule> {
  return {
    [`${channel}id`]: managersOptional(id),
    [`${channel}addr`]: managers(address),
    [`${channel}len`]: { ...managers(bits(8)), narrower: 4 },
    [`${channel}size`]: managersOptional(bits(3), wholeWord),
    [`${channel}burst`]: managersOptional(bits(2), () => `2'b01`),
    [`${channel}lock`]: { ...managersOptional(bits(2)), narrower: 1 },
    [`${channel}cache`]: managersOptional(bits(4)),
    [`${channel}prot`]: managersOptional(bits(3)),
    [`${channel}qos`]: managersOptional(bits(4)),
    [`${channel}region`]: managersOptional(bits(4)),
    [`${channel}valid`]: managers(bits(1)),
    [`${channel}ready`]: subordinates(bits(1)),
  }
}

const wishbone: Record<string, SignalRule> = {
  cyc: managersOptional(bits(1)),
  stb: managers(bits(1)),
  we: managers(bits(1)),
  adr: managers(address),
  wdata: managers(data),
  sel: managersOptional(strobe, ones),
  rdata: subordinates(data),
  ack: subordinates(bits(1)),
  err: subordinatesOptional(bits(1)),
  rty: subordinatesOptional(bits(1)),
}

export const protocols: Record<PortProtocol, Protocol> = {
  'axi4-lite': {
    title: 'AXI4-Lite',
    module: 'axil',
    dataWidths: [32, 64],
    hasIds: false,
    servesManagers: true,
    signals: {
      awaddr: managers(address),
      awprot: managersOptional(bits(3)),
      awvalid: managers(bits(1)),
      awready: subordinates(bits(1)),
      wdata: managers(data),
      wstrb: managersOptional(strobe, ones),
      wvalid: managers(bits(1)),
      wready: subordinates(bits(1)),
      bresp: subordinatesOptional(bits(2)),
      bvalid: subordinates(bits(1)),
      bready: managers(bits(1)),
      araddr: managers(address),
      arprot: managersOptional(bits(3)),
      arvalid: managers(bits(1)),
      arready: subordinates(bits(1)),
      rdata: subordinates(data),
      rresp: subordinatesOptional(bits(2)),
      rvalid: subordinates(bits(1)),
      rready: managers(bits(1)),
    },
  },
  axi4: {
    title: 'AXI4',
    module: 'axi4',
    dataWidths: [32, 64, 128, 256, 512],
    managerDataWidths: [8, 16, 32, 64, 128, 256, 512],
    hasIds: true,
    servesManagers: true,
    signals: {
      ...burstRequest('aw'),
      awatop: managersOptional(bits(6)),
      wid: managersOptional(id),
      wdata: managers(data),
      wstrb: managersOptional(strobe, ones),
      wlast: managers(bits(1)),
      wvalid: managers(bits(1)),
      wready: subordinates(bits(1)),
      bid: subordinatesOptional(id),
      bresp: subordinatesOptional(bits(2)),
      bvalid: subordinates(bits(1)),
      bready: managers(bits(1)),
      ...burstRequest('ar'),
      rid: subordinatesOptional(id),
      rdata: subordinates(data),
      rresp: subordinatesOptional(bits(2)),
      rlast: subordinates(bits(1)),
      rvalid: subordinates(bits(1)),
      rready: managers(bits(1)),
    },
  },
  apb4: {
    title: 'APB4',
    module: 'apb4',
    dataWidths: [8, 16, 32],
    hasIds: false,
    servesManagers: false,
    signals: {
      paddr: managers(address),
      pprot: managersOptional(bits(3)),
      psel: managers(bits(1)),
      penable: managers(bits(1)),
      pwrite: managers(bits(1)),
      pwdata: managers(data),
      pstrb: managersOptional(strobe, ones),
      pready: subordinatesOptional(bits(1), () => `1'b1`),
      prdata: subordinates(data),
      pslverr: subordinatesOptional(bits(1)),
    },
  },
  wishbone: {
    title: 'Wishbone classic',
    module: 'wishbone',
    dataWidths: [8, 16, 32, 64],
    hasIds: false,
    servesManagers: false,
    signals: wishbone,
  },
  // STALL makes it one.
  'wishbone-pipelined': {
    title: 'Wishbone pipelined',
    module: 'wishbone_pipelined',
    dataWidths: [8, 16, 32, 64],
    hasIds: false,
    servesManagers: false,
    signals: { ...wishbone, stall: subordinates(bits(1)) },
  },
}
