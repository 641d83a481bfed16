// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Stream checker: watches one stream, whoever drives it, and ends the run at the first breach.
//
//   2.2.1  TVALID and payload stay until TREADY (AXI-Stream IHI 0051)
//   2.4.3  TKEEP low with TSTRB high is reserved
//   2.7.2  TVALID is low in reset

module axis_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned DataWidth = 32,
  parameter int unsigned IdWidth = 1,
  parameter int unsigned DestWidth = 1,
  parameter int unsigned UserWidth = 1
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [  DataWidth-1:0] tdata_i,
  input logic [DataWidth/8-1:0] tkeep_i,
  input logic [DataWidth/8-1:0] tstrb_i,
  input logic                   tlast_i,
  input logic [    IdWidth-1:0] tid_i,
  input logic [  DestWidth-1:0] tdest_i,
  input logic [  UserWidth-1:0] tuser_i,
  input logic                   tvalid_i,
  input logic                   tready_i
);

  localparam int unsigned Lanes = DataWidth / 8;
  localparam int unsigned PayloadWidth = DataWidth + 2 * Lanes + 1 + IdWidth + DestWidth + UserWidth;

  // Bytes that don't count may change while a beat waits: only lanes with TSTRB have data (2.4.3).
  logic [DataWidth-1:0] counted;
  always_comb begin
    for (int unsigned i = 0; i < Lanes; i++) counted[8*i +: 8] = tstrb_i[i] ? tdata_i[8*i +: 8] : 8'h00;
  end

  logic [PayloadWidth-1:0] payload, payload_q;
  assign payload = {counted, tkeep_i, tstrb_i, tlast_i, tid_i, tdest_i, tuser_i};

  logic waiting_q;   // TVALID was high and TREADY low
  logic in_reset_q;  // in its first cycle a synchronous reset has not acted yet

  initial in_reset_q = 1'b0;

  always_ff @(posedge clk_i) begin
    in_reset_q <= !rst_ni;
    waiting_q  <= rst_ni && tvalid_i && !tready_i;
    payload_q  <= payload;

    if (rst_ni && waiting_q) begin
      valid_stays: assert (tvalid_i)
        else c_dpi_report_breach(Name, "TVALID fell before TREADY rose (AXI-Stream IHI 0051, 2.2.1)");
      payload_stays: assert (!tvalid_i || payload == payload_q)
        else c_dpi_report_breach(Name,
          "the payload changed while TVALID waited for TREADY (AXI-Stream IHI 0051, 2.2.1)");
    end
    if (rst_ni && tvalid_i) begin
      no_reserved_byte: assert ((tstrb_i & ~tkeep_i) == '0)
        else c_dpi_report_breach(Name,
          "TSTRB is high in a lane whose TKEEP is low, which is reserved (AXI-Stream IHI 0051, 2.4.3)");
    end
    if (!rst_ni && in_reset_q) begin
      low_in_reset: assert (!tvalid_i)
        else c_dpi_report_breach(Name, "TVALID is high in reset (AXI-Stream IHI 0051, 2.7.2)");
    end
  end
endmodule
