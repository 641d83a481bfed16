// SPDX-License-Identifier: Apache-2.0
//
// Checker of the native buses that native_manager_bfm describes: watches one port, whoever drives it, and ends the run
// at the first breach. No standard has these rules; they are what devices on such a bus rely on.
//
//   - CS, WE and RE are low in reset
//   - a request is a read or a write, and not both
//   - a request and what it carries stay until READY

module native_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32,
  // As of the BFM; the checker has no use for them.
  parameter int unsigned ReadLatency = 0,
  parameter bit ByteWrites = 1'b0
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic                   cs_i,
  input logic [DataWidth/8-1:0] we_i,
  input logic                   re_i,
  input logic [  AddrWidth-1:0] addr_i,
  input logic [  DataWidth-1:0] wdata_i,
  input logic [DataWidth/8-1:0] be_i,
  input logic [DataWidth/8-1:0] wstrb_i,
  input logic [  DataWidth-1:0] rdata_i,
  input logic                   ready_i,
  input logic                   error_i
);

  logic write, waiting;
  assign write   = we_i != '0 || wstrb_i != '0;
  assign waiting = rst_ni && cs_i && !ready_i;

  idle_in_reset: assert property (@(posedge clk_i) !rst_ni |=> rst_ni || !(cs_i || re_i || write))
    else c_dpi_report_breach(Name, "CS, WE or RE is high in reset");

  one_direction: assert property (@(posedge clk_i) disable iff (!rst_ni) re_i |-> !write)
    else c_dpi_report_breach(Name, "WE and RE are high at once");

  request_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    waiting |=> $stable({cs_i, re_i, we_i, addr_i, be_i, wstrb_i}))
    else c_dpi_report_breach(Name, "CS, WE, RE, address or byte enables changed before READY rose");

  data_stays: assert property (@(posedge clk_i) disable iff (!rst_ni) waiting && write |=> $stable(wdata_i))
    else c_dpi_report_breach(Name, "write data changed before READY rose");

  // Any answer is a good one.
  logic unused;
  assign unused = ^{rdata_i, error_i, ReadLatency, ByteWrites};
endmodule
