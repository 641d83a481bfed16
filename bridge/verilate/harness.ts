/**
 * Writes the top module that Verilator builds: the RTL, one bus functional model and one checker per bus, one monitor
 * per interrupt (hdl/bfm).
 * The text is for people too: it is kept beside the built model, and one opens it when in doubt.
 */
import type { ModelConfig } from '../config/schema.js'
import type { ModelDescription } from '../rtl/find-ports.js'
import { busConnections, busModules, busWires } from './harness-bus.js'
import { streamConnections, streamModules, streamWires } from './harness-streams.js'
import { memoryAccess } from './harness-memories.js'
import type { RtlPort } from '../rtl/rtl-netlist.js'
import { toConstant, toIdentifier, toParameterValue } from './verilog-text.js'

export const harnessTop = 'trapline_top'

type HarnessKeys = Pick<ModelConfig, 'top' | 'parameters' | 'inputs'>

export function toHarness(config: HarnessKeys, description: ModelDescription, memories: string[] = []): string {
  const buses = [...description.ports, ...description.managers]
  const connections = [
    ...[description.clock, ...description.otherClocks].map((port) => `.${toIdentifier(port)}(clk_i)`),
    ...[...(description.reset ? [description.reset] : []), ...description.otherResets].map(resetConnection),
    ...buses.flatMap(busConnections),
    ...description.streams.flatMap(streamConnections),
    ...description.interrupts.map((port, index) => `.${toIdentifier(port.name)}(irq_${index})`),
    ...description.otherInputs.map((port) => constantConnection(port, config.inputs[port.name] ?? 0n)),
    ...description.otherOutputs.map((port) => `.${toIdentifier(port.name)}()`),
  ]
  return `// Written by Trapline: ${config.top} and what drives it. Do not edit; it is written anew for every build.
\`default_nettype wire

module ${harnessTop} (
  input logic clk_i,
  input logic rst_ni
);

${[...buses.map(busWires), ...description.streams.map(streamWires), ...description.interrupts.map(interruptWire), ...description.otherInputs.flatMap(zeroVariable)].join('\n')}
  ${toIdentifier(config.top)} ${parameterList(config)}dut (
${connections.map((connection) => `    ${connection}`).join(',\n')}
  );

${[...description.ports.map(busModules), ...description.managers.map(busModules), ...description.streams.map(streamModules), ...description.interrupts.map(interruptMonitor), memoryAccess(memories)].join('\n')}
endmodule
`
}

/** The RTL with nothing connected: what Verilator is asked about ports and widths. */
export function toProbe(config: HarnessKeys): string {
  return `\`default_nettype wire
module ${harnessTop};
  ${toIdentifier(config.top)} ${parameterList(config)}dut ();
endmodule
`
}

function parameterList({ parameters }: HarnessKeys): string {
  const entries = Object.entries(parameters).map(
    ([name, value]) => `    .${toIdentifier(name)}(${toParameterValue(value)})`,
  )
  return entries.length > 0 ? `#(\n${entries.join(',\n')}\n  ) ` : ''
}

function resetConnection({ port, active }: NonNullable<ModelDescription['reset']>): string {
  return `.${toIdentifier(port)}(${active === 'low' ? 'rst_ni' : '~rst_ni'})`
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

function interruptMonitor(_port: RtlPort, index: number): string {
  return `  irq_monitor #(
    .Line(${index})
  ) irq_monitor_${index} (
    .clk_i,
    .rst_ni,
    .irq_i(irq_${index})
  );
`
}
