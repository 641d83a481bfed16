/** AHB-Lite and AHB5 (AMBA IHI 0033). Pure. */
import type { PortDirection } from '../rtl-netlist.js'
import {
  address,
  allDataWidths,
  bits,
  type BusFamily,
  data,
  errorNames,
  likely,
  managers,
  managersOptional,
  meaningless,
  type Protocol,
  strobe,
  strobeNames,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

const signals = [
  ...['haddr', 'hburst', 'hmastlock', 'hmasterlock', 'hprot', 'hnonsec', 'hselx?', 'hsize', 'htrans', 'hwrite'],
  ...['hwdata', 'hwstrb', 'hready_?(?:in|out|mux)?', 'hrdata', 'hresp'],
]

/** Arm's own subordinates have names that end in S (HADDRS, HREADYOUTS). */
export const ahb: BusFamily = {
  name: 'ahb',
  pattern: new RegExp(`^(.*?)_*(${signals.join('|')})s?$`),
  toSignal,
  isBus: (has) => has('htrans') && has('haddr'),
  requests: ['htrans'],
  protocolOf: () => 'ahb-lite',
  halfOf: () => 'both',
}

/**
 * A subordinate has two READYs: its own, and the one of the bus, which tells it that the transfer before its own is
 * over.
 */
function toSignal(word: string, direction: PortDirection): string {
  if (word.startsWith('hready')) return direction === 'input' ? 'hready' : 'hreadyout'
  if (word === 'hselx') return 'hsel'
  return word === 'hmasterlock' ? 'hmastlock' : word
}

const ready = /r(ea)?dy|wait/

const ahbLite: Protocol = {
  title: 'AHB-Lite',
  module: 'ahb',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: false,
  addressesCount: 'bytes',
  sizedBy: 'hsize',
  driverParameters: ({ hburst, hwstrb }) => [
    ...(hburst ? [] : ['.MaxBeats(1)']),
    ...(hwstrb ? ['.HasStrobes(1)'] : []),
  ],
  signals: {
    haddr: managers(address),
    hburst: meaningless(managersOptional(bits(3))),
    hmastlock: meaningless(managersOptional(bits(1))),
    // 4 bits before AHB5.
    hprot: meaningless({ ...managersOptional(bits(7)), narrowest: bits(4) }),
    hnonsec: meaningless(managersOptional(bits(1))),
    hsel: likely(/sel/, managersOptional(bits(1))),
    // Two bits are enough for 8 bytes.
    hsize: { ...managers(bits(3)), narrowest: (bus) => (bus.data <= 64 ? 2 : 3) },
    htrans: managers(bits(2)),
    hwrite: managers(bits(1)),
    hwdata: managers(data),
    hwstrb: likely(strobeNames, managersOptional(strobe)),
    hready: likely(ready, managersOptional(bits(1))),
    hrdata: subordinates(data),
    hreadyout: likely(ready, subordinates(bits(1))),
    hresp: likely(errorNames, { ...subordinatesOptional(bits(2)), narrowest: bits(1) }),
  },
}

export const ahbProtocols = { 'ahb-lite': ahbLite }
