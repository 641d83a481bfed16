/** The local bus of Corsair's register maps. Pure. */
import {
  address,
  allDataWidths,
  bits,
  type BusFamily,
  data,
  likely,
  managers,
  managersOptional,
  ones,
  type Protocol,
  strobe,
  strobeNames,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

export const localbus: BusFamily = {
  name: 'lb',
  pattern: /^(.*?)_*(waddr|wdata|wen|wstrb|wready|raddr|ren|rdata|rvalid)$/,
  toSignal: (word) => word,
  isBus: (has) => ['waddr', 'wen', 'raddr', 'ren', 'rvalid'].every(has),
  requests: ['wen'],
  protocolOf: () => 'corsair-local-bus',
  halfOf: () => 'both',
}

const protocol: Protocol = {
  title: "Corsair's local bus",
  module: 'localbus',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: false,
  addressesCount: 'bytes',
  signals: {
    waddr: managers(address),
    wdata: managers(data),
    wen: managers(bits(1)),
    wstrb: likely(strobeNames, managersOptional(strobe, ones)),
    wready: likely(
      /w?r(ea)?dy/,
      subordinatesOptional(bits(1), () => `1'b1`),
    ),
    raddr: managers(address),
    ren: managers(bits(1)),
    rdata: subordinates(data),
    rvalid: subordinates(bits(1)),
  },
}

export const localbusProtocols = { 'corsair-local-bus': protocol }
