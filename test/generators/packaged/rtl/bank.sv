// SPDX-License-Identifier: Apache-2.0
// Registers that tell what the package says of them: 0 Id, 4 the macro MORE, 8 an option's macro, 12 the part's value,
// 16 an answer of C, 20 the last byte of Name.
`include "bank.vh"
module bank #(
  parameter int Id = 1,
  parameter Name = "none"
) (
  input  wire        clk,
  input  wire        rst,
  input  wire        psel,
  input  wire        penable,
  input  wire        pwrite,
  input  wire [7:0]  paddr,
  input  wire [31:0] pwdata,
  output reg  [31:0] prdata
);
  import "DPI-C" function int unsigned twice(input int unsigned value);

  wire [31:0] value;
  part u_part (.value(value));

  always @(posedge clk) begin
    if (psel && !penable) begin
      case (paddr)
        8'h00:   prdata <= `OFFSET + Id;
        8'h04:   prdata <= `MORE;
        8'h08:   prdata <= `OPTION;
        8'h0c:   prdata <= value;
        8'h10:   prdata <= twice(32'h21);
        default: prdata <= {24'h0, Name[7:0]};
      endcase
    end
  end
endmodule
