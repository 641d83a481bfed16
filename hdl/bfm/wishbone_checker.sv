// SPDX-License-Identifier: Apache-2.0
//
// Wishbone B4 checker, classic cycles: watches one port, whoever drives it, and ends the run at the first breach.
//
//   rule 3.20  CYC and STB are low in reset
//   rule 3.25  STB rises only with CYC
//   rule 3.60  STB and what it qualifies stay until ACK, ERR or RTY
//   rule 3.35  ACK, ERR and RTY answer a request: they are high only with CYC and STB
//   rule 3.45  no two of ACK, ERR and RTY are high at once
//
// A registered ACK that lasts one cycle after STB has fallen passes, as long as no new request takes it for its own:
// many devices do it, and a manager that leaves a cycle between two requests is not hurt.

module wishbone_checker
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
  input logic [  DataWidth-1:0] rdata_i,
  input logic                   ack_i,
  input logic                   err_i,
  input logic                   rty_i
);

  logic request, answer, waiting;
  assign request = rst_ni && cyc_i && stb_i;
  assign answer  = ack_i || err_i || rty_i;
  assign waiting = request && !answer;

  // A request was answered in the cycle before.
  logic answered_q;
  always_ff @(posedge clk_i) answered_q <= request && answer;

  idle_in_reset: assert property (@(posedge clk_i) !rst_ni |=> rst_ni || !(cyc_i || stb_i))
    else c_dpi_report_breach(Name, "CYC or STB is high in reset (Wishbone B4, rule 3.20)");

  strobe_in_cycle: assert property (@(posedge clk_i) disable iff (!rst_ni) stb_i |-> cyc_i)
    else c_dpi_report_breach(Name, "STB=1 without CYC (Wishbone B4, rule 3.25)");

  strobe_stays: assert property (@(posedge clk_i) disable iff (!rst_ni) waiting |=> stb_i)
    else c_dpi_report_breach(Name, "STB fell before ACK, ERR or RTY rose (Wishbone B4, rule 3.60)");

  request_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    waiting |=> !stb_i || $stable({we_i, adr_i, sel_i}))
    else c_dpi_report_breach(Name, "WE, ADR or SEL changed before ACK, ERR or RTY rose (Wishbone B4, rule 3.60)");

  data_stays: assert property (@(posedge clk_i) disable iff (!rst_ni) waiting && we_i |=> !stb_i || $stable(wdata_i))
    else c_dpi_report_breach(Name, "DAT changed in a write before ACK, ERR or RTY rose (Wishbone B4, rule 3.60)");

  answer_to_request: assert property (@(posedge clk_i) disable iff (!rst_ni) answer |-> request || answered_q)
    else c_dpi_report_breach(Name, "ACK, ERR or RTY without CYC and STB (Wishbone B4, rule 3.35)");

  one_answer: assert property (@(posedge clk_i) disable iff (!rst_ni)
    answer |-> 2'(ack_i) + 2'(err_i) + 2'(rty_i) == 2'd1)
    else c_dpi_report_breach(Name, "more than one of ACK, ERR and RTY is high (Wishbone B4, rule 3.45)");

  // Any data is good.
  logic unused;
  assign unused = ^rdata_i;
endmodule
