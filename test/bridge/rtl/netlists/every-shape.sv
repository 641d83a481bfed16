// A port of every shape. Beside it lies what each Verilator says about it; the command is in read-netlist.ts.
package shapes;
  localparam int Width = 12;
  typedef struct packed {logic [3:0] a; logic b;} packed_t;
endpackage

module every_shape #(
  parameter int DataWidth = 32,
  parameter type item_t = logic [7:0]
) (
  input wire clk,
  input logic [shapes::Width-1:0] address,
  input logic [DataWidth/8-1:0] strobes,
  input logic signed [4:0] offset,
  input logic [1:0][7:0] lanes,
  input logic [0:7] backwards,
  input integer count,
  input item_t item,
  input enum logic [2:0] {Idle, Busy} state,
  input shapes::packed_t record,
  input logic [3:0] table_of[2][3],
  input real voltage,
  output reg [1:0] answer,
  output wire \odd$name ,
  inout wire [3:0] pads
);
  `include "nothing.svh"
endmodule
