// SPDX-License-Identifier: Apache-2.0
//
// two_registers: two devices side by side (registers.sv), each on a port of its own, a and b. Their interrupts come one
// by one and as a vector.

module two_registers (
  input  wire        clk,
  input  wire        rst_n,

  input  wire [11:0] a_awaddr,
  input  wire        a_awvalid,
  output wire        a_awready,
  input  wire [31:0] a_wdata,
  input  wire [ 3:0] a_wstrb,
  input  wire        a_wvalid,
  output wire        a_wready,
  output wire [ 1:0] a_bresp,
  output wire        a_bvalid,
  input  wire        a_bready,
  input  wire [11:0] a_araddr,
  input  wire        a_arvalid,
  output wire        a_arready,
  output wire [31:0] a_rdata,
  output wire [ 1:0] a_rresp,
  output wire        a_rvalid,
  input  wire        a_rready,
  output wire        a_irq,

  input  wire [11:0] b_awaddr,
  input  wire        b_awvalid,
  output wire        b_awready,
  input  wire [31:0] b_wdata,
  input  wire [ 3:0] b_wstrb,
  input  wire        b_wvalid,
  output wire        b_wready,
  output wire [ 1:0] b_bresp,
  output wire        b_bvalid,
  input  wire        b_bready,
  input  wire [11:0] b_araddr,
  input  wire        b_arvalid,
  output wire        b_arready,
  output wire [31:0] b_rdata,
  output wire [ 1:0] b_rresp,
  output wire        b_rvalid,
  input  wire        b_rready,
  output wire        b_irq,

  output wire [ 8:7] irqs
);

  assign irqs = {b_irq, a_irq};

  registers a (
    .clk(clk), .rst_n(rst_n),
    .awaddr(a_awaddr), .awvalid(a_awvalid), .awready(a_awready),
    .wdata(a_wdata), .wstrb(a_wstrb), .wvalid(a_wvalid), .wready(a_wready),
    .bresp(a_bresp), .bvalid(a_bvalid), .bready(a_bready),
    .araddr(a_araddr), .arvalid(a_arvalid), .arready(a_arready),
    .rdata(a_rdata), .rresp(a_rresp), .rvalid(a_rvalid), .rready(a_rready),
    .irq(a_irq)
  );

  registers b (
    .clk(clk), .rst_n(rst_n),
    .awaddr(b_awaddr), .awvalid(b_awvalid), .awready(b_awready),
    .wdata(b_wdata), .wstrb(b_wstrb), .wvalid(b_wvalid), .wready(b_wready),
    .bresp(b_bresp), .bvalid(b_bvalid), .bready(b_bready),
    .araddr(b_araddr), .arvalid(b_arvalid), .arready(b_arready),
    .rdata(b_rdata), .rresp(b_rresp), .rvalid(b_rvalid), .rready(b_rready),
    .irq(b_irq)
  );

endmodule
