/**
 * Ports of the RTL of which only bits or elements are connected, or that are wired to one another: a variable of the
 * port's own shape each, and what its parts are joined to.
 */
import { lowBitOf } from '../rtl/address-count.js'
import { type BusPort, signalWidth } from '../rtl/bus-ports.js'
import type { ModelDescription } from '../rtl/find-ports.js'
import { unusedParts, wholeOf } from '../rtl/port-parts.js'
import { protocols } from '../rtl/protocols.js'
import type { RtlPort } from '../rtl/rtl-netlist.js'
import { wire } from './harness-bus.js'
import { toIdentifier } from './verilog-text.js'

/** A part, and the net that drives it or that it drives; undefined for a part that nothing is joined to. */
interface Joint {
  part: RtlPort
  net?: string
}

type Joined = Pick<ModelDescription, 'ports' | 'managers' | 'interrupts' | 'loopbacks'>

/** How the RTL hangs on the variables. */
export function partConnections(description: Joined): string[] {
  return wholesOf(jointsOf(description)).map((port) => `.${toIdentifier(port.name)}(${variable(port)})`)
}

export function partVariables(description: Joined): string {
  const joints = jointsOf(description)
  return wholesOf(joints)
    .map((port) =>
      toVariable(
        port,
        joints.filter(({ part }) => wholeOf(part) === port),
      ),
    )
    .join('')
}

function jointsOf({ ports, managers, interrupts, loopbacks }: Joined): Joint[] {
  return [
    ...[...ports, ...managers].flatMap(jointsOfBus),
    ...interrupts.map((part, index) => ({ part, net: `irq_${index}` })),
    ...loopbacks.flatMap(({ input, output }) => [{ part: input, net: place(output) }, { part: output }]),
  ].filter(({ part }) => part.part !== undefined)
}

function jointsOfBus(bus: BusPort): Joint[] {
  return Object.entries(protocols[bus.protocol].signals).flatMap(([signal, rule]) => {
    const part = bus.signals[signal]
    if (!part) return []
    const low = lowBitOf(bus, signal)
    const range = part.width < signalWidth(bus, rule) ? `[${low + part.width - 1}:${low}]` : ''
    return [{ part, net: `${wire(bus, signal)}${range}` }]
  })
}

function wholesOf(joints: Joint[]): RtlPort[] {
  return [...new Set(joints.map(({ part }) => wholeOf(part)))]
}

function toVariable(port: RtlPort, joints: Joint[]): string {
  const { name, shape, width, direction, outer } = port
  const packed = width === 1 ? '' : `[${width - 1}:0] `
  const unpacked = shape === 'array' ? ` [${(outer ?? []).join(':')}]` : ''
  const isInput = direction === 'input'
  const assigns = joints.flatMap(({ part, net }) =>
    net === undefined ? [] : [isInput ? `${place(part)} = ${net}` : `${net} = ${place(part)}`],
  )
  const idle = isInput
    ? unusedParts(
        port,
        joints.map(({ part }) => part),
      ).map((rest) => `${place(rest)} = '0`)
    : []
  const heading = `  // ${name}, of which not all is joined to the same\n`
  const lines = [...assigns, ...idle].map((assign) => `  assign ${assign};\n`)
  return `${heading}  logic ${packed}${variable(port)}${unpacked};\n${lines.join('')}`
}

function variable({ name }: RtlPort): string {
  return toIdentifier(`part__${name}`)
}

function place(part: RtlPort): string {
  return `${variable(wholeOf(part))}${part.part?.select ?? ''}`
}
