// SPDX-License-Identifier: Apache-2.0
//
// APB4 checker: watches one port, whoever drives it, and ends the run at the first breach (AMBA APB IHI 0024).
//
//   4.1  PSEL is low in reset; PENABLE rises in the cycle after PSEL, not with it nor without it
//   3.1  PSEL and PENABLE stay until PREADY, and so do address, direction, data, strobes and protection
//   3.2  PSTRB is 0 in a read

module apb4_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [  AddrWidth-1:0] paddr_i,
  input logic [            2:0] pprot_i,
  input logic                   psel_i,
  input logic                   penable_i,
  input logic                   pwrite_i,
  input logic [  DataWidth-1:0] pwdata_i,
  input logic [DataWidth/8-1:0] pstrb_i,
  input logic                   pready_i,
  input logic [  DataWidth-1:0] prdata_i,
  input logic                   pslverr_i
);

  logic setup, access, ending;
  assign setup  = rst_ni && psel_i && !penable_i;
  assign access = rst_ni && psel_i && penable_i;
  assign ending = access && pready_i;

  idle_in_reset: assert property (@(posedge clk_i) !rst_ni |=> rst_ni || !psel_i)
    else c_dpi_report_breach(Name, "PSEL is high in reset (APB IHI 0024, 4.1)");

  enable_needs_select: assert property (@(posedge clk_i) disable iff (!rst_ni) penable_i |-> psel_i)
    else c_dpi_report_breach(Name, "PENABLE=1 without PSEL (APB IHI 0024, 4.1)");

  enable_after_setup: assert property (@(posedge clk_i) disable iff (!rst_ni)
    rst_ni && !setup && !(access && !pready_i) |=> !(psel_i && penable_i))
    else c_dpi_report_breach(Name, "PENABLE=1 without a setup cycle before it (APB IHI 0024, 4.1)");

  access_after_setup: assert property (@(posedge clk_i) disable iff (!rst_ni) setup |=> !psel_i || penable_i)
    else c_dpi_report_breach(Name, "PENABLE=0 in the cycle after the setup cycle (APB IHI 0024, 4.1)");

  enable_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    access && !pready_i |=> !psel_i || penable_i)
    else c_dpi_report_breach(Name, "PENABLE fell before PREADY rose (APB IHI 0024, 3.1)");

  select_stays: assert property (@(posedge clk_i) disable iff (!rst_ni) (setup || access) && !ending |=> psel_i)
    else c_dpi_report_breach(Name, "PSEL fell before PREADY rose (APB IHI 0024, 3.1)");

  request_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    (setup || access) && !ending |=> !psel_i || $stable({paddr_i, pprot_i, pwrite_i, pstrb_i}))
    else c_dpi_report_breach(Name,
      "address, direction, strobes or protection changed in a transfer (APB IHI 0024, 3.1)");

  data_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    (setup || access) && !ending && pwrite_i |=> !psel_i || $stable(pwdata_i))
    else c_dpi_report_breach(Name, "PWDATA changed in a write (APB IHI 0024, 3.1)");

  no_strobes_in_reads: assert property (@(posedge clk_i) disable iff (!rst_ni) psel_i && !pwrite_i |-> pstrb_i == '0)
    else c_dpi_report_breach(Name, "PSTRB is not 0 in a read (APB IHI 0024, 3.2)");

  // Any answer is a good one.
  logic unused;
  assign unused = ^{prdata_i, pslverr_i};
endmodule
