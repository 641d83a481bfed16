// SPDX-License-Identifier: Apache-2.0
//
// two_ports: two memories, each with a bus of its own.

module two_ports (
  input  logic        clk,
  input  logic        rst_n,
  input  logic [11:0] a_awaddr,  b_awaddr,
  input  logic [ 2:0] a_awprot,  b_awprot,
  input  logic        a_awvalid, b_awvalid,
  output logic        a_awready, b_awready,
  input  logic [31:0] a_wdata,   b_wdata,
  input  logic [ 3:0] a_wstrb,   b_wstrb,
  input  logic        a_wvalid,  b_wvalid,
  output logic        a_wready,  b_wready,
  output logic [ 1:0] a_bresp,   b_bresp,
  output logic        a_bvalid,  b_bvalid,
  input  logic        a_bready,  b_bready,
  input  logic [11:0] a_araddr,  b_araddr,
  input  logic [ 2:0] a_arprot,  b_arprot,
  input  logic        a_arvalid, b_arvalid,
  output logic        a_arready, b_arready,
  output logic [31:0] a_rdata,   b_rdata,
  output logic [ 1:0] a_rresp,   b_rresp,
  output logic        a_rvalid,  b_rvalid,
  input  logic        a_rready,  b_rready
);

  axil_ram ram_a (
    .clk_i(clk), .rst_ni(rst_n),
    .s_axil_awaddr(a_awaddr), .s_axil_awprot(a_awprot), .s_axil_awvalid(a_awvalid), .s_axil_awready(a_awready),
    .s_axil_wdata(a_wdata), .s_axil_wstrb(a_wstrb), .s_axil_wvalid(a_wvalid), .s_axil_wready(a_wready),
    .s_axil_bresp(a_bresp), .s_axil_bvalid(a_bvalid), .s_axil_bready(a_bready),
    .s_axil_araddr(a_araddr), .s_axil_arprot(a_arprot), .s_axil_arvalid(a_arvalid), .s_axil_arready(a_arready),
    .s_axil_rdata(a_rdata), .s_axil_rresp(a_rresp), .s_axil_rvalid(a_rvalid), .s_axil_rready(a_rready)
  );

  axil_ram ram_b (
    .clk_i(clk), .rst_ni(rst_n),
    .s_axil_awaddr(b_awaddr), .s_axil_awprot(b_awprot), .s_axil_awvalid(b_awvalid), .s_axil_awready(b_awready),
    .s_axil_wdata(b_wdata), .s_axil_wstrb(b_wstrb), .s_axil_wvalid(b_wvalid), .s_axil_wready(b_wready),
    .s_axil_bresp(b_bresp), .s_axil_bvalid(b_bvalid), .s_axil_bready(b_bready),
    .s_axil_araddr(b_araddr), .s_axil_arprot(b_arprot), .s_axil_arvalid(b_arvalid), .s_axil_arready(b_arready),
    .s_axil_rdata(b_rdata), .s_axil_rresp(b_rresp), .s_axil_rvalid(b_rvalid), .s_axil_rready(b_rready)
  );

endmodule
