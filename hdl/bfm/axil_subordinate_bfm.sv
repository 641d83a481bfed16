// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Lite subordinate BFM: axi4_subordinate_bfm for a manager port of the design that knows no bursts. Each transfer
// is a burst of one beat, as wide as the bus.

module axil_subordinate_bfm #(
  // Index of this port among the --manager arguments of the model.
  parameter int unsigned Manager = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [  AddrWidth-1:0] awaddr_i,
  input  logic [            2:0] awprot_i,
  input  logic                   awvalid_i,
  output logic                   awready_o,

  input  logic [  DataWidth-1:0] wdata_i,
  input  logic [DataWidth/8-1:0] wstrb_i,
  input  logic                   wvalid_i,
  output logic                   wready_o,

  output logic [            1:0] bresp_o,
  output logic                   bvalid_o,
  input  logic                   bready_i,

  input  logic [  AddrWidth-1:0] araddr_i,
  input  logic [            2:0] arprot_i,
  input  logic                   arvalid_i,
  output logic                   arready_o,

  output logic [  DataWidth-1:0] rdata_o,
  output logic [            1:0] rresp_o,
  output logic                   rvalid_o,
  input  logic                   rready_i
);

  localparam logic [2:0] WholeWord = 3'($clog2(DataWidth / 8));
  localparam logic [1:0] Incr = 2'b01;
  // Transfers are as wide as the bus, and strobes say which bytes count (IHI 0022, B1.1): the bits below say nothing.
  localparam logic [AddrWidth-1:0] WordMask = ~AddrWidth'(DataWidth / 8 - 1);

  logic [1:0] unused_ids;
  logic       unused_last;

  axi4_subordinate_bfm #(
    .Manager(Manager),
    .AddrWidth(AddrWidth),
    .DataWidth(DataWidth),
    .IdWidth(0)
  ) axi4 (
    .clk_i,
    .rst_ni,
    .awid_i(1'b0), .awaddr_i(awaddr_i & WordMask), .awlen_i(8'd0), .awsize_i(WholeWord), .awburst_i(Incr),
    .awlock_i(2'b00), .awcache_i(4'd0), .awprot_i,
    .awqos_i(4'd0), .awregion_i(4'd0), .awatop_i(6'd0), .awvalid_i, .awready_o,
    .wid_i(1'b0), .wdata_i, .wstrb_i, .wlast_i(1'b1), .wvalid_i, .wready_o,
    .bid_o(unused_ids[0]), .bresp_o, .bvalid_o, .bready_i,
    .arid_i(1'b0), .araddr_i(araddr_i & WordMask), .arlen_i(8'd0), .arsize_i(WholeWord), .arburst_i(Incr),
    .arlock_i(2'b00), .arcache_i(4'd0), .arprot_i,
    .arqos_i(4'd0), .arregion_i(4'd0), .arvalid_i, .arready_o,
    .rid_o(unused_ids[1]), .rdata_o, .rresp_o, .rlast_o(unused_last), .rvalid_o, .rready_i
  );
endmodule
