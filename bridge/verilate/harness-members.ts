/**
 * How members of interfaces and structs hang on the RTL in the generated top. All others connect ports; here the pins
 * of members are taken out of that list and become assignments to the interface's instance or the struct's variable. An
 * unpacked struct is assigned from a vector of its bits, for Verilator 5.006 can't assign a part of a packed struct in
 * it.
 */
import type { ModelConfig } from '../config/schema.js'
import { isOfInterface, type MemberPlace, type RtlPort } from '../rtl/rtl-netlist.js'
import { toIdentifier, toParameterValue } from './verilog-text.js'

/** An interface port of the RTL's top module. */
export interface InterfacePort {
  port: string
  interface: string
  modport: string
}

type Parameters = ModelConfig['parameters']

/** `s_axil.ADDR_WIDTH` among a model's parameters is one of its interface port `s_axil`. */
export function isOfInterfacePort(parameter: string): boolean {
  return parameter.includes('.')
}

/** `  axi_bus #(.ADDR_WIDTH(12)) member__s_axil ();` */
export function interfaceInstance({ port, interface: name }: InterfacePort, parameters: Parameters): string {
  const own = Object.entries(parameters).filter(([parameter]) => parameter.startsWith(`${port}.`))
  const settings = own.map(([parameter, value]) => {
    return `.${toIdentifier(parameter.slice(port.length + 1))}(${toParameterValue(value)})`
  })
  return `  ${toIdentifier(name)} ${settings.length > 0 ? `#(${settings.join(', ')}) ` : ''}${holderOf(port)} ();\n`
}

/** What stands for the port in the generated top. */
export function holderOf(port: string): string {
  return toIdentifier(`member__${port}`)
}

export interface MemberText {
  /** Declarations of interfaces and variables. */
  declarations: string
  /** Pins of the RTL, without those of members, with those of what they are members of. */
  connections: string[]
  assignments: string
}

/** @param connections as `.name(expression)`, of members too */
export function connectMembers(connections: string[], members: RtlPort[], parameters: Parameters): MemberText {
  const byPin = new Map(members.map((port) => [`.${toIdentifier(port.name)}(`, port]))
  const holders = new Map(
    members.flatMap(({ member, direction }) => (member ? [[member.of, { member, direction }]] : [])),
  )
  const memberOf = (connection: string) => byPin.get(connection.slice(0, connection.indexOf('(') + 1))
  const assignments = connections.flatMap((connection) => {
    const port = memberOf(connection)
    return port ? toAssignment(port, connection.slice(connection.indexOf('(') + 1, -1)) : []
  })
  const vectors = new Map(members.flatMap((port) => bitVector(port)))
  return {
    declarations: [
      ...[...holders.values()].map(({ member }) => declaration(member, parameters)),
      ...vectors.values(),
    ].join(''),
    connections: [
      ...connections.filter((connection) => !memberOf(connection)),
      ...[...holders.keys()].map((port) => `.${toIdentifier(port)}(${holderOf(port)})`),
    ],
    assignments: assignments.join(''),
  }
}

function declaration(member: MemberPlace, parameters: Parameters): string {
  if (isOfInterface(member))
    return interfaceInstance({ port: member.of, interface: member.interface, modport: '' }, parameters)
  const type = member.unpacked?.type ?? `logic [${member.structWidth - 1}:0]`
  return `  ${type} ${holderOf(member.of)};\n`
}

/** The vector that stands for an unpacked struct, by its name, and how one hangs on the other. */
function bitVector({ member, direction }: RtlPort): [string, string][] {
  if (!member?.unpacked) return []
  const { width, leaves } = member.unpacked
  const vector = vectorOf(member)
  const assignments = leaves.map(({ path, width, low }) => {
    const [leaf, bits] = [
      [structOf(member), ...path.map(toIdentifier)].join('.'),
      `${vector}[${low + width - 1}:${low}]`,
    ]
    const [to, from] = direction === 'input' ? [leaf, bits] : [bits, leaf]
    return `  assign ${to} = ${from};\n`
  })
  const text = `  logic [${width - 1}:0] ${vector};
  // verilator lint_off ENUMVALUE
${assignments.join('')}  // verilator lint_on ENUMVALUE
`
  return [[vector, text]]
}

function vectorOf(member: MemberPlace): string {
  return toIdentifier(['bits', member.of, ...(isOfInterface(member) ? [member.name] : [])].join('__'))
}

function structOf(member: MemberPlace): string {
  return `${holderOf(member.of)}${isOfInterface(member) ? `.${toIdentifier(member.name)}` : ''}`
}

/** The assignments of a port; none for an output that stays open. */
function toAssignment(port: RtlPort, expression: string): string[] {
  if (!port.member || expression === '') return []
  const place = placeOf(port.member, port.width)
  const [to, from] = port.direction === 'input' ? [place, expression] : [expression, place]
  return [`  assign ${to} = ${from};\n`]
}

function placeOf(member: MemberPlace, width: number): string {
  const bits = member.low === undefined ? '' : `[${member.low + width - 1}:${member.low}]`
  return `${member.unpacked ? vectorOf(member) : structOf(member)}${bits}`
}
