/** Port lists as Verilator tells them, out of declarations that are easy to read; and what is found in them. */
import { findPorts, type ModelDescription } from '../../../bridge/rtl/find-ports.js'
import type { PortDirection, RtlPort } from '../../../bridge/rtl/rtl-netlist.js'
import { type ModelInput, toModel } from '../verilate/to-model.js'

/** `in clk`, `out irq[3:0]`. */
export function toPort(text: string): RtlPort {
  const [, direction, name = '', bounds] = /^(in|out)put (\S+?)(?:\[(\d+:\d+)\])?$/.exec(text) ?? []
  const [left = 0, right = 0] = (bounds ?? '').split(':').map(Number)
  const width = Math.abs(left - right) + 1
  const shape = {
    shape: 'vector' as const,
    width,
    dimensions: [],
    ...(bounds && { bounds: [left, right] as [number, number] }),
  }
  return { name, direction: `${direction ?? ''}put` as PortDirection, ...shape }
}

export function find(ports: string[], model: ModelInput = {}): ModelDescription {
  return findPorts(toModel(model), ports.map(toPort))
}

export type Naming = (signal: string, direction: 'in' | 'out') => string

/** Bits, or bounds as they are declared. */
type Widths = Record<string, number | string>

function declare(name: Naming, inputs: Widths, outputs: Widths): string[] {
  const toText =
    (direction: 'in' | 'out') =>
    ([signal, bits]: [string, number | string]) => {
      const range = bits === 1 ? '' : typeof bits === 'string' ? bits : `[${bits - 1}:0]`
      return `${direction}put ${name(signal, direction)}${range}`
    }
  return [...Object.entries(inputs).map(toText('in')), ...Object.entries(outputs).map(toText('out'))]
}

/** What an AXI4-Lite subordinate must have. */
export const axiLite = (name: Naming): string[] =>
  declare(
    name,
    { awaddr: 12, awvalid: 1, wdata: 32, wstrb: 4, wvalid: 1, bready: 1, araddr: 12, arvalid: 1, rready: 1 },
    { awready: 1, wready: 1, bresp: 2, bvalid: 1, arready: 1, rdata: 32, rresp: 2, rvalid: 1 },
  )

export const apb = (name: Naming): string[] =>
  declare(
    name,
    { paddr: 12, psel: 1, penable: 1, pwrite: 1, pwdata: 32, pstrb: 4 },
    { pready: 1, prdata: 32, pslverr: 1 },
  )

export const wishbone = (name: Naming): string[] =>
  declare(name, { cyc: 1, stb: 1, we: 1, adr: '[11:2]', wdata: 32, sel: 4 }, { rdata: 32, ack: 1, err: 1 })
