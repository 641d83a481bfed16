/**
 * Writes the top module that Verilator builds: the RTL, one bus functional model and one checker per bus, one monitor
 * per interrupt (hdl/bfm).
 * The text is for people too: it is kept beside the built model, and one opens it when in doubt.
 */
import type { ModelConfig } from '../config/schema.js'
import type { ResetPort } from '../rtl/clock-domains.js'
import type { ModelDescription } from '../rtl/find-ports.js'
import { busConnections, busModules, busWires, clockOf, clockPins, resetOf } from './harness-bus.js'
import {
  connectMembers,
  type InterfacePort,
  interfaceInstance,
  holderOf,
  isOfInterfacePort,
} from './harness-members.js'
import { streamConnections, streamModules, streamWires } from './harness-streams.js'
import { partConnections, partVariables } from './harness-parts.js'
import { softwarePort, softwareWires } from './harness-software.js'
import { memoryAccess } from './harness-memories.js'
import type { RtlPort } from '../rtl/rtl-netlist.js'
import { toConstant, toIdentifier, toParameterValue } from './verilog-text.js'

export const harnessTop = 'trapline_top'

type HarnessKeys = Pick<ModelConfig, 'top' | 'parameters' | 'inputs'>

/** What a top may have besides. */
export interface HarnessExtras {
  /** Memories behind a backdoor. */
  memories?: string[]
  /** It can write waveforms, which show what software is at. */
  traces?: boolean
}

export function toHarness(
  config: HarnessKeys,
  description: ModelDescription,
  { memories = [], traces = false }: HarnessExtras = {},
): string {
  const buses = [...description.ports, ...description.managers]
  const { domains } = description
  const count = domains.length
  const connections = [
    ...domains.flatMap(({ clocks }, i) => clocks.map((port) => `.${toIdentifier(port)}(${clockOf(i, count)})`)),
    ...domains.flatMap(({ resets }, i) => resets.map((reset) => resetConnection(reset, resetOf(i, count)))),
    ...buses.flatMap(busConnections),
    ...description.streams.flatMap(streamConnections),
    ...description.interrupts.flatMap((port, index) =>
      port.part ? [] : [`.${toIdentifier(port.name)}(irq_${index})`],
    ),
    ...partConnections(description),
    ...description.otherInputs.map((port) => constantConnection(port, config.inputs[port.name] ?? 0n)),
    ...description.otherOutputs.map((port) => `.${toIdentifier(port.name)}()`),
  ]
  const parts = [
    ...[description.ports, description.managers].flatMap((some) => some.map((bus, i) => busModules(bus, i, count))),
    ...description.streams.map((stream, i) => streamModules(stream, i, count)),
    ...description.interrupts.map((_line, i) => interruptMonitor(i, count)),
    memoryAccess(memories),
  ]
  const wires = [
    ...[...buses.map(busWires), ...description.streams.map(streamWires), ...description.interrupts.map(interruptWire)],
    ...[partVariables(description), ...description.otherInputs.flatMap(zeroVariable)],
    ...(traces ? softwareWires(description.ports) : []),
  ]
  const members = connectMembers(connections, description.members, config.parameters)
  return `// Written by Trapline: ${config.top} and what drives it. Do not edit; it is written anew for every build.
\`default_nettype wire

module ${harnessTop} (
${topPorts(description.domains)}${traces ? softwarePort(description.ports) : ''}
);

${wires.join('\n')}
${members.declarations}${members.assignments}  ${toIdentifier(config.top)} ${parameterList(config)}dut (
${members.connections.map((connection) => `    ${connection}`).join(',\n')}
  );

${parts.join('\n')}
endmodule
`
}

/** The RTL with nothing connected but its interfaces: what Verilator is asked about ports and widths. */
export function toProbe(config: HarnessKeys, interfaces: InterfacePort[] = []): string {
  const pins = interfaces.map(({ port }) => `.${toIdentifier(port)}(${holderOf(port)})`)
  const instances = interfaces.map((port) => interfaceInstance(port, config.parameters))
  const core = `${toIdentifier(config.top)} ${parameterList(config)}`
  return `\`default_nettype wire
module ${harnessTop};
${instances.join('')}  ${core}dut (${pins.join(', ')});
endmodule
`
}

function parameterList({ parameters }: HarnessKeys): string {
  const entries = Object.entries(parameters)
    .filter(([name]) => !isOfInterfacePort(name))
    .map(([name, value]) => `    .${toIdentifier(name)}(${toParameterValue(value)})`)
  return entries.length > 0 ? `#(\n${entries.join(',\n')}\n  ) ` : ''
}

function resetConnection({ port, active }: ResetPort, reset: string): string {
  return `.${toIdentifier(port)}(${active === 'low' ? reset : `~${reset}`})`
}

/**
 * The ports of the top. Several clocks have one bit each, as hdl/sim/model.h has them; the bit above rises with any of
 * them.
 */
function topPorts(domains: ModelDescription['domains']): string {
  const count = domains.length
  if (count === 1) return '  input logic clk_i,\n  input logic rst_ni'
  const names = domains.map(({ clocks }, i) => `${i}: ${clocks[0]}`).join(', ')
  return `  // ${names}; ${count} rises with any of them
  input logic [${count}:0] clk_i,
  input logic [${count - 1}:0] rst_ni`
}

function constantConnection(port: RtlPort, value: bigint): string {
  return `.${toIdentifier(port.name)}(${constantOf(port, value)})`
}

function constantOf({ name, shape, width, dimensions, zero }: RtlPort, value: bigint): string {
  if (shape === 'other') return ''
  if (zero && zero !== 'pattern') return zeroName(name)
  const ofStruct = zero ? `'{default: '0}` : `'0`
  return dimensions.reduce((inner) => `'{default: ${inner}}`, width === 0 ? ofStruct : toConstant(value, width))
}

function zeroName(port: string): string {
  return toIdentifier(`zero__${port}`)
}

/** A variable for an input that no constant can be written for. */
function zeroVariable({ name, dimensions, zero }: RtlPort): string[] {
  if (!zero || zero === 'pattern') return []
  const variable = zeroName(name)
  const elements = dimensions.reduceRight(
    (inner: string[], count) => Array.from({ length: count }, (_, i) => inner.map((index) => `[${i}]${index}`)).flat(),
    [''],
  )
  const toPlace = (index: string, path: string[]) => [`${variable}${index}`, ...path.map(toIdentifier)].join('.')
  const places = elements.flatMap((index) => zero.members.map((path) => toPlace(index, path)))
  const declaration = [variable, ...dimensions.map((count) => `[${count}]`)].join(' ')
  return [
    `  ${zero.type} ${declaration};
  // verilator lint_off ENUMVALUE
  initial begin
${places.map((place) => `    ${place} = '0;`).join('\n')}
  end
  // verilator lint_on ENUMVALUE
`,
  ]
}

function interruptWire(port: RtlPort, index: number): string {
  return `  // interrupt ${port.name}\n  logic irq_${index};\n`
}

/** At the edges of all clocks: a line that is high for one cycle of the fastest is seen, too. */
function interruptMonitor(index: number, domains: number): string {
  const pins = domains === 1 ? clockPins(0, 1) : [`.clk_i(${clockOf(domains, domains)})`, '.rst_ni(&rst_ni)']
  return `  irq_monitor #(
    .Line(${index})
  ) irq_monitor_${index} (
${pins.map((pin) => `    ${pin},`).join('\n')}
    .irq_i(irq_${index})
  );
`
}
