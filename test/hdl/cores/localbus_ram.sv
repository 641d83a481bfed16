// SPDX-License-Identifier: Apache-2.0
//
// localbus_ram: Corsair's local bus without a prefix, 128 bytes of memory and what tests ask for beside it. Each
// transfer ends Latency + 1 cycles after it was asked for.
//
//   0x00  memory
//   0x80  how many transfers ended before this one; writes do nothing
//   0xa0  never ends

module localbus_ram #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Latency = 0
) (
  input  logic                   clk,
  input  logic                   rst,
  input  logic [            7:0] waddr,
  input  logic [  DataWidth-1:0] wdata,
  input  logic                   wen,
  input  logic [DataWidth/8-1:0] wstrb,
  output logic                   wready,
  input  logic [            7:0] raddr,
  input  logic                   ren,
  output logic [  DataWidth-1:0] rdata,
  output logic                   rvalid
);

  localparam int unsigned Bytes = DataWidth / 8;

  logic [7:0]  memory_q [128];
  logic [31:0] ended_q, waited_q;
  logic [7:0]  at;
  logic        active, ends;

  assign active = wen || ren;
  assign at     = wen ? waddr : raddr;
  assign ends   = active && waited_q > Latency && at[7:4] != 4'ha;
  assign {wready, rvalid} = {wen && ends, ren && ends};

  always_comb begin
    rdata = '1;
    if (rvalid && at[7]) rdata = DataWidth'(ended_q);
    for (int unsigned i = 0; i < Bytes; i++) if (rvalid && !at[7]) rdata[8*i +: 8] = memory_q[at[6:0] + 7'(i)];
  end

  always_ff @(posedge clk) begin
    waited_q <= active && !ends ? waited_q + 1 : 0;
    ended_q  <= ended_q + 32'(ends);
    for (int unsigned i = 0; i < Bytes; i++) begin
      if (wready && wstrb[i] && !at[7]) memory_q[at[6:0] + 7'(i)] <= wdata[8*i +: 8];
    end
    if (rst) {ended_q, waited_q} <= '0;
  end
endmodule
