// SPDX-License-Identifier: Apache-2.0
// A core whose list, included files, library, C and C++ each lie in a folder of their own; one has plus signs in its
// name.
`include "id.vh"
`include "offset.vh"
module core #(
  parameter int Step = 1
) (
  input  wire        clk,
  input  wire        rst,
  input  wire        psel,
  input  wire        penable,
  input  wire        pwrite,
  input  wire [7:0]  paddr,
  input  wire [31:0] pwdata,
  output reg  [31:0] prdata,
  input  wire [7:0]  straps
);
  import "DPI-C" function int unsigned twice(input int unsigned value);
  import "DPI-C" function int unsigned count_bits(input int unsigned value);

  wire [31:0] more;
  part u_part (.more(more));

  always @(posedge clk) begin
    if (psel && !penable) begin
      case (paddr)
        8'h00:   prdata <= `ID + `OFFSET;
        8'h04:   prdata <= `SUM;
        8'h08:   prdata <= Step;
        8'h0c:   prdata <= {24'h0, straps};
        8'h10:   prdata <= more;
        8'h14:   prdata <= twice(32'h21);
        default: prdata <= count_bits(32'hf0f0);
      endcase
    end
  end
endmodule
