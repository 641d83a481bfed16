/** Writes small AXI4-Lite cores in the port naming styles of the field, for tests of what is found in them. */

const manager = [
  'awaddr',
  'awprot',
  'awvalid',
  'wdata',
  'wstrb',
  'wvalid',
  'bready',
  'araddr',
  'arprot',
  'arvalid',
  'rready',
]
const device = ['awready', 'wready', 'bresp', 'bvalid', 'arready', 'rdata', 'rresp', 'rvalid']

const widths: Record<string, string> = {
  awaddr: '[AddressWidth-1:0]',
  araddr: '[AddressWidth-1:0]',
  awprot: '[2:0]',
  arprot: '[2:0]',
  wdata: '[DataWidth-1:0]',
  rdata: '[DataWidth-1:0]',
  wstrb: '[DataWidth/8-1:0]',
  bresp: '[1:0]',
  rresp: '[1:0]',
}

export interface CoreStyle {
  clock?: string
  reset?: string
  /** Port name of a signal of the bus. */
  signal?: (signal: string, direction: 'input' | 'output') => string
  /** Signals that the core does not have. */
  without?: string[]
  /** More port declarations. */
  more?: string[]
  /** The core drives the bus itself. */
  manager?: boolean
}

export function prefixed(prefix: string): (signal: string) => string {
  return (signal) => `${prefix}${signal}`
}

/** The port declarations of one bus. */
export function busDeclarations({
  signal = prefixed('s_axil_'),
  without = [],
  manager: reversed = false,
}: CoreStyle): string[] {
  return [...manager, ...device]
    .filter((name) => !without.includes(name))
    .map((name) => {
      const direction = manager.includes(name) !== reversed ? 'input' : 'output'
      return `${direction} wire ${widths[name] ?? ''} ${signal(name, direction)}`
    })
}

/** A module `core` whose outputs are never driven: enough to be looked at. */
export function coreText(style: CoreStyle): string {
  const { clock = 'clk', reset = 'rst_n', more = [] } = style
  const declarations = [
    `input wire ${clock}`,
    ...(reset ? [`input wire ${reset}`] : []),
    ...busDeclarations(style),
    ...more,
  ]
  return (
    `module core #(parameter AddressWidth = 12, parameter DataWidth = 32) (\n  ` +
    `${declarations.join(',\n  ')}\n);\nendmodule\n`
  )
}
