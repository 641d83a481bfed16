/** The RTL that we bring keeps to the lowRISC style guide; and what keeps it there sees each breach. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from '../support/places.js'
import { breachesOf } from '../support/system-verilog.js'

const files = readdirSync(join(root, 'hdl'), { recursive: true, encoding: 'utf8' })
  // RTL of the Python package's tests is in the styles of its users.
  .filter((file) => file.endsWith('.sv') && !file.startsWith('cocotb/'))
  .map((file) => join('hdl', file))

it('hdl/ keeps to the lowRISC style guide', () => {
  expect(files.length).toBeGreaterThan(30)
  const found = files.flatMap((file) =>
    breachesOf(basename(file, '.sv'), readFileSync(join(root, file), 'utf8')).map(
      ({ line, rule }) => `${file}:${line}: ${rule}`,
    ),
  )
  expect(found).toEqual([])
})

const good = `// A module; wire and always are words here, "reg" too.
module part #(
  parameter int unsigned Width = 8,
  localparam int unsigned HALF_WIDTH = Width / 2
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic [Width-1:0] s_axil_wdata,
  output logic [Width-1:0] sum_o
);
  typedef enum logic [1:0] {Idle, Busy} state_e;
  typedef struct packed {
    logic [3:0] kind;
  } word_t;

  state_e state_q;

  for (genvar i = 0; i < 2; i++) begin : gen_half
    assign sum_o[i] = s_axil_wdata[i];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= Idle;
    end else begin
      $display("always reg %0d",
               state_q);
    end
  end
endmodule
`

it('what is in order has no breach', () => {
  expect(breachesOf('part', good)).toEqual([])
})

it.each([
  ['  state_e state_q;', '\tstate_e state_q;', 'a tabulator'],
  ['  state_e state_q;', '  state_e state_q; ', 'blanks at the end'],
  ['  state_e state_q;', '   state_e state_q;', 'indented by an odd number of blanks'],
  ['    end else begin', '    end\n    else begin', 'else is not on the line of its end'],
  ['if (!rst_ni) begin', 'if (!rst_ni)begin', 'no blank before begin'],
  ['endmodule', 'endmodule\nmodule other;\nendmodule', 'a second module in one file'],
  ['module part', 'module parts', 'the file is not named as its module, parts'],
  ['rst_ni,', 'rst_n,', 'input rst_n does not end in _i'],
  ['sum_o\n', 'sum\n', 'output sum does not end in _o'],
  ['s_axil_wdata,', 'wdata,', 'input wdata does not end in _i'],
  ['unsigned Width = 8', 'unsigned width = 8', 'parameter width is not UpperCamelCase'],
  ['{Idle, Busy}', '{Idle, busy}', 'busy of an enumeration is not UpperCamelCase'],
  ['} state_e;', '} state_t;', 'type state_t does not end in _t, or _e of an enumeration'],
  ['} word_t;', '} word;', 'type word does not end in _t, or _e of an enumeration'],
  ['logic [3:0] kind;', 'logic [3:0] itsKind;', 'itsKind is not lower_snake_case'],
  ['always_ff @', 'always @', 'always: say always_ff, always_comb or always_latch'],
  ['  state_e state_q;', '  wire w_q;', 'wire or reg: say logic'],
  ['begin : gen_half', 'begin : half', 'a generated loop without a label gen_…'],
  ['for (genvar i = 0; i < 2; i++) begin : gen_half', 'if (Width > 1) begin', 'a generated block without a label'],
  ['  state_e state_q;', '  part u_part (.*);', 'ports connected by .*'],
  ['  state_e state_q;', '`ifdef X', 'a macro'],
])('%j as %j is seen', (right, wrong, rule) => {
  expect(breachesOf('part', good.replace(right, wrong)).map((breach) => breach.rule)).toContain(rule)
})
