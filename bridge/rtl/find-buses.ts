/**
 * Decides which buses of the RTL Trapline drives, and which the RTL drives itself and Trapline serves: as configured,
 * else those that are found. It never chooses between two that it could drive.
 */
import type { ModelConfig, PortProtocol } from '../config/schema.js'
import { TraplineError } from '../errors.js'
import {
  type BusGroup,
  type BusPort,
  isManager,
  protocolOf,
  toBusPort,
  whyNotConnected,
  whyNotDriven,
} from './bus-ports.js'
import { ambiguous, list } from './port-questions.js'
import { protocols } from './protocols.js'
import type { RtlPort } from './rtl-netlist.js'

type BusKeys = Pick<ModelConfig, 'top' | 'ports' | 'managers'>

/** The buses that Trapline drives, in the order of their index. */
export function findDriven({ top, ports }: BusKeys, groups: BusGroup[], rtlPorts: RtlPort[]): BusPort[] {
  if (!ports) return [findPort(top, groups, rtlPorts)]
  return Object.entries(ports).map(([name, { protocol, wordAddress }]) => {
    const group = configuredGroup(top, name, groups, protocol)
    const reason = whyNotDriven(group)
    if (reason) throw new TraplineError('config', `port ${name} of ${top} ${reason}`)
    return { ...toBusPort(group), name, wordAddress }
  })
}

/** The buses that the RTL drives, in the order of their index; those that can't be served are left alone. */
export function findManagers({ top, managers }: BusKeys, groups: BusGroup[]): BusPort[] {
  if (!managers) return groups.filter((group) => isManager(group) && !whyNotConnected(group)).map(toBusPort)
  return Object.entries(managers).map(([name, { protocol }]) => {
    const group = configuredGroup(top, name, groups, protocol)
    const reason = isManager(group) ? whyNotConnected(group) : 'is not driven by the RTL; name it in "ports"'
    if (reason) throw new TraplineError('config', `manager ${name} of ${top} ${reason}`)
    return { ...toBusPort(group), name }
  })
}

function configuredGroup(
  top: string,
  configured: string,
  groups: BusGroup[],
  protocol: PortProtocol | undefined,
): BusGroup {
  const prefix = configured.replace(/_+$/, '').toLowerCase()
  const found = groups.filter(({ name }) => name.toLowerCase() === prefix)
  const group = found.find((candidate) => protocolOf(candidate) === protocol) ?? found[0]
  if (!group) {
    const names = groups.map(({ name }) => name)
    throw new TraplineError(
      'config',
      `${top} has no bus with the signal prefix ${configured} (${list('prefixes', names)})`,
    )
  }
  const actual = protocolOf(group)
  // Which kind of Wishbone is a question of STALL alone; who says Wishbone means either.
  const isNamed = protocol === actual || (protocol === 'wishbone' && actual === 'wishbone-pipelined')
  if (protocol !== undefined && !isNamed)
    throw new TraplineError(
      'config',
      `bus ${configured} of ${top} is ${protocols[actual].title}, not ${protocols[protocol].title}; ` +
        `say protocol: '${actual}', or leave it out`,
    )
  return group
}

function findPort(top: string, groups: BusGroup[], rtlPorts: RtlPort[]): BusPort {
  const [first, ...others] = groups.filter((group) => !whyNotDriven(group))
  if (!first)
    throw new TraplineError('config', `${top} has no bus that Trapline can drive: ${whyNone(groups, rtlPorts)}`)
  if (others.length > 0)
    throw ambiguous(
      'port',
      top,
      [first, ...others].map(({ name }) => name),
    )
  return toBusPort(first)
}

function whyNone(groups: BusGroup[], rtlPorts: RtlPort[]): string {
  if (groups.length > 0) return groups.map((group) => `${group.name} ${whyNotDriven(group) ?? ''}`).join('; ')
  const structs = rtlPorts.filter(({ shape }) => shape === 'struct').map(({ name }) => name)
  return structs.length > 0
    ? `${structs.join(', ')} ${structs.length === 1 ? 'is a struct' : 'are structs'}, and plain vectors are needed`
    : 'none of its ports is named as awaddr, wdata, rdata and the others are, or as those of APB or Wishbone, with any prefix'
}
