/**
 * What software is at on each bus, for waveforms: a vector that the model fills (hdl/sim/software.h has its parts), and
 * signals with names beside those of the bus. Texts are ASCII, as waveform viewers can show them.
 */
import type { BusPort } from '../rtl/bus-ports.js'
import { wire } from './harness-bus.js'

/** Signals of a bus and their bits, the lowest first, as `hdl/sim/software.h` has them. */
const parts = { function: 512, program: 256, place: 256, number: 64 }
const bits = Object.values(parts).reduce((sum, width) => sum + width, 0)

/** Signals that a bus has in waveforms besides its own. */
export const softwareSignals = Object.entries(parts).map(([name, width]) => ({
  ...{ name: `software_${name}`, width },
  isText: name !== 'number',
}))

/** Whether a signal of the top is what software is at; the page says that by itself. */
export function isOfSoftware(name: string): boolean {
  return /(^|__)software_(i$|function$|program$|place$|number$)/.test(name)
}

/** A port of the top; there is one also where the RTL has no bus. */
export function softwarePort(ports: BusPort[]): string {
  const count = Math.max(ports.length, 1)
  const comment = '// what software is at on each bus, for the waveform'
  return `,\n  ${comment}\n  input logic [${count - 1}:0][${bits - 1}:0] software_i`
}

export function softwareWires(ports: BusPort[]): string[] {
  return ports.map((port, index) => {
    let low = 0
    const lines = Object.entries(parts).map(([name, width]) => {
      const range = `[${(low += width) - 1}:${low - width}]`
      return `  wire [${width - 1}:0] ${wire(port, `software_${name}`)} = software_i[${index}]${range};\n`
    })
    return lines.join('')
  })
}
