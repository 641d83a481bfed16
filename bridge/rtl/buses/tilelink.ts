/** TileLink-UL (SiFive TileLink 1.8). Pure. */
import type { RtlPort } from '../rtl-netlist.js'
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
  type Protocol,
  type SignalRule,
  strobe,
  subordinates,
  subordinatesOptional,
} from '../bus-rules.js'

const fields = 'opcode|param|size|source|sink|address|mask|data|corrupt|denied|error'

// Also Chisel's `auto_in_a_bits_opcode` and SpinalHDL's `up_a_payload_opcode`.
const pattern = new RegExp(`^(.*?)_*([ad]_(?:valid|ready|(?:bits_|payload_)?(?:${fields})))$`)

export const tilelink: BusFamily = {
  name: 'tl',
  pattern,
  toSignal: (word) => word.replace(/bits_|payload_/, ''),
  isBus: (has) => has('a_opcode') && has('a_address'),
  requests: ['a_valid'],
  protocolOf: () => 'tilelink-ul',
  halfOf: () => 'both',
}

/** As many bits as the largest size that a bus word needs: the logarithm of its bytes. */
const sizeBits = (bus: BusWidths) => Math.max(1, Math.ceil(Math.log2(Math.log2(bus.data / 8) + 1)))

const size = (rule: SignalRule): SignalRule => ({ ...rule, narrowest: sizeBits })

const widthOf = (port: RtlPort | undefined) => port?.width ?? 0

const tilelinkUl: Protocol = {
  title: 'TileLink-UL',
  module: 'tlul',
  dataWidths: allDataWidths,
  hasIds: true,
  servesManagers: false,
  addressesCount: 'bytes',
  driverParameters: (signals) => [`.EchoWidth(${Math.min(widthOf(signals.a_source), widthOf(signals.d_source))})`],
  signals: {
    a_valid: managers(bits(1)),
    a_ready: subordinates(bits(1)),
    a_opcode: managers(bits(3)),
    a_param: meaningless(managersOptional(bits(3))),
    a_size: size(managers(bits(4))),
    a_source: managersOptional(id),
    a_address: managers(address),
    a_mask: managers(strobe),
    a_data: managers(data),
    a_corrupt: meaningless(managersOptional(bits(1))),
    d_valid: subordinates(bits(1)),
    d_ready: managers(bits(1)),
    d_opcode: subordinates(bits(3)),
    // 2 bits in the standard, 3 in OpenTitan.
    d_param: meaningless({ ...subordinatesOptional(bits(3)), narrowest: bits(2) }),
    d_size: size(subordinates(bits(4))),
    d_source: subordinatesOptional(id),
    d_sink: meaningless({ ...subordinatesOptional(bits(16)), narrowest: bits(1) }),
    d_denied: likely(errorNames, subordinatesOptional(bits(1))),
    d_data: subordinates(data),
    d_corrupt: subordinatesOptional(bits(1)),
    d_error: subordinatesOptional(bits(1)),
  },
}

export const tilelinkProtocols = { 'tilelink-ul': tilelinkUl }
