/**
 * One AXI4-Stream port of the generated top: its wires, how the RTL hangs on them, its BFM and its checker (hdl/bfm).
 */
import { hasKeep, type StreamPort, type StreamSignal, streamSignals, widthOf } from '../rtl/streams.js'
import { clockPins } from './harness-bus.js'
import { toIdentifier } from './verilog-text.js'

/** `s_axis__tdata` */
function wire({ name }: StreamPort, signal: StreamSignal): string {
  return toIdentifier(`${name}__${signal}`)
}

/** What stands for a signal that the transmitter in the RTL lacks (IHI 0051, 3.1); a TSTRB alone stands for both. */
function absent(stream: StreamPort, signal: StreamSignal): string {
  if (signal === 'tkeep') return stream.signals.tstrb ? wire(stream, 'tstrb') : `'1`
  if (signal === 'tstrb') return wire(stream, 'tkeep')
  return `'0`
}

export function streamWires(stream: StreamPort): string {
  const { name, isWritten, signals } = stream
  const wires = streamSignals.map((signal) => {
    const width = widthOf(stream, signal)
    return `  logic ${width === 1 ? '' : `[${width - 1}:0] `}${wire(stream, signal)};\n`
  })
  const fromRtl = streamSignals.filter((signal) => isWritten === (signal === 'tready'))
  const ties = fromRtl
    .filter((signal) => !signals[signal])
    .map((signal) => {
      const value = signal === 'tready' ? `1'b1` : absent(stream, signal)
      return `  assign ${wire(stream, signal)} = ${value};  // the RTL has none\n`
    })
  return [`  // ${name}: AXI4-Stream, ${isWritten ? 'written' : 'read'} by hosts\n`, ...wires, ...ties].join('')
}

export function streamConnections(stream: StreamPort): string[] {
  return streamSignals.flatMap((signal) => {
    const port = stream.signals[signal]
    return port ? [`.${toIdentifier(port.name)}(${wire(stream, signal)})`] : []
  })
}

/** `index` counts among the streams. */
export function streamModules(stream: StreamPort, index: number, domains: number): string {
  const { name, isWritten, dataWidth, signals } = stream
  const clock = clockPins(stream.domain ?? 0, domains)
  const flag = (has: boolean) => (has ? 1 : 0)
  const sidebands = (['tid', 'tdest', 'tuser'] as const).map((signal) => {
    const parameter = { tid: 'IdWidth', tdest: 'DestWidth', tuser: 'UserWidth' }[signal]
    return `.${parameter}(${widthOf(stream, signal)})`
  })
  const flags = [`.HasKeep(${flag(hasKeep(stream))})`, `.HasLast(${flag(signals.tlast !== undefined)})`]
  const beat = (suffix: 'i' | 'o', but: StreamSignal[] = []) =>
    streamSignals
      .filter((signal) => !but.includes(signal))
      .map((signal) => {
        const own = signal === 'tready' ? (suffix === 'i' ? 'o' : 'i') : suffix
        return `.${signal}_${own}(${wire(stream, signal)})`
      })
  const bfm = isWritten
    ? toInstance('axis_transmitter_bfm', `stream_${index}_bfm`, {
        parameters: [`.Stream(${index})`, `.DataWidth(${dataWidth})`, ...sidebands, ...flags],
        pins: [...clock, ...beat('o')],
      })
    : toInstance('axis_receiver_bfm', `stream_${index}_bfm`, {
        parameters: [
          `.Name("${name}")`,
          `.Stream(${index})`,
          `.DataWidth(${dataWidth})`,
          ...sidebands.slice(0, 2),
          `.HasReady(${flag(signals.tready !== undefined)})`,
          ...flags,
        ],
        pins: [...clock, ...beat('i', ['tuser'])],
      })
  const checker = toInstance('axis_checker', `stream_${index}_checker`, {
    parameters: [`.Name("${name}")`, `.DataWidth(${dataWidth})`, ...sidebands],
    pins: [...clock, ...streamSignals.map((signal) => `.${signal}_i(${checkedWire(stream, signal)})`)],
  })
  return [bfm, checker].join('\n')
}

/** A receiver in the RTL without TREADY takes every beat; a transmitter without it waits for none. */
function checkedWire(stream: StreamPort, signal: StreamSignal): string {
  return signal === 'tready' && !stream.signals.tready ? `1'b1` : wire(stream, signal)
}

function toInstance(
  module: string,
  name: string,
  { parameters, pins }: { parameters: string[]; pins: string[] },
): string {
  return `  ${module} #(
${parameters.map((parameter) => `    ${parameter}`).join(',\n')}
  ) ${name} (
${pins.map((pin) => `    ${pin}`).join(',\n')}
  );
`
}
