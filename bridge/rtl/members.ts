/**
 * Ports that are made of several: members of a SystemVerilog interface or of a struct become ports of their own,
 * named as the port and the member are, so that buses are found among them as among all others. Pure.
 */
import { toBusGroups } from './bus-groups.js'
import { hasName, type NamedStruct, type PackedStruct, type RtlPort, type UnpackedStruct } from './rtl-netlist.js'

/**
 * Takes structs apart whose members are signals of a bus (`axi_req_i.aw.addr` is `axi_aw_addr`); others stay as
 * they are. Requests and responses of one bus are structs of their own, told by their names.
 */
export function spreadStructs(ports: RtlPort[]): RtlPort[] {
  const structs = ports.filter(bitsOf)
  if (structs.length === 0) return ports
  const members = new Map(structs.map((port) => [port, membersOf(port, stemOf(port.name))]))
  const taken = countNames(ports.flatMap((port) => [port, ...(members.get(port) ?? [])]))
  for (const [port, own] of members)
    if (own.some(({ name }) => taken.get(name) !== 1)) members.set(port, membersOf(port, port.name))
  const spread = ports.flatMap((port) => members.get(port) ?? [port])
  const ofBuses = new Set(toBusGroups(spread).flatMap(({ signals }) => [...signals.values()]))
  return ports.flatMap((port) => {
    const own = members.get(port)
    return own?.some((member) => ofBuses.has(member)) ? own : [port]
  })
}

/** `axi_req_i` and `axi_resp_o` are both of `axi`. */
function stemOf(name: string): string {
  return name.replace(/_[io]$/i, '').replace(/(^|_)(req|request|rsp|resp|response)$/i, '')
}

function countNames(ports: RtlPort[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name } of ports) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** Of a struct whose type can be named where it matters. */
function bitsOf({ packed, unpacked }: RtlPort): PackedStruct | undefined {
  return packed ?? namedOf(unpacked)
}

function namedOf(struct: UnpackedStruct | undefined): NamedStruct | undefined {
  return struct && hasName(struct) ? struct : undefined
}

function membersOf(port: RtlPort, stem: string): RtlPort[] {
  const { name, direction, member } = port
  const { width: structWidth, fields } = bitsOf(port) ?? { width: 0, fields: [] }
  const unpacked = namedOf(port.unpacked)
  return fields.map(({ path, width, low }) => ({
    name: [stem, ...path].filter(Boolean).join('_'),
    direction,
    shape: 'vector',
    width,
    dimensions: [],
    member: { ...(member ?? { of: name, structWidth }), low, ...(unpacked && { unpacked }) },
  }))
}
