// SPDX-License-Identifier: Apache-2.0
//
// A test bench with the kit: axil_gpio, whose pins read back what they drive, behind one AXI4-Lite port that programs
// reach. Monitors, scoreboards and coverage stand beside it as ever.

module example_tb;
  timeunit 1ns;
  timeprecision 1ps;

  localparam int unsigned AddrWidth = 12;
  localparam int unsigned DataWidth = 32;

  logic clk, rst_n;

  trapline_kit kit (.clk_o(clk), .rst_no(rst_n));

  // ---- the port, wired as always

  logic [  AddrWidth-1:0] awaddr, araddr;
  logic [            2:0] awprot, arprot;
  logic [  DataWidth-1:0] wdata, rdata;
  logic [DataWidth/8-1:0] wstrb;
  logic [            1:0] bresp, rresp;
  logic awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;

  // Port counts the --port flags of TRAPLINE_KIT_FLAGS from 0, Line the --interrupt flags.
  axil_manager_bfm #(.Port(0), .AddrWidth(AddrWidth), .DataWidth(DataWidth)) bfm (
    .clk_i(clk), .rst_ni(rst_n),
    .awaddr_o(awaddr), .awprot_o(awprot), .awvalid_o(awvalid), .awready_i(awready),
    .wdata_o(wdata), .wstrb_o(wstrb), .wvalid_o(wvalid), .wready_i(wready),
    .bresp_i(bresp), .bvalid_i(bvalid), .bready_o(bready),
    .araddr_o(araddr), .arprot_o(arprot), .arvalid_o(arvalid), .arready_i(arready),
    .rdata_i(rdata), .rresp_i(rresp), .rvalid_i(rvalid), .rready_o(rready)
  );

  axil_checker #(.Name("s_axil"), .AddrWidth(AddrWidth), .DataWidth(DataWidth)) checker_of_port (
    .clk_i(clk), .rst_ni(rst_n),
    .awaddr_i(awaddr), .awprot_i(awprot), .awvalid_i(awvalid), .awready_i(awready),
    .wdata_i(wdata), .wstrb_i(wstrb), .wvalid_i(wvalid), .wready_i(wready),
    .bresp_i(bresp), .bvalid_i(bvalid), .bready_i(bready),
    .araddr_i(araddr), .arprot_i(arprot), .arvalid_i(arvalid), .arready_i(arready),
    .rdata_i(rdata), .rresp_i(rresp), .rvalid_i(rvalid), .rready_i(rready)
  );

  // ---- an interrupt line

  logic irq;

  irq_monitor #(.Line(0)) irq_of_pins (.clk_i(clk), .rst_ni(rst_n), .irq_i(irq));

  // ---- the design

  logic [31:0] pins, unused_enables;

  axil_gpio dut (
    .clk_i(clk), .rst_ni(rst_n),
    .s_axil_awaddr(awaddr), .s_axil_awprot(awprot), .s_axil_awvalid(awvalid), .s_axil_awready(awready),
    .s_axil_wdata(wdata), .s_axil_wstrb(wstrb), .s_axil_wvalid(wvalid), .s_axil_wready(wready),
    .s_axil_bresp(bresp), .s_axil_bvalid(bvalid), .s_axil_bready(bready),
    .s_axil_araddr(araddr), .s_axil_arprot(arprot), .s_axil_arvalid(arvalid), .s_axil_arready(arready),
    .s_axil_rdata(rdata), .s_axil_rresp(rresp), .s_axil_rvalid(rvalid), .s_axil_rready(rready),
    .gpio_i(pins), .gpio_o(pins), .gpio_oe_o(unused_enables), .irq_o(irq)
  );

endmodule
