// SPDX-License-Identifier: Apache-2.0
// A core as vendors' wizards write them: upper case, Verilog-2001, ready only when address and data are both there,
// and then for one cycle. Four read-write registers, then an identification.
`timescale 1 ns / 1 ps

module vendor_slave #(
  parameter integer C_S_AXI_DATA_WIDTH = 32,
  parameter integer C_S_AXI_ADDR_WIDTH = 6
) (
  input  wire                              S_AXI_ACLK,
  input  wire                              S_AXI_ARESETN,
  input  wire [C_S_AXI_ADDR_WIDTH-1:0]     S_AXI_AWADDR,
  input  wire [2:0]                        S_AXI_AWPROT,
  input  wire                              S_AXI_AWVALID,
  output wire                              S_AXI_AWREADY,
  input  wire [C_S_AXI_DATA_WIDTH-1:0]     S_AXI_WDATA,
  input  wire [(C_S_AXI_DATA_WIDTH/8)-1:0] S_AXI_WSTRB,
  input  wire                              S_AXI_WVALID,
  output wire                              S_AXI_WREADY,
  output wire [1:0]                        S_AXI_BRESP,
  output wire                              S_AXI_BVALID,
  input  wire                              S_AXI_BREADY,
  input  wire [C_S_AXI_ADDR_WIDTH-1:0]     S_AXI_ARADDR,
  input  wire [2:0]                        S_AXI_ARPROT,
  input  wire                              S_AXI_ARVALID,
  output wire                              S_AXI_ARREADY,
  output wire [C_S_AXI_DATA_WIDTH-1:0]     S_AXI_RDATA,
  output wire [1:0]                        S_AXI_RRESP,
  output wire                              S_AXI_RVALID,
  input  wire                              S_AXI_RREADY
);
  reg        axi_awready, axi_wready, axi_bvalid, axi_arready, axi_rvalid;
  reg [31:0] axi_rdata;
  reg [31:0] slv_reg [0:3];
  integer    lane;

  assign S_AXI_AWREADY = axi_awready;
  assign S_AXI_WREADY  = axi_wready;
  assign S_AXI_BRESP   = 2'b00;
  assign S_AXI_BVALID  = axi_bvalid;
  assign S_AXI_ARREADY = axi_arready;
  assign S_AXI_RDATA   = axi_rdata;
  assign S_AXI_RRESP   = 2'b00;
  assign S_AXI_RVALID  = axi_rvalid;

  wire take_write = ~axi_awready && S_AXI_AWVALID && S_AXI_WVALID && ~axi_bvalid;
  wire do_write   = axi_awready && S_AXI_AWVALID && axi_wready && S_AXI_WVALID;

  always @(posedge S_AXI_ACLK) begin
    if (S_AXI_ARESETN == 1'b0) begin
      axi_awready <= 1'b0;
      axi_wready  <= 1'b0;
      axi_bvalid  <= 1'b0;
      for (lane = 0; lane < 4; lane = lane + 1) slv_reg[lane] <= 32'h0;
    end else begin
      axi_awready <= take_write;
      axi_wready  <= take_write;
      if (do_write) begin
        axi_bvalid <= 1'b1;
        for (lane = 0; lane < 4; lane = lane + 1)
          if (S_AXI_WSTRB[lane] && !S_AXI_AWADDR[4])
            slv_reg[S_AXI_AWADDR[3:2]][lane*8 +: 8] <= S_AXI_WDATA[lane*8 +: 8];
      end else if (S_AXI_BREADY && axi_bvalid) begin
        axi_bvalid <= 1'b0;
      end
    end
  end

  always @(posedge S_AXI_ACLK) begin
    if (S_AXI_ARESETN == 1'b0) begin
      axi_arready <= 1'b0;
      axi_rvalid  <= 1'b0;
    end else begin
      axi_arready <= ~axi_arready && S_AXI_ARVALID && ~axi_rvalid;
      if (axi_arready && S_AXI_ARVALID) begin
        axi_rvalid <= 1'b1;
        axi_rdata  <= S_AXI_ARADDR[4] ? 32'hc0de0001 : slv_reg[S_AXI_ARADDR[3:2]];
      end else if (axi_rvalid && S_AXI_RREADY) begin
        axi_rvalid <= 1'b0;
      end
    end
  end
endmodule
