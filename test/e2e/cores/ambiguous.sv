// SPDX-License-Identifier: Apache-2.0
// Two tops that can be read in two ways: one has two buses, the other two clocks. Neither answers.
module bus_stub (
  input  logic [11:0] awaddr, araddr,
  input  logic        awvalid, wvalid, bready, arvalid, rready,
  input  logic [31:0] wdata,
  output logic        awready, wready, bvalid, arready, rvalid,
  output logic [31:0] rdata
);
  assign {awready, wready, bvalid, arready, rvalid} = '0;
  assign rdata = '0;
  logic unused;
  assign unused = ^{awaddr, araddr, awvalid, wvalid, bready, arvalid, rready, wdata};
endmodule

module two_buses (
  input  logic        clk, rst_n,
  input  logic [11:0] s0_axi_awaddr, s0_axi_araddr,
  input  logic        s0_axi_awvalid, s0_axi_wvalid, s0_axi_bready, s0_axi_arvalid, s0_axi_rready,
  input  logic [31:0] s0_axi_wdata,
  output logic        s0_axi_awready, s0_axi_wready, s0_axi_bvalid, s0_axi_arready, s0_axi_rvalid,
  output logic [31:0] s0_axi_rdata,
  input  logic [11:0] s1_axi_awaddr, s1_axi_araddr,
  input  logic        s1_axi_awvalid, s1_axi_wvalid, s1_axi_bready, s1_axi_arvalid, s1_axi_rready,
  input  logic [31:0] s1_axi_wdata,
  output logic        s1_axi_awready, s1_axi_wready, s1_axi_bvalid, s1_axi_arready, s1_axi_rvalid,
  output logic [31:0] s1_axi_rdata
);
  bus_stub first (
    .awaddr(s0_axi_awaddr), .araddr(s0_axi_araddr), .awvalid(s0_axi_awvalid), .wvalid(s0_axi_wvalid),
    .bready(s0_axi_bready), .arvalid(s0_axi_arvalid), .rready(s0_axi_rready), .wdata(s0_axi_wdata),
    .awready(s0_axi_awready), .wready(s0_axi_wready), .bvalid(s0_axi_bvalid), .arready(s0_axi_arready),
    .rvalid(s0_axi_rvalid), .rdata(s0_axi_rdata)
  );
  bus_stub second (
    .awaddr(s1_axi_awaddr), .araddr(s1_axi_araddr), .awvalid(s1_axi_awvalid), .wvalid(s1_axi_wvalid),
    .bready(s1_axi_bready), .arvalid(s1_axi_arvalid), .rready(s1_axi_rready), .wdata(s1_axi_wdata),
    .awready(s1_axi_awready), .wready(s1_axi_wready), .bvalid(s1_axi_bvalid), .arready(s1_axi_arready),
    .rvalid(s1_axi_rvalid), .rdata(s1_axi_rdata)
  );
endmodule

module two_clocks (
  input  logic        s_axi_aclk, core_clk, aresetn,
  input  logic [11:0] s_axi_awaddr, s_axi_araddr,
  input  logic        s_axi_awvalid, s_axi_wvalid, s_axi_bready, s_axi_arvalid, s_axi_rready,
  input  logic [31:0] s_axi_wdata,
  output logic        s_axi_awready, s_axi_wready, s_axi_bvalid, s_axi_arready, s_axi_rvalid,
  output logic [31:0] s_axi_rdata
);
  bus_stub bus (
    .awaddr(s_axi_awaddr), .araddr(s_axi_araddr), .awvalid(s_axi_awvalid), .wvalid(s_axi_wvalid),
    .bready(s_axi_bready), .arvalid(s_axi_arvalid), .rready(s_axi_rready), .wdata(s_axi_wdata),
    .awready(s_axi_awready), .wready(s_axi_wready), .bvalid(s_axi_bvalid), .arready(s_axi_arready),
    .rvalid(s_axi_rvalid), .rdata(s_axi_rdata)
  );
endmodule
