// SPDX-License-Identifier: Apache-2.0
//
// The kit's clock and reset: where simulated time meets the link. One instance in a test bench, beside the BFMs of
// hdl/bfm that carry the accesses.
//
// What it promises:
// - Rising edge n of clk_o comes at n periods. While no host wants time, simulated time stands still with clk_o high,
//   inside a DPI call.
// - rst_no is low from time 0 for --reset-cycles cycles (16), and whenever the bridge resets the model. It changes at
//   time 0 and with falling edges of clk_o only.
// - The names of ports and interrupt lines are those of the environment (README.md). Without them there is no bridge:
//   the clock runs, the BFMs stay idle, and nothing waits.
// - The end of the run is $finish, in place of a falling edge.
//
// Whatever the BFMs see must have clk_o as its clock: what a clock brings forth that is made from it by a non-blocking
// assignment comes too late for them.

module trapline_kit
  import trapline_kit_pkg::*;
#(
  // 2 or more; an odd one is low for the longer half.
  parameter longint unsigned PeriodPs = 10_000
) (
  output logic clk_o,
  output logic rst_no
);
  timeunit 1ps;
  timeprecision 1ps;

  localparam longint unsigned HighPs = PeriodPs / 2;
  localparam longint unsigned LowPs = PeriodPs - HighPs;

  initial begin : edges
    bit reset_n;

    clk_o  = 1'b0;
    rst_no = 1'b0;
    if (c_dpi_kit_fall(PeriodPs, reset_n)) begin
      // No edge comes before the first rising one.
      #(HighPs);
      do begin
        clk_o  = 1'b0;
        rst_no = reset_n;
        #(LowPs);
        c_dpi_kit_rise();
        clk_o = 1'b1;
        #(HighPs);
      end while (c_dpi_kit_fall(PeriodPs, reset_n));
    end
    $finish;
  end

  final c_dpi_kit_leave();

endmodule
