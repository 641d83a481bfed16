// SPDX-License-Identifier: Apache-2.0
//
// OBI checker (OpenHW Group, Open Bus Interface 1.6): watches one port and ends the run at the first breach.
//
//   A channel  REQ is low in reset; REQ and what it qualifies stay until GNT
//   R channel  RVALID answers a request that was taken at an earlier edge, one each; with RREADY it and what it
//              qualifies stay until RREADY; RID is the AID that was asked with
//
// One request at a time is checked, as obi_manager_bfm makes them.

module obi_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32,
  parameter int unsigned IdWidth = 0,
  // Whether the device waits for RREADY; without it RVALID lasts one cycle for each response.
  parameter bit WithReady = 1'b0,
  localparam int unsigned IdBits = IdWidth == 0 ? 1 : IdWidth
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic                   req_i,
  input logic                   gnt_i,
  input logic [  AddrWidth-1:0] addr_i,
  input logic                   we_i,
  input logic [DataWidth/8-1:0] be_i,
  input logic [  DataWidth-1:0] wdata_i,
  input logic [     IdBits-1:0] aid_i,
  input logic                   rvalid_i,
  input logic                   rready_i,
  input logic [  DataWidth-1:0] rdata_i,
  input logic                   err_i,
  input logic [     IdBits-1:0] rid_i
);

  logic in_reset;
  assign in_reset = !rst_ni;

  logic waiting, taken, open_q;
  logic [IdBits-1:0] id_q;
  assign waiting = !in_reset && req_i && !gnt_i;
  assign taken   = rvalid_i && (rready_i || !WithReady);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
      id_q   <= '0;
    end else if (req_i && gnt_i) begin
      open_q <= 1'b1;
      id_q   <= aid_i;
    end else if (taken) begin
      open_q <= 1'b0;
    end
  end

  idle_in_reset: assert property (@(posedge clk_i) in_reset |=> !in_reset || !req_i)
    else c_dpi_report_breach(Name, "REQ is high in reset (OBI 1.6, A channel)");

  request_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    waiting |=> req_i && $stable({we_i, addr_i, be_i, aid_i}))
    else c_dpi_report_breach(Name, "REQ fell or WE, ADDR, BE or AID changed before GNT (OBI 1.6, A channel)");

  data_stays: assert property (@(posedge clk_i) disable iff (in_reset) waiting && we_i |=> !req_i || $stable(wdata_i))
    else c_dpi_report_breach(Name, "WDATA changed before GNT (OBI 1.6, A channel)");

  answer_to_request: assert property (@(posedge clk_i) disable iff (in_reset) rvalid_i |-> open_q)
    else c_dpi_report_breach(Name, "RVALID without a request that waits for it (OBI 1.6, R channel)");

  answer_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    rvalid_i && WithReady && !rready_i |=> rvalid_i && $stable({rdata_i, err_i, rid_i}))
    else c_dpi_report_breach(Name, "RVALID fell or RDATA, ERR or RID changed before RREADY (OBI 1.6, R channel)");

  id_is_asked: assert property (@(posedge clk_i) disable iff (in_reset || IdWidth == 0)
    rvalid_i && open_q |-> rid_i == id_q)
    else c_dpi_report_breach(Name, "RID is not the AID of the request (OBI 1.6, R channel)");
endmodule
