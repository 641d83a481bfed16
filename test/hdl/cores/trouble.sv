// SPDX-License-Identifier: Apache-2.0
//
// trouble: an axil_ram that ends the run when address 8 is read, in the way that parameter Kind says:
//   0 $fatal   1 failed assertion   2 $stop   3 $finish   4 BVALID that nobody asked for
//   5 nothing, but a final block that finds fault   6 nothing, but a final block that prints

module trouble #(
  parameter int unsigned Kind = 0
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [11:0] s_axil_awaddr,
  input  logic [ 2:0] s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [ 3:0] s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [11:0] s_axil_araddr,
  input  logic [ 2:0] s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready
);

  logic hit, bvalid;
  assign hit = s_axil_arvalid && s_axil_arready && s_axil_araddr == 8;
  assign s_axil_bvalid = bvalid || (Kind == 4 && hit);

  axil_ram #(.Depth(16)) ram (.*, .s_axil_bvalid(bvalid));

  always_ff @(posedge clk_i) begin
    if (hit && Kind == 0) $fatal(1, "overflow of %0d", 42);
    if (Kind == 1) never_hit: assert (!hit) else $error("address 8 was read");
    if (hit && Kind == 2) $stop;
    if (hit && Kind == 3) $finish;
  end

  final begin
    if (Kind == 5) $error("work was left over");
    if (Kind == 6) $display("the final block ran");
  end
endmodule
