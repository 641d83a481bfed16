// SPDX-License-Identifier: Apache-2.0
//
// In the place of hdl/models/axil_gpio.sv: a device whose reads say what a simulator of four states would, and that
// ends the run in ways of its own. A read of
//
//   0x000 to 0x0ff  comes with the word 0x44332211, of which bits 15:12 and 3 count as X
//   0x100           is answered with an RRESP that counts as X
//   0x104           ends with $finish
//   0x108           comes with a BVALID that nobody asked for
//   others          is answered with the word 0x44332211
//
// What counts as X is told through the calls of trapline_dpi_pkg, as the BFM does where there is an X.

module axil_gpio (
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
  input  logic        s_axil_rready,
  input  logic [31:0] gpio_i,
  output logic [31:0] gpio_o,
  output logic [31:0] gpio_oe_o,
  output logic        irq_o
);

  import trapline_dpi_pkg::*;

  localparam stream_data_t Unknown = 1024'hf008;

  assign {s_axil_awready, s_axil_wready, s_axil_bresp, s_axil_rresp} = '0;
  assign {gpio_o, gpio_oe_o, irq_o} = '0;
  assign s_axil_arready = !s_axil_rvalid;
  assign s_axil_rdata   = 32'h4433_2211;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {s_axil_rvalid, s_axil_bvalid} <= 2'b00;
    end else if (s_axil_arvalid && s_axil_arready) begin
      s_axil_rvalid <= 1'b1;
      if (s_axil_araddr < 12'h100) c_dpi_put_unknown(0, Unknown);
      if (s_axil_araddr == 12'h100) c_dpi_report_unknown(0, "RRESP is xx");
      if (s_axil_araddr == 12'h104) $finish;
      s_axil_bvalid <= s_axil_araddr == 12'h108;
    end else if (s_axil_rready) begin
      s_axil_rvalid <= 1'b0;
    end
  end

  logic unused;
  assign unused = ^{s_axil_awaddr, s_axil_awprot, s_axil_awvalid, s_axil_wdata, s_axil_wstrb, s_axil_wvalid,
                    s_axil_bready, s_axil_arprot, gpio_i};
endmodule
