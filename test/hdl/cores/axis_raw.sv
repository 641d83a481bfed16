// SPDX-License-Identifier: Apache-2.0
//
// Nothing but streams, with the fewest signals: no bus, no TKEEP, no TLAST. What comes in goes out a cycle later, the
// bytes of a beat in reverse order. The second output never stops, and has no TREADY.

module axis_raw #(
  parameter int unsigned DataWidth = 24
) (
  input  logic                 clk,
  input  logic                 rst,

  input  logic [DataWidth-1:0] in_tdata,
  input  logic                 in_tvalid,
  output logic                 in_tready,

  output logic [DataWidth-1:0] out_tdata,
  output logic                 out_tvalid,
  input  logic                 out_tready,

  output logic [          7:0] status_tdata,
  output logic                 status_tvalid
);

  assign in_tready = !out_tvalid || out_tready;

  always_ff @(posedge clk) begin
    if (rst) begin
      out_tvalid    <= 1'b0;
      status_tvalid <= 1'b0;
      status_tdata  <= 8'h00;
    end else begin
      if (in_tready) begin
        out_tvalid <= in_tvalid;
        for (int unsigned i = 0; i < DataWidth / 8; i++) out_tdata[8*i +: 8] <= in_tdata[DataWidth-8-8*i +: 8];
      end
      status_tvalid <= 1'b1;
      status_tdata  <= status_tdata + 8'd1;
    end
  end
endmodule
