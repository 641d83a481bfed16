// SPDX-License-Identifier: Apache-2.0
//
// axi4_bench: an AXI4 memory of 8 KiB that takes INCR bursts. Bytes at 0x1800 and above answer SLVERR, beat by beat;
// an address of 0x1f00 and above is never taken, and of a write to 0x1e00 only the first data is. What the last burst
// asked for can be seen at the outputs last_*.

module axi4_bench #(
  parameter DataWidth = 64,
  parameter LenBits = 8
) (
  input  wire                   clk,
  input  wire                   rst_n,
  output reg  [           12:0] last_addr,
  output reg  [    LenBits-1:0] last_len,
  output reg  [            2:0] last_size,
  output reg                    last_wlast,

  input  wire [            3:0] s_axi_awid,
  input  wire [           12:0] s_axi_awaddr,
  input  wire [    LenBits-1:0] s_axi_awlen,
  input  wire [            2:0] s_axi_awsize,
  input  wire [            1:0] s_axi_awburst,
  input  wire [            3:0] s_axi_awcache,
  input  wire                   s_axi_awvalid,
  output wire                   s_axi_awready,
  input  wire [  DataWidth-1:0] s_axi_wdata,
  input  wire [DataWidth/8-1:0] s_axi_wstrb,
  input  wire                   s_axi_wlast,
  input  wire                   s_axi_wvalid,
  output wire                   s_axi_wready,
  output reg  [            3:0] s_axi_bid,
  output reg  [            1:0] s_axi_bresp,
  output reg                    s_axi_bvalid,
  input  wire                   s_axi_bready,
  input  wire [            3:0] s_axi_arid,
  input  wire [           12:0] s_axi_araddr,
  input  wire [    LenBits-1:0] s_axi_arlen,
  input  wire [            2:0] s_axi_arsize,
  input  wire [            1:0] s_axi_arburst,
  input  wire                   s_axi_arvalid,
  output wire                   s_axi_arready,
  output reg  [            3:0] s_axi_rid,
  output wire [  DataWidth-1:0] s_axi_rdata,
  output wire [            1:0] s_axi_rresp,
  output wire                   s_axi_rlast,
  output reg                    s_axi_rvalid,
  input  wire                   s_axi_rready
);

  localparam Bytes = DataWidth / 8;

  reg [7:0] mem[0:8191];
  integer i;
  initial for (i = 0; i < 8192; i = i + 1) mem[i] = 8'h00;

  function [12:0] next_of(input [12:0] address, input [2:0] size);
    next_of = ((address >> size) + 1) << size;
  endfunction

  // ---- writes

  reg w_active;
  reg [12:0] w_addr;
  reg [2:0] w_size;
  wire [12:0] w_word = w_addr / Bytes * Bytes;

  assign s_axi_awready = !w_active && !s_axi_bvalid && !(s_axi_awvalid && s_axi_awaddr >= 13'h1f00);
  assign s_axi_wready  = w_active && w_addr != 13'h1e08;

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      {w_active, s_axi_bvalid, s_axi_bresp} <= 0;
    end else begin
      if (s_axi_awvalid && s_axi_awready) begin
        w_active  <= 1'b1;
        w_addr    <= s_axi_awaddr;
        w_size    <= s_axi_awsize;
        s_axi_bid <= s_axi_awid;
        last_addr <= s_axi_awaddr;
        last_len  <= s_axi_awlen;
        last_size <= s_axi_awsize;
      end
      if (s_axi_wvalid && s_axi_wready) begin
        if (w_addr < 13'h1800)
          for (i = 0; i < Bytes; i = i + 1) if (s_axi_wstrb[i]) mem[w_word+i] <= s_axi_wdata[8*i+:8];
        if (w_addr >= 13'h1800) s_axi_bresp <= 2'b10;
        w_addr     <= next_of(w_addr, w_size);
        last_wlast <= s_axi_wlast;
        if (s_axi_wlast) {w_active, s_axi_bvalid} <= 2'b01;
      end
      if (s_axi_bvalid && s_axi_bready) {s_axi_bvalid, s_axi_bresp} <= 0;
    end
  end

  // ---- reads

  reg [12:0] r_addr;
  reg [LenBits-1:0] r_left;
  reg [2:0] r_size;
  wire [12:0] r_word = r_addr / Bytes * Bytes;

  assign s_axi_arready = !s_axi_rvalid && !(s_axi_arvalid && s_axi_araddr >= 13'h1f00);
  assign s_axi_rresp   = r_addr >= 13'h1800 ? 2'b10 : 2'b00;
  assign s_axi_rlast   = r_left == 0;
  for (genvar lane = 0; lane < Bytes; lane = lane + 1) begin : gen_lane
    assign s_axi_rdata[8*lane+:8] = mem[r_word+lane];
  end

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      s_axi_rvalid <= 1'b0;
      r_addr <= 0;
    end else begin
      if (s_axi_arvalid && s_axi_arready) begin
        s_axi_rvalid <= 1'b1;
        s_axi_rid    <= s_axi_arid;
        r_addr       <= s_axi_araddr;
        r_left       <= s_axi_arlen;
        r_size       <= s_axi_arsize;
        last_addr    <= s_axi_araddr;
        last_len     <= s_axi_arlen;
        last_size    <= s_axi_arsize;
      end
      if (s_axi_rvalid && s_axi_rready) begin
        r_addr <= next_of(r_addr, r_size);
        r_left <= r_left - 1;
        if (s_axi_rlast) s_axi_rvalid <= 1'b0;
      end
    end
  end
endmodule
