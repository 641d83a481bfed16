// SPDX-License-Identifier: Apache-2.0
//
// register_block: 16 registers behind a plain port, and what a build in blocks has to keep. A write lands at the next
// edge; what is read shows in the same cycle. ticks_o runs by itself, and by the value of each write in its turn;
// unset_o was never set. A write of 77 is a $fatal, one of 78 a failed assertion. Another assertion remembers the edge
// before. The comment makes it a block of its own under --hierarchical alone.

module register_block #(
  parameter int unsigned Width = 8
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             write_i,
  input  logic [      3:0] index_i,
  input  logic [Width-1:0] data_i,
  output logic [Width-1:0] data_o,
  output logic [Width-1:0] ticks_o,
  output logic [Width-1:0] unset_o
);
  /* verilator hier_block */

  logic [Width-1:0] registers_q [16];
  logic [Width-1:0] never_written;

  assign data_o  = registers_q[index_i];
  assign unset_o = never_written;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) ticks_o <= '0;
    else ticks_o <= ticks_o * 5 + (write_i ? data_i : 1);
  end

  always_ff @(posedge clk_i) if (write_i) registers_q[index_i] <= data_i;

  always_ff @(posedge clk_i) if (rst_ni && write_i && data_i == 77) $fatal(1, "overflow of %0d", data_i);

  assert property (@(posedge clk_i) disable iff (!rst_ni) write_i |-> data_i != 78)
    else $error("78 is too much");
  assert property (@(posedge clk_i) $past(write_i) |-> rst_ni);
endmodule
