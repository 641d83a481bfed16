/** AXI4, AXI3 and AXI4-Lite (AMBA IHI 0022). Pure. */
import {
  address,
  allDataWidths,
  bits,
  type BusFamily,
  type BusWidths,
  data,
  errorNames,
  id,
  likely,
  managers,
  managersOptional,
  meaningless,
  ones,
  type Protocol,
  type SignalRule,
  strobe,
  strobeNames,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

/**
 * The signals of a channel: its handshake, and what it carries. Also in the spellings of generators: `aw_valid`,
 * Chisel's `aw_bits_addr`, SpinalHDL's `aw_payload_addr`.
 */
const signalsOf = (channel: string, carried: string) => `${channel}_?(?:valid|ready|(?:bits_|payload_)?(?:${carried}))`

const channels = [
  signalsOf('(?:aw|ar)', 'id|addr|len|size|burst|lock|cache|prot|qos|region|atop'),
  signalsOf('w', 'id|data|strb|last'),
  signalsOf('b', 'id|resp'),
  signalsOf('r', 'id|data|resp|last'),
]

/** Prefix and signal. */
const pattern = new RegExp(`^(.*?)_*(${channels.join('|')})$`)

export const axi: BusFamily = {
  name: 'axi',
  pattern,
  toSignal: (word) => word.replace(/_|bits_|payload_/g, ''),
  isBus: (has) => has('awaddr') || has('araddr'),
  requests: ['awvalid', 'arvalid'],
  protocolOf: (signals) => (signals.has('awlen') || signals.has('arlen') ? 'axi4' : 'axi4-lite'),
  halfOf: (signal) => (/^a?r/.test(signal) ? 'reads' : 'writes'),
}

const wholeWord = (bus: BusWidths) => `3'd${Math.log2(bus.data / 8)}`

const wstrb = likely(strobeNames, managersOptional(strobe, ones))
const resp = likely(errorNames, subordinatesOptional(bits(2)))

/** AW or AR of AXI4. */
function burstRequest(channel: 'aw' | 'ar'): Record<string, SignalRule> {
  return {
    [`${channel}id`]: managersOptional(id),
    [`${channel}addr`]: managers(address),
    [`${channel}len`]: { ...managers(bits(8)), narrower: 4 },
    [`${channel}size`]: managersOptional(bits(3), wholeWord),
    [`${channel}burst`]: managersOptional(bits(2), () => `2'b01`),
    [`${channel}lock`]: meaningless({ ...managersOptional(bits(2)), narrower: 1 }),
    [`${channel}cache`]: meaningless(managersOptional(bits(4))),
    [`${channel}prot`]: meaningless(managersOptional(bits(3))),
    [`${channel}qos`]: meaningless(managersOptional(bits(4))),
    [`${channel}region`]: meaningless(managersOptional(bits(4))),
    [`${channel}valid`]: managers(bits(1)),
    [`${channel}ready`]: subordinates(bits(1)),
  }
}

const axi4Lite: Protocol = {
  title: 'AXI4-Lite',
  module: 'axil',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: true,
  addressesCount: 'bytes',
  signals: {
    awaddr: managers(address),
    awprot: meaningless(managersOptional(bits(3))),
    awvalid: managers(bits(1)),
    awready: subordinates(bits(1)),
    wdata: managers(data),
    wstrb,
    wvalid: managers(bits(1)),
    wready: subordinates(bits(1)),
    bresp: resp,
    bvalid: subordinates(bits(1)),
    bready: managers(bits(1)),
    araddr: managers(address),
    arprot: meaningless(managersOptional(bits(3))),
    arvalid: managers(bits(1)),
    arready: subordinates(bits(1)),
    rdata: subordinates(data),
    rresp: resp,
    rvalid: subordinates(bits(1)),
    rready: managers(bits(1)),
  },
}

const axi4: Protocol = {
  title: 'AXI4',
  module: 'axi4',
  dataWidths: allDataWidths,
  hasIds: true,
  servesManagers: true,
  addressesCount: 'bytes',
  signals: {
    ...burstRequest('aw'),
    awatop: meaningless(managersOptional(bits(6))),
    wid: meaningless(managersOptional(id)),
    wdata: managers(data),
    wstrb,
    wlast: managers(bits(1)),
    wvalid: managers(bits(1)),
    wready: subordinates(bits(1)),
    bid: subordinatesOptional(id),
    bresp: resp,
    bvalid: subordinates(bits(1)),
    bready: managers(bits(1)),
    ...burstRequest('ar'),
    rid: subordinatesOptional(id),
    rdata: subordinates(data),
    rresp: resp,
    rlast: subordinates(bits(1)),
    rvalid: subordinates(bits(1)),
    rready: managers(bits(1)),
  },
}

export const axiProtocols = { 'axi4-lite': axi4Lite, axi4 }
