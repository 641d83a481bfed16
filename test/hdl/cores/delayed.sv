// SPDX-License-Identifier: Apache-2.0
//
// delayed: an oscillator of its own with a period of 14 ns counts its rising edges, the first 7 ns after power-up. Any
// read shows the count in bits 15 to 0, and in bits 31 to 16 how many clock edges there were, through a flip-flop with
// a delay in its assignment.

`timescale 1ns / 1ps

module delayed (
  input  logic        clk,
  input  logic        rst_n,
  input  logic        psel,
  input  logic        penable,
  input  logic        pwrite,
  input  logic [7:0]  paddr,
  input  logic [31:0] pwdata,
  output logic [31:0] prdata,
  output logic        pready
);
  logic oscillator = 1'b0;
  logic [15:0] count = '0, edges = '0;

  always #7 oscillator = ~oscillator;
  always @(posedge oscillator) count <= count + 16'd1;
  always @(posedge clk) edges <= #1 edges + 16'd1;

  assign prdata = {edges, count};
  assign pready = 1'b1;
endmodule
