/** Wishbone B4, classic and pipelined. Pure. */
import type { PortDirection } from '../rtl-netlist.js'
import {
  address,
  allDataWidths,
  bits,
  type BusFamily,
  data,
  errorNames,
  type GroupSignals,
  likely,
  managers,
  managersOptional,
  ones,
  type Protocol,
  type SignalRule,
  strobe,
  strobeNames,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

export const wishbone: BusFamily = {
  name: 'wb',
  pattern:
    /^(.*?)_*(cyc|stb|we|adr|addr|dat_(?:[rw]|mosi|miso)|[rwio]?dat|[rw]?data|d(?:in|out)|rdt|sel|ack|err|rty|stall)$/,
  toSignal,
  isBus: (has) => has('stb') && has('adr'),
  requests: ['stb'],
  protocolOf: (signals) => (isPipelined(signals) ? 'wishbone-pipelined' : 'wishbone'),
  halfOf: () => 'both',
}

/**
 * Both data lanes are called DAT; `dat_w`, `dat_mosi` (SpinalHDL) and `wdata` are the manager's view of them, as are
 * `dat_r`, `dat_miso`, `rdata` and `rdt` (SERV). What else there is, `odat` and `din` too, is told by its direction.
 */
function toSignal(word: string, direction: PortDirection): string {
  if (word === 'addr') return 'adr'
  if (/^(dat_(w|mosi)|wdata?)$/.test(word)) return 'wdata'
  if (/^(dat_(r|miso)|rdata?|rdt)$/.test(word)) return 'rdata'
  if (!/^([io]?dat|data|din|dout)$/.test(word)) return word
  return direction === 'input' ? 'wdata' : 'rdata'
}

/** Whether the subordinate says STALL; an input of that name beside STB is something else. */
function isPipelined(signals: GroupSignals): boolean {
  const [stall, stb] = ['stall', 'stb'].map((signal) => signals.get(signal))
  return stall !== undefined && stall.direction !== stb?.direction
}

const signals: Record<string, SignalRule> = {
  cyc: likely(/cyc/, managersOptional(bits(1))),
  stb: managers(bits(1)),
  we: managers(bits(1)),
  adr: managers(address),
  wdata: managers(data),
  sel: likely(new RegExp(`${strobeNames.source}|sel`), managersOptional(strobe, ones)),
  rdata: subordinates(data),
  ack: subordinates(bits(1)),
  err: likely(errorNames, subordinatesOptional(bits(1))),
  rty: likely(/retr/, subordinatesOptional(bits(1))),
}

const classic: Protocol = {
  title: 'Wishbone classic',
  module: 'wishbone',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: false,
  addressesCount: 'open',
  signals,
}

const pipelined: Protocol = {
  ...classic,
  title: 'Wishbone pipelined',
  module: 'wishbone_pipelined',
  // STALL makes it one.
  signals: { ...signals, stall: subordinates(bits(1)) },
}

export const wishboneProtocols = { wishbone: classic, 'wishbone-pipelined': pipelined }
