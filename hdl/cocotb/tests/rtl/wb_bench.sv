// SPDX-License-Identifier: Apache-2.0
//
// wb_bench: two Wishbone devices of 16 registers. wb is classic with byte addresses, wbp pipelined, its ADR counts
// words. Register 14 answers ERR, register 15 never; wb retries what begins while `retry` is high. wb's ACK stays a
// cycle longer than its STB, as that of simple devices does. wbp holds STALL for as many cycles as `latency` says, and
// answers at the edge that takes a request, or as many cycles later.

module wb_bench (
  input  wire        clk,
  input  wire        rst_n,
  input  wire        retry,
  input  wire [ 3:0] latency,

  input  wire        i_wb_cyc,
  input  wire        i_wb_stb,
  input  wire        i_wb_we,
  input  wire [ 7:0] i_wb_addr,
  input  wire [31:0] i_wb_data,
  input  wire [ 3:0] i_wb_sel,
  output wire [31:0] o_wb_data,
  output reg         o_wb_ack,
  output reg         o_wb_err,
  output reg         o_wb_rty,

  input  wire        wbp_cyc_i,
  input  wire        wbp_stb_i,
  input  wire        wbp_we_i,
  input  wire [ 7:2] wbp_adr_i,
  input  wire [31:0] wbp_dat_i,
  input  wire [ 3:0] wbp_sel_i,
  output wire        wbp_stall_o,
  output wire [31:0] wbp_dat_o,
  output wire        wbp_ack_o,
  output wire        wbp_err_o,
  output reg  [ 7:0] wbp_taken
);

  reg [31:0] regs[0:15];
  reg [31:0] regsp[0:15];
  reg [3:0] select;
  integer i;

  // ---- classic

  wire [3:0] index = i_wb_addr[5:2];
  assign o_wb_data = i_wb_sel == 4'hf ? regs[index] : {regs[index][31:8], 4'h0, i_wb_sel};

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      {o_wb_ack, o_wb_err, o_wb_rty} <= 3'b000;
      for (i = 0; i < 16; i = i + 1) {regs[i], regsp[i]} <= 0;
    end else begin
      o_wb_rty <= i_wb_cyc && i_wb_stb && retry;
      o_wb_err <= i_wb_cyc && i_wb_stb && !retry && index == 14;
      o_wb_ack <= i_wb_cyc && i_wb_stb && !retry && index < 14;
      if (i_wb_cyc && i_wb_stb && i_wb_we && !retry && index < 14)
        for (i = 0; i < 4; i = i + 1) if (i_wb_sel[i]) regs[index][8*i+:8] <= i_wb_data[8*i+:8];
    end
  end

  // ---- pipelined

  reg [3:0] stalled, waits;
  reg busy;
  reg [3:0] at;
  wire take = wbp_cyc_i && wbp_stb_i && !wbp_stall_o;
  wire at_once = take && latency == 0;
  wire [3:0] now = busy ? at : wbp_adr_i[5:2];
  wire answer = (at_once || (busy && waits == 0)) && now != 15;

  assign wbp_stall_o = wbp_stb_i && stalled != latency;
  assign wbp_ack_o   = answer && now != 14;
  assign wbp_err_o   = answer && now == 14;
  assign wbp_dat_o   = answer ? regsp[now] : 32'hxxxxxxxx;

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      {stalled, waits, busy, at} <= 0;
      wbp_taken <= 0;
    end else begin
      stalled <= wbp_stb_i && wbp_stall_o ? stalled + 1 : 0;
      if (take) begin
        wbp_taken <= wbp_taken + 1;
        busy  <= latency != 0;
        waits <= latency - 1;
        at    <= wbp_adr_i[5:2];
        if (wbp_we_i && wbp_adr_i[5:2] < 14)
          for (i = 0; i < 4; i = i + 1) if (wbp_sel_i[i]) regsp[wbp_adr_i[5:2]][8*i+:8] <= wbp_dat_i[8*i+:8];
      end else if (busy && waits != 0) waits <= waits - 1;
      else if (answer) busy <= 1'b0;
    end
  end
endmodule
