// SPDX-License-Identifier: Apache-2.0
//
// Watches one interrupt output of the device and tells each change of its level, seen at a rising clock edge. In reset
// the line counts as low, whatever the device drives.

module irq_monitor
  import trapline_dpi_pkg::*;
#(
  parameter int unsigned Line = 0  // index of the line; the model knows its name
) (
  input logic clk_i,
  input logic rst_ni,
  input logic irq_i
);

  bit level_q, level;

  assign level = irq_i & rst_ni;

  initial level_q = 1'b0;

  always_ff @(posedge clk_i) begin
    if (level != level_q) c_dpi_interrupt(Line, level);
    level_q <= level;
  end

endmodule
