// SPDX-License-Identifier: Apache-2.0
//
// Checker of the local bus of Corsair's register maps (its manual, "Local Bus"): watches one port and ends the run at
// the first breach.
//
//   write  WEN is low in reset; WEN and what it qualifies stay until WREADY
//   read   REN is low in reset; REN and RADDR stay until RVALID
//
// WREADY and RVALID may be high without a transfer: they mean nothing then.

module localbus_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [  AddrWidth-1:0] waddr_i,
  input logic [  DataWidth-1:0] wdata_i,
  input logic                   wen_i,
  input logic [DataWidth/8-1:0] wstrb_i,
  input logic                   wready_i,
  input logic [  AddrWidth-1:0] raddr_i,
  input logic                   ren_i,
  input logic [  DataWidth-1:0] rdata_i,
  input logic                   rvalid_i
);

  idle_in_reset: assert property (@(posedge clk_i) !rst_ni |=> rst_ni || !(wen_i || ren_i))
    else c_dpi_report_breach(Name, "WEN or REN is high in reset (Local Bus)");

  write_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    wen_i && !wready_i |=> wen_i && $stable({waddr_i, wdata_i, wstrb_i}))
    else c_dpi_report_breach(Name, "WEN fell or WADDR, WDATA or WSTRB changed before WREADY (Local Bus, write)");

  read_stays: assert property (@(posedge clk_i) disable iff (!rst_ni) ren_i && !rvalid_i |=> ren_i && $stable(raddr_i))
    else c_dpi_report_breach(Name, "REN fell or RADDR changed before RVALID (Local Bus, read)");

  // Any data is good.
  logic unused;
  assign unused = ^rdata_i;
endmodule
