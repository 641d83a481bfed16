/** What to say of modules that no source has: all of them at once, and which are a vendor's primitives. */
import { joined } from '../ground/joined.js'

interface MissingModule {
  name: string
  /** `file:line` of the first place that needs it. */
  place: string
}

/** The missing modules in the order of the places that need them, each once. */
export function missingModules(output: string): MissingModule[] {
  const found = new Map<string, MissingModule>()
  const line = joined(
    [
      /^%Error(?:-\w+)?: (?:(.+?):(\d+):\d+: )?/,
      /(?:Cannot find file containing (?:module|interface)[^:]*|Can't resolve module reference): '?([^'\s]+)'?/,
    ],
    'gm',
  )
  for (const [, file = '', number = '', name = ''] of output.matchAll(line))
    if (!found.has(name)) found.set(name, { name, place: `${file}:${number}` })
  return [...found.values()]
}

/**
 * Names of FPGA and standard-cell primitives, by who defines them; as they are spelled, for other people have a fifo36.
 */
const vendors: { vendor: string; names: string[] }[] = [
  {
    vendor: 'AMD (Xilinx)',
    names: [
      '(I|O|IO)BUF(T|G|DS|GDS|TDS|E3|DSE3|_\\w+)*|BUF(G|H|IO|IO2|R|MR|PLL)(CE|CTRL|MUX|P|GP|_\\w+)*|BUFGMUX\\w*',
      '[IO]DDR(2|E1)?|[IO]SERDES(1|2|E[123])|[IO]DELAY(2|CTRL|E[1235])?|IODELAY\\w*|(IN|OUT)_FIFO',
      '[RT]XTX_BITSLICE|BITSLICE_CONTROL',
      'MMCM(E[2345])?(_BASE|_ADV)?|X?PLL|X5PLL|DPLL|PLL(E[234])?_(BASE|ADV)|DCM\\w*|FD[CPRS]?E?(_1)?|LD[CP]?E?',
      'LUT[1-6](_2|CY)?|CFGLUT5|CARRY[48]|MUXF[5-9]|MUXCY|XORCY|SRL(16E?|C16E?|C32E)',
      'RAM\\d+[XM]\\w*|RAMB(4|16|18|36)\\w*',
      'FIFO(16|18|36)(E[123])?(_\\w+)?|URAM288\\w*|DSP(48|58)\\w*|XADC|SYSMON(E[145])?|STARTUP\\w*|BSCAN\\w*|ICAP\\w*',
      'GT[HMPXY]+E\\d\\w*|DNA_PORT\\w*|PS[78]|EFUSE_USR|PULLUP|PULLDOWN|USR_ACCESS\\w*|FRAME_ECC\\w*|(xpm|XPM)_\\w+',
    ],
  },
  {
    vendor: 'Intel (Altera)',
    names: [
      'alt(syncram|dpram|pll|lvds|iobuf|clkctrl|ufm|shift_taps|accumulate|asmi|ddio|fp|mult|gx|remote)\\w*|altera_\\w+',
      'alt_(in|out|io|bidir)buf\\w*|alt_(xcvr|vip|jtag|sld)\\w*|lpm_\\w+|[ds]cfifo(_mixed_widths)?',
      '(cyclone|stratix|arria)\\w*_\\w+|(max(ii|v|iiz)|fiftyfivenm|twentynm|tennm)_\\w+',
    ],
  },
  {
    vendor: 'Lattice',
    names: [
      'SB_\\w+|EHXPLL\\w*|TRELLIS_\\w+|DCCA|DCSC|CLKDIVF|ECLKSYNCB|[IO]DDRX\\w+|OSC[AGHDI]|[HL]SOSC',
      'DP16K\\w+|PDPW?\\w*16K\\w*',
      'MULT18X18\\w*|DELAY[FG]|USRMCLK|PLL_B|JTAGG|DTR|[IO]LVDS|pmi_\\w+',
    ],
  },
  { vendor: 'Gowin', names: ['rPLL|PLLVR|PLLA|[TE]LVDS_\\w+|SDPX?9?B|DPX?9?B|pROM|DQCE|DHCEN|OSER\\d+|IDES\\d+'] },
  { vendor: 'Microchip', names: ['R?CLKINT\\w*|INBUF\\w*|OUTBUF\\w*|BIBUF\\w*|TRIBUFF\\w*|PF_\\w+|MSS_\\w+'] },
  { vendor: 'Efinix', names: ['EFX_\\w+'] },
  { vendor: 'a cell library', names: ['(sky130|gf180mcu|sg13g2)_\\w+'] },
]

export function vendorOf(module: string): string | undefined {
  return vendors.find(({ names }) => new RegExp(`^(${names.join('|')})$`).test(module))?.vendor
}

/** One sentence, and what to do. */
export function toMissingSentence(top: string, missing: MissingModule[]): string {
  const list = (modules: MissingModule[]) => modules.map(({ name, place }) => `${name} (${place})`).join(', ')
  const primitives = missing.filter(({ name }) => vendorOf(name))
  const others = missing.filter(({ name }) => !vendorOf(name))
  const parts = [
    others.length > 0 &&
      `no source of ${top} has the ${plural(others, 'module')} ${list(others)}; name the files among the ` +
        `sources (--rtl), or ` +
        'their folder in a file list by -y',
    primitives.length > 0 &&
      `${list(primitives)} ${primitives.length > 1 ? 'are primitives' : 'is a primitive'} of ` +
        `${vendorsOf(primitives)}, and no source has it; add one with a stub, a module of that name and with ` +
        `its ports, such as ` +
        '`module BUFG (input wire I, output wire O); assign O = I; endmodule`',
  ]
  return parts.filter((part) => part !== false).join('; and ')
}

function plural(things: unknown[], word: string): string {
  return things.length > 1 ? `${word}s` : word
}

function vendorsOf(primitives: MissingModule[]): string {
  return [...new Set(primitives.map(({ name }) => vendorOf(name)))].join(' and ')
}
