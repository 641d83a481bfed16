// SPDX-License-Identifier: Apache-2.0
//
// native_memory: 128 bytes from 0 on, how many requests were made at 0x80, and an error at 0x88. Read data are there
// ReadLatency cycles after the request and in no other cycle.

module native_memory #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned ReadLatency = 0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   req_i,
  input  logic [DataWidth/8-1:0] wstrb_i,  // 0 in reads
  input  logic [            7:0] addr_i,   // of the first byte of a word
  input  logic [  DataWidth-1:0] wdata_i,
  output logic [  DataWidth-1:0] rdata_o,
  output logic                   error_o
);

  localparam int unsigned Shift = $clog2(DataWidth / 8);

  logic [DataWidth-1:0] memory_q[128 * 8 / DataWidth];
  logic [7:0] count_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= 0;
    else if (req_i) begin
      count_q <= count_q + 1;
      for (int unsigned i = 0; i < DataWidth / 8; i++)
        if (wstrb_i[i] && addr_i < 8'h80) memory_q[addr_i[6:Shift]][8*i+:8] <= wdata_i[8*i+:8];
    end
  end

  logic [DataWidth:0] answers[ReadLatency + 1];
  always_comb begin
    answers[0] = {1'b0, {(DataWidth / 8) {8'ha5}}};
    if (req_i) begin
      answers[0] = {addr_i[7:3] == 5'h11, memory_q[addr_i[6:Shift]]};
      if (addr_i[7:3] == 5'h10) answers[0][DataWidth-1:0] = DataWidth'(count_q);
    end
  end
  for (genvar i = 1; i <= ReadLatency; i++) begin : g_late
    always_ff @(posedge clk_i) answers[i] <= answers[i-1];
  end
  assign rdata_o = answers[ReadLatency][DataWidth-1:0];
  // Of a write at its own edge.
  assign error_o = wstrb_i != 0 ? answers[0][DataWidth] : answers[ReadLatency][DataWidth];
endmodule
