/** The CPU interface of PeakRDL-regblock's own, which its users wrap ("passthrough"). Pure. */
import {
  address,
  allDataWidths,
  bits,
  type BusFamily,
  data,
  managers,
  type Protocol,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

export const cpuif: BusFamily = {
  name: 'cpuif',
  pattern:
    /^(.*?)_*(req|req_is_wr|addr|wr_data|wr_biten|req_stall_wr|req_stall_rd|rd_ack|rd_err|rd_data|wr_ack|wr_err)$/,
  toSignal: (word) => word,
  isBus: (has) => has('req') && has('req_is_wr'),
  requests: ['req'],
  protocolOf: () => 'peakrdl-cpuif',
  halfOf: () => 'both',
}

const protocol: Protocol = {
  title: "PeakRDL's CPU interface",
  module: 'cpuif',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: false,
  addressesCount: 'bytes',
  signals: {
    req: managers(bits(1)),
    req_is_wr: managers(bits(1)),
    addr: managers(address),
    wr_data: managers(data),
    wr_biten: managers(data),
    req_stall_wr: subordinatesOptional(bits(1)),
    req_stall_rd: subordinatesOptional(bits(1)),
    rd_ack: subordinates(bits(1)),
    rd_err: subordinatesOptional(bits(1)),
    rd_data: subordinates(data),
    wr_ack: subordinates(bits(1)),
    wr_err: subordinatesOptional(bits(1)),
  },
}

export const cpuifProtocols = { 'peakrdl-cpuif': protocol }
