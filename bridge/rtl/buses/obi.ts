/** OBI, the Open Bus Interface (OpenHW Group, version 1.6). Pure. */
import {
  address,
  allDataWidths,
  bits,
  type BusFamily,
  data,
  errorNames,
  id,
  likely,
  managers,
  managersOptional,
  meaningless,
  ones,
  type Protocol,
  strobe,
  strobeNames,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

export const obi: BusFamily = {
  name: 'obi',
  pattern: /^(.*?)_*(req|gnt|addr|we|be|wdata|aid|rvalid|rready|rdata|err|rid)$/,
  toSignal: (word) => word,
  isBus: (has) => ['req', 'gnt', 'addr', 'rvalid'].every(has),
  requests: ['req'],
  protocolOf: () => 'obi',
  halfOf: () => 'both',
}

const protocol: Protocol = {
  title: 'OBI',
  module: 'obi',
  dataWidths: allDataWidths,
  hasIds: true,
  servesManagers: false,
  addressesCount: 'bytes',
  bfmParameters: ({ rready }) => (rready ? ['.WithReady(1)'] : []),
  signals: {
    req: managers(bits(1)),
    gnt: subordinates(bits(1)),
    addr: managers(address),
    we: managers(bits(1)),
    be: likely(strobeNames, managersOptional(strobe, ones)),
    wdata: managers(data),
    aid: meaningless(managersOptional(id)),
    rvalid: subordinates(bits(1)),
    rready: likely(/r?r(ea)?dy/, managersOptional(bits(1))),
    rdata: subordinates(data),
    err: likely(errorNames, subordinatesOptional(bits(1))),
    rid: meaningless(subordinatesOptional(id)),
  },
}

export const obiProtocols = { obi: protocol }
