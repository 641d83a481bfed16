/** Which ports of the top module are interfaces, told by what Verilator says when nothing is connected to them. */
import type { ModelConfig } from '../config/schema.js'
import { TraplineError } from '../ground/errors.js'
import type { ReadLines } from '../rtl/netlist-xml.js'
import { isOfInterface, type RtlNetlist, type RtlPort } from '../rtl/rtl-netlist.js'
import { type InterfacePort, isOfInterfacePort } from './harness-members.js'
import { joined } from '../ground/joined.js'

/** What Verilator 5.006 and 5.048 say, each at the place where the port is declared. */
const unconnected = joined(
  [
    /^%Error(?:-\w+)?: (.+?):(\d+):(\d+): /,
    /(?:Parent instance's interface is not found: '(\w+)'|Interface '(\w+)' not connected)/,
  ],
  'gm',
)

/** `bus.device s_axil`, and more names that share the type; an array is not among what can be told. */
const declaration = (name: string) =>
  new RegExp(String.raw`${name}\s*\.\s*(\w+)\s+(\w+(?:\s*,\s*\w+(?=\s*[,)]))*)\s*[,)]`, 'y')

/**
 * The ports that are interfaces, of which there may be none; undefined if one of them can't be told: it has no modport,
 * or is an array or text of a macro.
 */
export function interfacePortsIn(output: string, readLines: ReadLines): InterfacePort[] | undefined {
  const ports = new Map<string, InterfacePort>()
  for (const [, file = '', line, column, older, newer] of output.matchAll(unconnected)) {
    const name = older ?? newer ?? ''
    const [, modport = '', names] = declaration(name).exec(textAt(readLines(file), Number(line), Number(column))) ?? []
    if (names === undefined) return undefined
    for (const port of names.split(',').map((each) => each.trim())) ports.set(port, { port, interface: name, modport })
  }
  return [...ports.values()]
}

/** A declaration takes few lines. */
const mostLines = 10

function textAt(lines: string[], line: number, column: number): string {
  const text = lines.slice(line - 1, line - 1 + mostLines).join('\n')
  return text.slice(column - 1).replace(/\/\/.*|\/\*[^]*?\*\//g, ' ')
}

/**
 * Throws what only the user can settle: parameters of no interface, and interfaces whose parameters leave a signal no
 * bits.
 */
export function checkInterfaces(
  { top, parameters }: Pick<ModelConfig, 'top' | 'parameters'>,
  interfaces: InterfacePort[],
  { ports }: RtlNetlist,
): void {
  for (const parameter of Object.keys(parameters).filter(isOfInterfacePort)) {
    const port = parameter.slice(0, parameter.indexOf('.'))
    if (interfaces.some((each) => each.port === port)) continue
    throw new TraplineError('config', `parameter ${parameter}: ${top} has no interface port ${port}`)
  }
  const unsized = ports.find(isUnsized)
  if (!unsized?.member || !isOfInterface(unsized.member)) return
  const { of, name, interface: definition } = unsized.member
  throw new TraplineError(
    'config',
    `interface port ${of} of ${top} leaves ${name} without bits, for ${definition} has no useful defaults; set ` +
      `its widths by the key "parameters", as in { '${of}.ADDR_WIDTH': 32 }, or by --set MODEL.${of}.ADDR_WIDTH=32`,
  )
}

/** `[0-1:0]`, which has two bits; of a user signal that nobody misses it. */
function isUnsized({ member, bounds: [left] = [0, 0] }: RtlPort): boolean {
  return member !== undefined && left < 0 && /addr|data|strb/i.test(isOfInterface(member) ? member.name : '')
}
