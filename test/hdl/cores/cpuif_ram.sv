// SPDX-License-Identifier: Apache-2.0
//
// cpuif_ram: PeakRDL's CPU interface, 128 bytes of memory and what tests ask for beside it. Requests are stalled for
// StallCycles; answers come Latency cycles after they were taken, in the same one if it is 0.
//
//   0x00  memory
//   0x80  how many requests were taken before this one; writes do nothing
//   0x90  RD_ERR or WR_ERR
//   0xa0  no answer
//   0xb0  stalled for ever

module cpuif_ram #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Latency = 0,
  parameter int unsigned StallCycles = 0
) (
  input  logic                 clk,
  input  logic                 arst_n,
  input  logic                 s_cpuif_req,
  input  logic                 s_cpuif_req_is_wr,
  input  logic [          7:0] s_cpuif_addr,
  input  logic [DataWidth-1:0] s_cpuif_wr_data,
  input  logic [DataWidth-1:0] s_cpuif_wr_biten,
  output logic                 s_cpuif_req_stall_wr,
  output logic                 s_cpuif_req_stall_rd,
  output logic                 s_cpuif_rd_ack,
  output logic                 s_cpuif_rd_err,
  output logic [DataWidth-1:0] s_cpuif_rd_data,
  output logic                 s_cpuif_wr_ack,
  output logic                 s_cpuif_wr_err
);

  localparam int unsigned Bytes = DataWidth / 8;

  typedef struct packed {
    logic                 read, write, err;
    logic [DataWidth-1:0] data;
  } answer_t;

  logic [7:0]  memory_q [128];
  logic [31:0] requests_q, stalled_q;
  logic        stall, taken;
  answer_t     now, later_q [Latency+1];

  assign stall = StallCycles != 0 && stalled_q < StallCycles || s_cpuif_addr[7:4] == 4'hb;
  // The stall of the other kind is not looked at.
  assign {s_cpuif_req_stall_wr, s_cpuif_req_stall_rd} = s_cpuif_req_is_wr ? {stall, !stall} : {!stall, stall};
  assign taken = s_cpuif_req && !stall;

  always_comb begin
    now = '0;
    if (taken && s_cpuif_addr[7:4] != 4'ha) begin
      {now.read, now.write} = {!s_cpuif_req_is_wr, s_cpuif_req_is_wr};
      now.err  = s_cpuif_addr[7:4] == 4'h9;
      now.data = DataWidth'(requests_q);
      for (int unsigned i = 0; i < Bytes; i++)
        if (!s_cpuif_addr[7]) now.data[8*i +: 8] = memory_q[s_cpuif_addr[6:0] + 7'(i)];
    end
  end

  always_ff @(posedge clk or negedge arst_n) begin
    if (!arst_n) begin
      {requests_q, stalled_q} <= '0;
      for (int unsigned i = 0; i <= Latency; i++) later_q[i] <= '0;
    end else begin
      stalled_q  <= s_cpuif_req && stall ? stalled_q + 1 : 0;
      requests_q <= requests_q + 32'(taken);
      later_q[1] <= now;
      for (int unsigned i = 2; i <= Latency; i++) later_q[i] <= later_q[i-1];
    end
  end

  always_ff @(posedge clk) begin
    for (int unsigned i = 0; i < DataWidth; i++) begin
      if (taken && s_cpuif_req_is_wr && s_cpuif_wr_biten[i] && !s_cpuif_addr[7])
        memory_q[s_cpuif_addr[6:0] + 7'(i / 8)][i % 8] <= s_cpuif_wr_data[i];
    end
  end

  answer_t answer;
  assign answer = Latency == 0 ? now : later_q[Latency];
  assign {s_cpuif_rd_ack, s_cpuif_wr_ack, s_cpuif_rd_data} = {answer.read, answer.write, answer.data};
  assign {s_cpuif_rd_err, s_cpuif_wr_err} = {answer.read && answer.err, answer.write && answer.err};
endmodule
