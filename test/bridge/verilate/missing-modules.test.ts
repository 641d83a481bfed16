// What is said of modules that no source has.
import { describe, expect, it, test } from 'vitest'
import { missingModules, toMissingSentence, vendorOf } from '../../../bridge/verilate/missing-modules.js'
import { joined } from '../../support/patterns.js'

describe('primitives', () => {
  const names = {
    'AMD (Xilinx)':
      'BUFG BUFGCE BUFGCE_DIV BUFGCTRL BUFGMUX_CTRL BUFH BUFIO BUFR BUFG_GT IBUF IBUFDS IBUFG IBUFDS_GTE4 OBUF ' +
      'OBUFT OBUFDS IOBUF IOBUFDS ODDR ODDRE1 ODDR2 IDDR IDDRE1 ISERDESE2 OSERDESE3 IDELAYE2 IDELAYCTRL ' +
      'ODELAYE3 MMCME2_ADV MMCME4_BASE MMCM_BASE PLLE2_ADV PLLE4_BASE PLL_BASE DCM_SP FDRE FDCE FDPE FDSE LUT6 ' +
      'LUT6_2 CARRY4 CARRY8 SRL16E SRLC32E RAM32M RAM64X1D RAMB36E1 RAMB18E2 FIFO36E2 DSP48E1 DSP58 XADC ' +
      'SYSMONE4 STARTUPE2 BSCANE2 ICAPE3 GTHE4_CHANNEL URAM288 PS7 PS8 xpm_cdc_single xpm_fifo_async XPM_MEMORY_SDPRAM',
    'Intel (Altera)':
      'altsyncram altpll altddio_out altddio_in altclkctrl altera_pll altera_std_synchronizer altiobuf_bidir ' +
      'alt_inbuf lpm_mult dcfifo scfifo dcfifo_mixed_widths cyclonev_lcell_comb stratixiv_io_obuf twentynm_hssi ' +
      'fiftyfivenm_ff tennm_ram_block',
    Lattice:
      'SB_PLL40_CORE SB_IO SB_RAM40_4K SB_HFOSC EHXPLLL TRELLIS_FF DCCA ODDRX1F OSCG DP16KD MULT18X18D USRMCLK ' +
      'pmi_ram_dp',
    Gowin: 'rPLL TLVDS_OBUF SDPB pROM OSER10',
    Microchip: 'CLKINT PF_CCC OUTBUF_DIFF',
    Efinix: 'EFX_LUT4',
    'a cell library': 'sky130_fd_sc_hd__inv_1',
  }
  test.each(Object.entries(names))('of %s', (vendor, list) => {
    for (const name of list.split(' ')) expect(vendorOf(name), name).toBe(vendor)
  })

  it('are no modules of other people', () => {
    const own =
      'fifo36 ibuffer bufgen max_finder alt_path ram32_dp lut4_init pll_wrapper my_BUFG iddr_capture sb_router top'
    for (const name of own.split(' ')) expect(vendorOf(name), name).toBeUndefined()
  })
})

/** As Verilator 5.006 has it, and 5.048. */
const outputs = [
  `%Error: rtl/m.v:2:2: Cannot find file containing module: 'ODDR'
%Error: rtl/m.v:2:2: This may be because there's no search path specified with -I<dir>.
%Error: rtl/m.v:3:18: Cannot find file containing module: 'shifter'
%Error: rtl/n.v:9:2: Cannot find file containing module: 'shifter'
%Error: rtl/n.v:10:2: Cannot find file containing module: 'counter'
`,
  `%Error-MODMISSING: rtl/m.v:2:2: Cannot find file containing module: 'ODDR'
                   ... For error description see https://verilator.org/warn/MODMISSING?v=0.000
%Error-MODMISSING: rtl/m.v:3:18: Cannot find file containing module: 'shifter'
%Error-MODMISSING: rtl/n.v:9:2: Cannot find file containing module: 'shifter'
%Error-MODMISSING: rtl/n.v:10:2: Cannot find file containing module: 'counter'
`,
  // A file of that name was found, and has other modules.
  `%Error: rtl/m.v:2:2: Cannot find file containing module: 'ODDR'
%Error: rtl/m.v:3:18: Can't resolve module reference: 'shifter'
%Error: rtl/n.v:10:2: Cannot find file containing module: 'counter'
`,
]

test.each(outputs)('all are named in one sentence', (output) => {
  expect(toMissingSentence('m', missingModules(output))).toMatch(
    joined(
      /^no source of m has the modules shifter \(rtl\/m\.v:3\), counter \(rtl\/n\.v:10\); name the files .*; and /,
      /ODDR \(rtl\/m\.v:2\) is a primitive of AMD \(Xilinx\), .*add one with a stub, a module of that name/,
    ),
  )
})
