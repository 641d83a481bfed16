// SPDX-License-Identifier: Apache-2.0
//
// Checker of PeakRDL-regblock's own CPU interface (its manual, "Internal CPUIF Protocol"): watches one port and ends
// the run at the first breach.
//
//   request  REQ is low in reset; REQ and what it qualifies stay while the stall of its kind is high
//   answer   RD_ACK answers a read and WR_ACK a write that was taken, one each; the edge that takes it counts

module cpuif_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32
) (
  input logic                 clk_i,
  input logic                 rst_ni,

  input logic                 req_i,
  input logic                 req_is_wr_i,
  input logic [AddrWidth-1:0] addr_i,
  input logic [DataWidth-1:0] wr_data_i,
  input logic [DataWidth-1:0] wr_biten_i,
  input logic                 req_stall_wr_i,
  input logic                 req_stall_rd_i,
  input logic                 rd_ack_i,
  input logic                 rd_err_i,
  input logic [DataWidth-1:0] rd_data_i,
  input logic                 wr_ack_i,
  input logic                 wr_err_i
);

  logic in_reset;
  assign in_reset = !rst_ni;

  logic stall, waiting, taking;
  assign stall   = req_is_wr_i ? req_stall_wr_i : req_stall_rd_i;
  assign waiting = !in_reset && req_i && stall;
  assign taking  = !in_reset && req_i && !stall;

  // Requests that were taken and have no answer, before this cycle and with it.
  int unsigned reads_q, writes_q, reads, writes;
  assign reads  = reads_q + 32'(taking && !req_is_wr_i);
  assign writes = writes_q + 32'(taking && req_is_wr_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      reads_q  <= 0;
      writes_q <= 0;
    end else begin
      reads_q  <= reads - 32'(rd_ack_i && reads != 0);
      writes_q <= writes - 32'(wr_ack_i && writes != 0);
    end
  end

  idle_in_reset: assert property (@(posedge clk_i) in_reset |=> !in_reset || !req_i)
    else c_dpi_report_breach(Name, "REQ is high in reset (Internal CPUIF Protocol, request)");

  request_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    waiting |=> req_i && $stable({req_is_wr_i, addr_i}))
    else c_dpi_report_breach(Name,
      "REQ fell or REQ_IS_WR or ADDR changed in a stall (Internal CPUIF Protocol, request)");

  data_stays: assert property (@(posedge clk_i) disable iff (in_reset)
    waiting && req_is_wr_i |=> !req_i || $stable({wr_data_i, wr_biten_i}))
    else c_dpi_report_breach(Name, "WR_DATA or WR_BITEN changed in a stall (Internal CPUIF Protocol, request)");

  read_answered: assert property (@(posedge clk_i) disable iff (in_reset) rd_ack_i |-> reads != 0)
    else c_dpi_report_breach(Name, "RD_ACK without a read that waits for it (Internal CPUIF Protocol, answer)");

  write_answered: assert property (@(posedge clk_i) disable iff (in_reset) wr_ack_i |-> writes != 0)
    else c_dpi_report_breach(Name, "WR_ACK without a write that waits for it (Internal CPUIF Protocol, answer)");

  // Any data and any answer is good.
  logic unused;
  assign unused = ^{rd_data_i, rd_err_i, wr_err_i};
endmodule
