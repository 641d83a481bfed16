import { expect, it } from 'vitest'
import { toBuildSentence } from '../../../bridge/cocotb/build-words.js'
import type { SimulatorName } from '../../../bridge/cocotb/simulators.js'

/** What they print, word for word but for paths: Icarus 11, GHDL 2.0, Verilator 5.048, g++ 12. */
it.each<[SimulatorName, string, string]>([
  ['icarus', 'rtl/a.sv:3: syntax error\nI give up.\n', 'Icarus Verilog refuses dut at rtl/a.sv:3: syntax error'],
  [
    'icarus',
    'rtl/a.sv:7: error: Unknown module type: fifo\n2 error(s) during elaboration.\n',
    'Icarus Verilog refuses dut at rtl/a.sv:7: Unknown module type: fifo',
  ],
  [
    'ghdl',
    'rtl/a.vhd:2:53: no declaration for "nosuch"\nsignal s <= nosuch;\n            ^\n',
    'GHDL refuses dut at rtl/a.vhd:2: no declaration for "nosuch"',
  ],
  [
    'ghdl',
    '/usr/bin/ghdl-mcode: cannot find entity or configuration dut\n',
    'GHDL refuses dut: cannot find entity or configuration dut',
  ],
  [
    'verilator',
    "%Error: rtl/a.sv:4:7: Can't find definition of variable: 'x'\n",
    "Verilator refuses dut at rtl/a.sv:4: Can't find definition of variable: 'x'",
  ],
  [
    'verilator',
    'In file included from dpi/a.cpp:31:\ndpi/b.h:18:10: fatal error: c.h: No such file or directory\n',
    'Verilator refuses dut at dpi/b.h:18: c.h: No such file or directory',
  ],
  ['ghdl', 'Killed\n', 'GHDL could not compile dut'],
])('%s: %j', (simulator, output, sentence) => {
  expect(toBuildSentence({ simulator, top: 'dut' }, output)).toBe(sentence)
})
