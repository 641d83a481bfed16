// SPDX-License-Identifier: Apache-2.0
//
// pipelined_ram: Wishbone B4 pipelined, 128 bytes of memory and what tests ask for beside it. Answers come Latency
// cycles after the request was taken, in the same one if it is 0; each request is stalled for StallCycles.
//
//   0x00  memory
//   0x80  how many requests were taken before this one; writes do nothing
//   0x88  ERR
//   0x90  RTY, every other time
//   0x98  no answer
//   0xa0  STALL for ever
//   0xa8  RTY for ever

module pipelined_ram #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Latency = 1,
  parameter int unsigned StallCycles = 0
) (
  input  logic                   i_clk,
  input  logic                   i_reset,
  input  logic                   i_wb_cyc,
  input  logic                   i_wb_stb,
  input  logic                   i_wb_we,
  input  logic [            7:0] i_wb_addr,
  input  logic [  DataWidth-1:0] i_wb_data,
  input  logic [DataWidth/8-1:0] i_wb_sel,
  output logic                   o_wb_stall,
  output logic                   o_wb_ack,
  output logic                   o_wb_err,
  output logic                   o_wb_rty,
  output logic [  DataWidth-1:0] o_wb_data
);

  localparam int unsigned Bytes = DataWidth / 8;

  typedef struct packed {
    logic                 ack, err, rty;
    logic [DataWidth-1:0] data;
  } answer_t;

  logic [7:0]  memory_q [128];
  logic [31:0] requests_q, stalled_q;
  logic        tried_q, taken;
  answer_t     now, later_q [Latency+1];

  assign taken      = i_wb_cyc && i_wb_stb && !o_wb_stall;
  assign o_wb_stall = StallCycles != 0 && stalled_q < StallCycles || i_wb_addr[7:3] == 5'h14;

  always_comb begin
    now = '0;
    now.ack = taken;
    if (taken) begin
      case (i_wb_addr[7:3])
        5'h10: now.data = DataWidth'(requests_q);
        5'h11: {now.ack, now.err} = 2'b01;
        5'h12: {now.ack, now.rty} = tried_q ? 2'b10 : 2'b01;
        5'h13: now.ack = 1'b0;
        5'h15: {now.ack, now.rty} = 2'b01;
        default: for (int unsigned i = 0; i < Bytes; i++)
          if (i_wb_sel[i]) now.data[8*i +: 8] = memory_q[i_wb_addr[6:0] + 7'(i)];
      endcase
    end
  end

  always_ff @(posedge i_clk) begin
    stalled_q <= i_wb_stb && o_wb_stall ? stalled_q + 1 : 0;
    later_q[1] <= now;
    for (int unsigned i = 2; i <= Latency; i++) later_q[i] <= later_q[i-1];
    if (taken) requests_q <= requests_q + 1;
    if (taken && i_wb_addr[7:3] == 5'h12) tried_q <= !tried_q;
    for (int unsigned i = 0; i < Bytes; i++) begin
      if (taken && i_wb_we && i_wb_sel[i] && !i_wb_addr[7]) memory_q[i_wb_addr[6:0] + 7'(i)] <= i_wb_data[8*i +: 8];
    end
    if (i_reset) begin
      {requests_q, stalled_q, tried_q} <= '0;
      for (int unsigned i = 0; i <= Latency; i++) later_q[i] <= '0;
    end
  end

  assign {o_wb_ack, o_wb_err, o_wb_rty, o_wb_data} = Latency == 0 ? now : later_q[Latency];
endmodule
