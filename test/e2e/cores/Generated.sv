// SPDX-License-Identifier: Apache-2.0
// A core as generators of Verilog print them: camel case, io_ before everything, channels with bits, `clock` and
// `reset`, 64 bits of data. Four read-write registers of 32 bits in two words, then an identification.
module Generated(
  input         clock,
                reset,
  output        io_ctrl_aw_ready,
  input         io_ctrl_aw_valid,
  input  [15:0] io_ctrl_aw_bits_addr,
  input  [2:0]  io_ctrl_aw_bits_prot,
  output        io_ctrl_w_ready,
  input         io_ctrl_w_valid,
  input  [63:0] io_ctrl_w_bits_data,
  input  [7:0]  io_ctrl_w_bits_strb,
  input         io_ctrl_b_ready,
  output        io_ctrl_b_valid,
  output [1:0]  io_ctrl_b_bits_resp,
  output        io_ctrl_ar_ready,
  input         io_ctrl_ar_valid,
  input  [15:0] io_ctrl_ar_bits_addr,
  input  [2:0]  io_ctrl_ar_bits_prot,
  input         io_ctrl_r_ready,
  output        io_ctrl_r_valid,
  output [63:0] io_ctrl_r_bits_data,
  output [1:0]  io_ctrl_r_bits_resp,
  input  [3:0]  io_straps
);

  reg  [63:0] word_0;
  reg  [63:0] word_1;
  reg         bPending;
  reg         rPending;
  reg  [63:0] rData;
  wire        _write = io_ctrl_aw_valid & io_ctrl_w_valid & ~bPending;
  wire [63:0] _mask = {{8{io_ctrl_w_bits_strb[7]}}, {8{io_ctrl_w_bits_strb[6]}}, {8{io_ctrl_w_bits_strb[5]}},
                       {8{io_ctrl_w_bits_strb[4]}}, {8{io_ctrl_w_bits_strb[3]}}, {8{io_ctrl_w_bits_strb[2]}},
                       {8{io_ctrl_w_bits_strb[1]}}, {8{io_ctrl_w_bits_strb[0]}}};
  always @(posedge clock) begin
    if (reset) begin
      word_0 <= 64'h0;
      word_1 <= 64'h0;
      bPending <= 1'h0;
      rPending <= 1'h0;
    end
    else begin
      if (_write & io_ctrl_aw_bits_addr[15:3] == 13'h0)
        word_0 <= word_0 & ~_mask | io_ctrl_w_bits_data & _mask;
      if (_write & io_ctrl_aw_bits_addr[15:3] == 13'h1)
        word_1 <= word_1 & ~_mask | io_ctrl_w_bits_data & _mask;
      bPending <= _write | bPending & ~io_ctrl_b_ready;
      rPending <= io_ctrl_ar_valid & ~rPending | rPending & ~io_ctrl_r_ready;
    end
    if (io_ctrl_ar_valid & ~rPending)
      rData <= io_ctrl_ar_bits_addr[4] ? {28'h0, io_straps, 32'hC0DE0005} : io_ctrl_ar_bits_addr[3] ? word_1 : word_0;
  end
  assign io_ctrl_aw_ready = _write;
  assign io_ctrl_w_ready = _write;
  assign io_ctrl_b_valid = bPending;
  assign io_ctrl_b_bits_resp = 2'h0;
  assign io_ctrl_ar_ready = ~rPending;
  assign io_ctrl_r_valid = rPending;
  assign io_ctrl_r_bits_data = rData;
  assign io_ctrl_r_bits_resp = 2'h0;
endmodule
