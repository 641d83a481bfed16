// SPDX-License-Identifier: Apache-2.0
//
// register_bank: a register_block within a block.

module register_bank (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        write_i,
  input  logic [ 3:0] index_i,
  input  logic [15:0] data_i,
  output logic [15:0] data_o,
  output logic [15:0] ticks_o,
  output logic [15:0] unset_o
);
  /* verilator hier_block */

  register_block #(.Width(16)) narrow (.*);
endmodule
