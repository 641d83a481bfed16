/** What simulators print at their end, as they print it. */
import { expect, it } from 'vitest'
import { SimulatorWords } from '../../../bridge/model/simulator-words.js'

function read(...lines: string[]): SimulatorWords {
  const words = new SimulatorWords()
  for (const line of lines) words.take(line)
  return words
}

const [file, line] = ['rtl/core.sv', 12]

it.each([
  ['Icarus Verilog 12', 'rtl/core.sv:12: $finish called at 200 (1ps)', { kind: 'finish', file, line }],
  ['Icarus Verilog 12', 'rtl/core.sv:12: $stop called at 200 (1ps)', { kind: 'stop', file, line }],
  ['Icarus Verilog 11', '** VVP Stop(0) **', { kind: 'stop', file: '', line: 0 }],
  ['Icarus Verilog', 'FATAL: rtl/core.sv:12: boom   3', { kind: 'fatal', file, line, message: 'boom   3' }],
  ['Verilator', '- rtl/core.sv:12: Verilog $finish', { kind: 'finish', file, line }],
  ['Verilator', '%Error: rtl/core.sv:12: Verilog $stop', { kind: 'stop', file, line }],
  ['Verilator', '[200] %Fatal: rtl/core.sv:12: Assertion failed', { kind: 'fatal', file, line }],
  ['GHDL', 'rtl/core.sv:12:7:@200ns:(assertion failure): boom', { kind: 'assertion', file, line, message: 'boom' }],
  ['Questa', '# ** Note: $finish    : rtl/core.sv(12)', { kind: 'finish', file, line }],
  ['VCS', '$finish called from file "rtl/core.sv", line 12.', { kind: 'finish', file, line }],
])('%s: %s', (_simulator, text, end) => {
  expect(read('some line', text, 'rtl/other.sv:1: $finish called at 900 (1ps)').rtlEnd).toMatchObject(end)
})

it('of tracebacks the last exception counts, with its innermost place', () => {
  const { pythonFault } = read(
    'Traceback (most recent call last):',
    '  File "/a/first.py", line 3, in f',
    "KeyError: 'x'",
    'During handling of the above exception, another exception occurred:',
    'Traceback (most recent call last):',
    '  File "/a/outer.py", line 8, in g',
    '  File "/a/inner.py", line 9, in h',
    '    raise ValueError(1)',
    'ValueError: 1',
  )
  expect(pythonFault).toEqual({ words: 'ValueError: 1', file: '/a/inner.py', line: 9 })
  expect(read('KeyError: no traceback').pythonFault).toBeUndefined()
})

it('an exception may have any name, and stands where its traceback began', () => {
  const { pythonFault } = read(
    '    Traceback (most recent call last):',
    '      File "/a/bench.py", line 3, in f',
    '        raise Mismatch',
    '    bench.Mismatch: 1 != 2',
    '    Broken: no traceback any more',
  )
  expect(pythonFault).toEqual({ words: 'bench.Mismatch: 1 != 2', file: '/a/bench.py', line: 3 })
})

it('whoever wrote the test bench is told its line, not one of the library that it called', () => {
  const site = '/a/.venv/lib/python3.11/site-packages/cocotb/handle.py'
  const { pythonFault } = read(
    'Traceback (most recent call last):',
    '  File "/a/tests/bench.py", line 12, in bench',
    '    dut.irqq.value = 1',
    `  File "${site}", line 461, in __getattr__`,
    'AttributeError: top contains no child object named irqq',
  )
  expect(pythonFault).toMatchObject({ file: '/a/tests/bench.py', line: 12 })
  const library = ['Traceback (most recent call last):', `  File "${site}", line 461, in f`, 'ValueError: 1']
  expect(read(...library).pythonFault).toMatchObject({ file: site, line: 461 })
})
