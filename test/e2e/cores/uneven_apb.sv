// SPDX-License-Identifier: Apache-2.0
// uneven_apb: an APB memory of 512 words that takes as many wait states as the last digit of the word's number in
// base 4 says. Then come as many words again: half of them answer with errors, and of the others, where the memory's
// second half is seen once more, the last one never answers.
module uneven_apb (
  input  logic        clk,
  input  logic        rst_n,
  input  logic [11:0] paddr,
  input  logic        psel,
  input  logic        penable,
  input  logic        pwrite,
  input  logic [31:0] pwdata,
  input  logic [ 3:0] pstrb,
  output logic [31:0] prdata,
  output logic        pready,
  output logic        pslverr
);
  logic [31:0] memory[512];
  logic [ 1:0] waited;
  wire         is_due = waited == paddr[3:2];

  assign prdata  = memory[paddr[10:2]];
  assign pready  = penable && is_due && paddr[11:2] != '1;
  assign pslverr = penable && is_due && paddr[11:10] == 2'b10;

  always_ff @(posedge clk or negedge rst_n)
    if (!rst_n) waited <= 0;
    else if (!psel || !penable || pready) waited <= 0;
    else if (!is_due) waited <= waited + 1;

  always_ff @(posedge clk)
    if (psel && penable && pready && pwrite && !pslverr)
      for (int i = 0; i < 4; i++) if (pstrb[i]) memory[paddr[10:2]][8*i+:8] <= pwdata[8*i+:8];
endmodule
