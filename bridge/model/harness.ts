/**
 * Writes the top module that Verilator builds: the RTL, and one bus functional model per port (hdl/bfm).
 * The text is for people too: it is kept beside the built model, and one opens it when in doubt.
 */
import type { ModelConfig } from '../config/schema.js'
import { type BusPort, signalWidth } from './bus-ports.js'
import type { ModelDescription } from './find-ports.js'
import { type AxiLiteSignal, axiLiteSignals } from './port-names.js'
import type { RtlPort } from './rtl-netlist.js'
import { toConstant, toIdentifier, toParameterValue } from './verilog-text.js'

export const harnessTop = 'trapline_top'

const signals = Object.keys(axiLiteSignals) as AxiLiteSignal[]

type HarnessKeys = Pick<ModelConfig, 'top' | 'parameters' | 'inputs'>

export function toHarness(config: HarnessKeys, description: ModelDescription): string {
  const connections = [
    `.${toIdentifier(description.clock)}(clk_i)`,
    ...(description.reset ? [resetConnection(description.reset)] : []),
    ...description.ports.flatMap(busConnections),
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

${[...description.ports.map(busWires), ...description.interrupts.map(interruptWire)].join('\n')}
  ${toIdentifier(config.top)} ${parameterList(config)}dut (
${connections.map((connection) => `    ${connection}`).join(',\n')}
  );

${[...description.ports.map(busModel), ...description.interrupts.map(interruptMonitor)].join('\n')}
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

function constantConnection({ name, shape, width, dimensions }: RtlPort, value: bigint): string {
  if (shape === 'other') return `.${toIdentifier(name)}()`
  const element = shape === 'struct' ? `'0` : toConstant(value, width)
  const constant = dimensions.reduce((inner) => `'{default: ${inner}}`, element)
  return `.${toIdentifier(name)}(${constant})`
}

function wire(index: number, signal: AxiLiteSignal): string {
  return `${signal}_${index}`
}

function busWires(port: BusPort, index: number): string {
  const lines = signals.map((signal) => {
    const width = signalWidth(port, signal)
    return `  logic ${width === 1 ? '' : `[${width - 1}:0] `}${wire(index, signal)};\n`
  })
  const absent = signals.filter((signal) => !axiLiteSignals[signal].driven && !port.signals[signal])
  const ties = absent.map((signal) => `  assign ${wire(index, signal)} = '0;  // the RTL has none\n`)
  return `  // ${port.name}: ${port.protocol}\n${lines.join('')}${ties.join('')}`
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

function busConnections(port: BusPort, index: number): string[] {
  return signals.flatMap((signal) => {
    const rtlPort = port.signals[signal]
    if (!rtlPort) return []
    const narrower = rtlPort.width < signalWidth(port, signal)
    return [`.${toIdentifier(rtlPort.name)}(${wire(index, signal)}${narrower ? `[${rtlPort.width - 1}:0]` : ''})`]
  })
}

function busModel(port: BusPort, index: number): string {
  const pins = signals.map(
    (signal) => `    .${signal}_${axiLiteSignals[signal].driven ? 'o' : 'i'}(${wire(index, signal)})`,
  )
  return `  axil_manager_bfm #(
    .Port(${index}),
    .AddrWidth(${port.addressWidth}),
    .DataWidth(${port.dataWidth})
  ) bfm_${index} (
    .clk_i,
    .rst_ni,
${pins.join(',\n')}
  );
`
}
