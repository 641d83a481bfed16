// SPDX-License-Identifier: Apache-2.0
//
// dma_bench: hdl/models/axi_dma.sv with IDs at its memory port, which the subordinates of cocotbext-axi ask for.

module dma_bench (
  input  wire        clk_i,
  input  wire        rst_ni,

  input  wire [11:0] s_axil_awaddr,
  input  wire        s_axil_awvalid,
  output wire        s_axil_awready,
  input  wire [31:0] s_axil_wdata,
  input  wire [ 3:0] s_axil_wstrb,
  input  wire        s_axil_wvalid,
  output wire        s_axil_wready,
  output wire [ 1:0] s_axil_bresp,
  output wire        s_axil_bvalid,
  input  wire        s_axil_bready,
  input  wire [11:0] s_axil_araddr,
  input  wire        s_axil_arvalid,
  output wire        s_axil_arready,
  output wire [31:0] s_axil_rdata,
  output wire [ 1:0] s_axil_rresp,
  output wire        s_axil_rvalid,
  input  wire        s_axil_rready,

  output wire        m_axi_awid,
  output wire [63:0] m_axi_awaddr,
  output wire [ 7:0] m_axi_awlen,
  output wire [ 2:0] m_axi_awsize,
  output wire [ 1:0] m_axi_awburst,
  output wire        m_axi_awvalid,
  input  wire        m_axi_awready,
  output wire [63:0] m_axi_wdata,
  output wire [ 7:0] m_axi_wstrb,
  output wire        m_axi_wlast,
  output wire        m_axi_wvalid,
  input  wire        m_axi_wready,
  input  wire        m_axi_bid,
  input  wire [ 1:0] m_axi_bresp,
  input  wire        m_axi_bvalid,
  output wire        m_axi_bready,
  output wire        m_axi_arid,
  output wire [63:0] m_axi_araddr,
  output wire [ 7:0] m_axi_arlen,
  output wire [ 2:0] m_axi_arsize,
  output wire [ 1:0] m_axi_arburst,
  output wire        m_axi_arvalid,
  input  wire        m_axi_arready,
  input  wire        m_axi_rid,
  input  wire [63:0] m_axi_rdata,
  input  wire [ 1:0] m_axi_rresp,
  input  wire        m_axi_rlast,
  input  wire        m_axi_rvalid,
  output wire        m_axi_rready,

  output wire        irq_o
);

  assign m_axi_awid = 1'b0;
  assign m_axi_arid = 1'b0;

  axi_dma dma (
    .*,
    .s_axil_awprot(3'b000),
    .s_axil_arprot(3'b000)
  );
endmodule
