/** APB2, APB3 and APB4 (AMBA IHI 0024): each has the signals of the one before, and more. Pure. */
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
  ones,
  type Protocol,
  select,
  strobe,
  strobeNames,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

/** SpinalHDL, ZipCPU and the standard's own figures have other words for some signals. */
const otherWords: Partial<Record<string, string>> = { pslverror: 'pslverr', pwstrb: 'pstrb', pselx: 'psel' }

export const apb: BusFamily = {
  name: 'apb',
  pattern: /^(.*?)_*(paddr|pprot|pselx?|penable|pwrite|pwdata|pstrb|pwstrb|pready|prdata|pslverr|pslverror)$/,
  toSignal: (word) => otherWords[word] ?? word,
  isBus: (has) => has('psel') && has('paddr'),
  requests: ['psel'],
  protocolOf: () => 'apb4',
  halfOf: () => 'both',
}

const apb4: Protocol = {
  title: 'APB4',
  titleOf: ({ pprot, pstrb, pready, pslverr }) => {
    if (pprot ?? pstrb) return 'APB4'
    return (pready ?? pslverr) ? 'APB3' : 'APB2'
  },
  module: 'apb4',
  dataWidths: allDataWidths,
  hasIds: false,
  servesManagers: false,
  addressesCount: 'bytes',
  signals: {
    paddr: managers(address),
    pprot: meaningless(managersOptional(bits(3))),
    psel: managers(select),
    penable: managers(bits(1)),
    pwrite: managers(bits(1)),
    pwdata: managers(data),
    pstrb: likely(strobeNames, managersOptional(strobe, ones)),
    pready: likely(
      /r(ea)?dy|ack/,
      subordinatesOptional(bits(1), () => `1'b1`),
    ),
    prdata: subordinates(data),
    pslverr: likely(errorNames, subordinatesOptional(bits(1))),
  },
}

export const apbProtocols = { apb4 }
