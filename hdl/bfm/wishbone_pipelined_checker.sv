// SPDX-License-Identifier: Apache-2.0
//
// Wishbone B4 checker, pipelined mode: watches one port, whoever drives it, and ends the run at the first breach.
//
//   rule 3.20  CYC and STB are low in reset
//   rule 3.25  STB rises only with CYC
//   3.1.3      STB and what it qualifies stay while STALL is high
//   rule 3.35  ACK, ERR and RTY answer a request that was taken (STB with STALL low) and not answered yet; one each
//   rule 3.45  no two of ACK, ERR and RTY are high at once
//
// An answer in the cycle in which the request is taken passes. Where CYC falls, requests without an answer are given
// up.

module wishbone_pipelined_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic                   cyc_i,
  input logic                   stb_i,
  input logic                   we_i,
  input logic [  AddrWidth-1:0] adr_i,
  input logic [  DataWidth-1:0] wdata_i,
  input logic [DataWidth/8-1:0] sel_i,
  input logic                   stall_i,
  input logic [  DataWidth-1:0] rdata_i,
  input logic                   ack_i,
  input logic                   err_i,
  input logic                   rty_i
);

  logic in_reset;
  assign in_reset = !rst_ni;

  logic request, answer, waiting;
  assign request = !in_reset && cyc_i && stb_i && !stall_i;
  assign answer  = ack_i || err_i || rty_i;
  assign waiting = !in_reset && cyc_i && stb_i && stall_i;

  // Requests that were taken and have no answer, before this cycle and with it.
  int unsigned open_q, open;
  assign open = open_q + 32'(request);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (in_reset || !cyc_i) open_q <= 0;
    else open_q <= open - 32'(answer && open != 0);
  end

  idle_in_reset: assert property (@(posedge clk_i) in_reset |=> !in_reset || !(cyc_i || stb_i))
    else c_dpi_report_breach(Name, "CYC or STB is high in reset (Wishbone B4, rule 3.20)");

  strobe_in_cycle: assert property (@(posedge clk_i) disable iff (in_reset) stb_i |-> cyc_i)
    else c_dpi_report_breach(Name, "STB=1 without CYC (Wishbone B4, rule 3.25)");

  strobe_stays: assert property (@(posedge clk_i) disable iff (in_reset) waiting |=> stb_i)
    else c_dpi_report_breach(Name, "STB fell while STALL was high (Wishbone B4, 3.1.3)");

  request_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    waiting |=> !stb_i || $stable({we_i, adr_i, sel_i}))
    else c_dpi_report_breach(Name, "WE, ADR or SEL changed while STALL was high (Wishbone B4, 3.1.3)");

  data_stays: assert property (@(posedge clk_i) disable iff (in_reset) waiting && we_i |=> !stb_i || $stable(wdata_i))
    else c_dpi_report_breach(Name, "DAT changed in a write while STALL was high (Wishbone B4, 3.1.3)");

  answer_to_request: assert property (@(posedge clk_i) disable iff (in_reset) answer |-> open != 0)
    else c_dpi_report_breach(Name, "ACK, ERR or RTY without a request that waits for it (Wishbone B4, rule 3.35)");

  one_answer: assert property (@(posedge clk_i) disable iff (in_reset)
    answer |-> 2'(ack_i) + 2'(err_i) + 2'(rty_i) == 2'd1)
    else c_dpi_report_breach(Name, "more than one of ACK, ERR and RTY is high (Wishbone B4, rule 3.45)");

  // Any data is good.
  logic unused;
  assign unused = ^rdata_i;
endmodule
