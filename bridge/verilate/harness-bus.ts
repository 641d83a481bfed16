/**
 * One bus of the generated top: its wires, how the RTL hangs on them, and the modules of hdl/bfm at their other end.
 */
import { lowBitOf } from '../rtl/address-count.js'
import {
  type BusPort,
  hasHalf,
  hasLanesToSpare,
  isAxi3,
  missingStrobe,
  signalWidth,
  titleOf,
  widthsOf,
} from '../rtl/bus-ports.js'
import type { SignalRule } from '../rtl/bus-rules.js'
import { protocols } from '../rtl/protocols.js'
import { toIdentifier } from './verilog-text.js'

function rulesOf(port: BusPort): [string, SignalRule][] {
  return Object.entries(protocols[port.protocol].signals)
}

/** `s_axil__awaddr`; the prefix as the RTL has it may hold characters that need escaping. */
export function wire(port: BusPort, signal: string): string {
  return toIdentifier(`${port.name}__${signal}`)
}

/** Whether the RTL drives this signal. */
function isFromRtl(port: BusPort, { driver }: SignalRule): boolean {
  return (driver === 'manager') === port.isManager
}

export function busWires(port: BusPort): string {
  const wires = rulesOf(port).map(([signal, rule]) => {
    const width = signalWidth(port, rule)
    return `  logic ${width === 1 ? '' : `[${width - 1}:0] `}${wire(port, signal)};\n`
  })
  const absent = rulesOf(port).filter(([signal, rule]) => isFromRtl(port, rule) && !port.signals[signal])
  const ties = absent.map(
    ([signal, rule]) => `  assign ${wire(port, signal)} = ${rule.absent(widthsOf(port))};  // the RTL has none\n`,
  )
  const narrower = rulesOf(port).flatMap(([signal, rule]) => {
    const rtl = port.signals[signal]
    if (!rtl || !isFromRtl(port, rule)) return []
    const low = lowBitOf(port, signal)
    const [above, width] = [low + rtl.width, signalWidth(port, rule)]
    const bits = [...(above < width ? [`${width - 1}:${above}`] : []), ...(low > 0 ? [`${low - 1}:0`] : [])]
    return bits.map((range) => `  assign ${wire(port, signal)}[${range}] = '0;\n`)
  })
  const heading = `  // ${port.name}: ${titleOf(port)}${port.isManager ? ', driven by the RTL' : ''}\n`
  return [heading, ...wires, ...ties, ...narrower].join('')
}

/** Its signals as waveforms have them. */
export function busSignals(port: BusPort): { name: string; width: number }[] {
  return rulesOf(port).map(([signal, rule]) => ({ name: `${port.name}__${signal}`, width: signalWidth(port, rule) }))
}

export function busConnections(port: BusPort): string[] {
  return rulesOf(port).flatMap(([signal, rule]) => {
    const rtlPort = port.signals[signal]
    if (!rtlPort || rtlPort.part) return []
    if (rule.role === 'select' && rtlPort.width > 1)
      return [`.${toIdentifier(rtlPort.name)}(${rtlPort.width}'(${wire(port, signal)}) << ${port.answers.select ?? 0})`]
    if (hasLanesToSpare(port, rule, rtlPort))
      return [`.${toIdentifier(rtlPort.name)}(${rtlPort.width}'(${wire(port, signal)}))`]
    const low = lowBitOf(port, signal)
    const narrower = rtlPort.width < signalWidth(port, rule)
    const bits = narrower ? `[${low + rtlPort.width - 1}:${low}]` : ''
    return [`.${toIdentifier(rtlPort.name)}(${wire(port, signal)}${bits})`]
  })
}

/** Clock and reset of a domain; with several of them each has its bit of the top's inputs. */
export function clockOf(domain: number, domains: number): string {
  return domains === 1 ? 'clk_i' : `clk_i[${domain}]`
}

export function resetOf(domain: number, domains: number): string {
  return domains === 1 ? 'rst_ni' : `rst_ni[${domain}]`
}

export function clockPins(domain: number, domains: number): string[] {
  if (domains === 1) return ['.clk_i', '.rst_ni']
  return [`.clk_i(${clockOf(domain, domains)})`, `.rst_ni(${resetOf(domain, domains)})`]
}

/** The BFM and the checker of a bus. `index` counts among the ports, or among the managers. */
export function busModules(port: BusPort, index: number, domains = 1): string {
  const { module, hasIds, bfmParameters } = protocols[port.protocol]
  const widths = [
    `.AddrWidth(${port.addressWidth})`,
    `.DataWidth(${port.dataWidth})`,
    ...(hasIds ? [`.IdWidth(${port.idWidth})`] : []),
    ...(bfmParameters?.(port.signals, port.answers) ?? []),
  ]
  const bfm = {
    module: `${module}_${port.isManager ? 'subordinate' : 'manager'}_bfm`,
    name: `${port.isManager ? 'manager' : 'port'}_${index}_bfm`,
    parameters: [
      port.isManager ? `.Manager(${index})` : `.Port(${index})`,
      ...widths,
      ...(port.isManager ? [] : driverLimits(port)),
    ],
    pins: rulesOf(port).map(([signal, rule]) => {
      const suffix = isFromRtl(port, rule) ? 'i' : 'o'
      return `.${signal}_${suffix}(${wire(port, signal)})`
    }),
  }
  const checker = {
    module: `${module}_checker`,
    name: `${port.isManager ? 'manager' : 'port'}_${index}_checker`,
    parameters: [`.Name("${port.name}")`, ...widths, ...(isAxi3(port) && port.signals.wid ? ['.WithWid(1)'] : [])],
    pins: rulesOf(port).map(([signal]) => `.${signal}_i(${wire(port, signal)})`),
  }
  const clock = clockPins(port.domain ?? 0, domains)
  const modules = [bfm, checker].map((instance) => toInstance({ ...instance, pins: [...clock, ...instance.pins] }))
  return [...modules, ...writeLimit(port, index)].join('\n')
}

/** Without strobes a write of less than a word would change bytes that the program doesn't write. */
function writeLimit(port: BusPort, index: number): string[] {
  const strobe = missingStrobe(port)
  if (port.isManager || !hasHalf(port, 'writes') || strobe === undefined || port.answers.narrowWrites === 'zeros')
    return []
  return [`  initial trapline_dpi_pkg::c_dpi_refuse_narrow_writes(${index}, "${strobe.toUpperCase()}");\n`]
}

/** What the RTL leaves out of its bus, and its driver must not ask for. */
function driverLimits(port: BusPort): string[] {
  const missing = (['reads', 'writes'] as const).filter((half) => !hasHalf(port, half))
  return [
    ...(protocols[port.protocol].driverParameters?.(port.signals) ?? []),
    ...(isAxi3(port) ? ['.MaxBeats(16)'] : []),
    ...missing.map((half) => (half === 'reads' ? '.HasReads(0)' : '.HasWrites(0)')),
  ]
}

interface Instance {
  module: string
  name: string
  parameters: string[]
  pins: string[]
}

function toInstance({ module, name, parameters, pins }: Instance): string {
  return `  ${module} #(
${parameters.map((parameter) => `    ${parameter}`).join(',\n')}
  ) ${name} (
${pins.map((pin) => `    ${pin}`).join(',\n')}
  );
`
}
