// SPDX-License-Identifier: Apache-2.0
//
// three_clocks: a bus on one clock, a memory with a bus on another, and a part without bus on a third; each with its
// own reset. It counts the edges of all three, before any reset, so that a test sees which have come.
//
// Registers of s_axi_ctrl, without synchronisers: what a flop of this clock sees.
//
//   0x00, 0x04, 0x08  rising edges so far of s_axi_ctrl_aclk, s_axi_ram_aclk, side_clk
//   0x0c, 0x10, 0x14  those at which its own reset was active
//   0x1c              a write makes side_irq high for one cycle of side_clk; reads 0

`timescale 1ns / 1ns

module three_clocks (
  input  logic        s_axi_ctrl_aclk,
  input  logic        s_axi_ctrl_aresetn,
  input  logic [ 7:0] s_axi_ctrl_awaddr,
  input  logic        s_axi_ctrl_awvalid,
  output logic        s_axi_ctrl_awready,
  input  logic [31:0] s_axi_ctrl_wdata,
  input  logic        s_axi_ctrl_wvalid,
  output logic        s_axi_ctrl_wready,
  output logic        s_axi_ctrl_bvalid,
  input  logic        s_axi_ctrl_bready,
  input  logic [ 7:0] s_axi_ctrl_araddr,
  input  logic        s_axi_ctrl_arvalid,
  output logic        s_axi_ctrl_arready,
  output logic [31:0] s_axi_ctrl_rdata,
  output logic        s_axi_ctrl_rvalid,
  input  logic        s_axi_ctrl_rready,

  input  logic        s_axi_ram_aclk,
  input  logic        s_axi_ram_areset,
  input  logic [11:0] s_axi_ram_awaddr,
  input  logic [ 2:0] s_axi_ram_awprot,
  input  logic        s_axi_ram_awvalid,
  output logic        s_axi_ram_awready,
  input  logic [31:0] s_axi_ram_wdata,
  input  logic [ 3:0] s_axi_ram_wstrb,
  input  logic        s_axi_ram_wvalid,
  output logic        s_axi_ram_wready,
  output logic [ 1:0] s_axi_ram_bresp,
  output logic        s_axi_ram_bvalid,
  input  logic        s_axi_ram_bready,
  input  logic [11:0] s_axi_ram_araddr,
  input  logic [ 2:0] s_axi_ram_arprot,
  input  logic        s_axi_ram_arvalid,
  output logic        s_axi_ram_arready,
  output logic [31:0] s_axi_ram_rdata,
  output logic [ 1:0] s_axi_ram_rresp,
  output logic        s_axi_ram_rvalid,
  input  logic        s_axi_ram_rready,

  input  logic        side_clk,
  input  logic        side_rst_n,
  output logic        side_irq
);

  // ---- what has come of each clock

  int unsigned ctrl_q = 0, ram_q = 0, side_q = 0;
  int unsigned ctrl_reset_q = 0, ram_reset_q = 0, side_reset_q = 0;

  always_ff @(posedge s_axi_ctrl_aclk) begin
    ctrl_q <= ctrl_q + 1;
    if (!s_axi_ctrl_aresetn) ctrl_reset_q <= ctrl_reset_q + 1;
  end
  always_ff @(posedge s_axi_ram_aclk) begin
    ram_q <= ram_q + 1;
    if (s_axi_ram_areset) ram_reset_q <= ram_reset_q + 1;
  end
  always_ff @(posedge side_clk) begin
    side_q <= side_q + 1;
    if (!side_rst_n) side_reset_q <= side_reset_q + 1;
  end

  // ---- the interrupt, whose request crosses by its edge

  logic ask_q, seen_q, acted_q;
  always_ff @(posedge side_clk or negedge side_rst_n) begin
    if (!side_rst_n) {seen_q, acted_q} <= '0;
    else {acted_q, seen_q} <= {seen_q, ask_q};
  end
  assign side_irq = seen_q != acted_q;

  // ---- the registers

  logic write, read;
  assign write = s_axi_ctrl_awvalid && s_axi_ctrl_wvalid && !s_axi_ctrl_bvalid;
  assign read  = s_axi_ctrl_arvalid && !s_axi_ctrl_rvalid;
  assign s_axi_ctrl_awready = write;
  assign s_axi_ctrl_wready  = write;
  assign s_axi_ctrl_arready = read;

  always_ff @(posedge s_axi_ctrl_aclk or negedge s_axi_ctrl_aresetn) begin
    if (!s_axi_ctrl_aresetn) begin
      {s_axi_ctrl_bvalid, s_axi_ctrl_rvalid, ask_q} <= '0;
    end else begin
      s_axi_ctrl_bvalid <= write || (s_axi_ctrl_bvalid && !s_axi_ctrl_bready);
      s_axi_ctrl_rvalid <= read || (s_axi_ctrl_rvalid && !s_axi_ctrl_rready);
      if (write && s_axi_ctrl_awaddr[4:2] == 3'd7) ask_q <= !ask_q;
    end
  end

  always_ff @(posedge s_axi_ctrl_aclk) begin
    if (read) begin
      case (s_axi_ctrl_araddr[4:2])
        3'd0:    s_axi_ctrl_rdata <= ctrl_q;
        3'd1:    s_axi_ctrl_rdata <= ram_q;
        3'd2:    s_axi_ctrl_rdata <= side_q;
        3'd3:    s_axi_ctrl_rdata <= ctrl_reset_q;
        3'd4:    s_axi_ctrl_rdata <= ram_reset_q;
        3'd5:    s_axi_ctrl_rdata <= side_reset_q;
        default: s_axi_ctrl_rdata <= '0;
      endcase
    end
  end

  axil_ram ram (
    .clk_i         (s_axi_ram_aclk),
    .rst_ni        (!s_axi_ram_areset),
    .s_axil_awaddr (s_axi_ram_awaddr),
    .s_axil_awprot (s_axi_ram_awprot),
    .s_axil_awvalid(s_axi_ram_awvalid),
    .s_axil_awready(s_axi_ram_awready),
    .s_axil_wdata  (s_axi_ram_wdata),
    .s_axil_wstrb  (s_axi_ram_wstrb),
    .s_axil_wvalid (s_axi_ram_wvalid),
    .s_axil_wready (s_axi_ram_wready),
    .s_axil_bresp  (s_axi_ram_bresp),
    .s_axil_bvalid (s_axi_ram_bvalid),
    .s_axil_bready (s_axi_ram_bready),
    .s_axil_araddr (s_axi_ram_araddr),
    .s_axil_arprot (s_axi_ram_arprot),
    .s_axil_arvalid(s_axi_ram_arvalid),
    .s_axil_arready(s_axi_ram_arready),
    .s_axil_rdata  (s_axi_ram_rdata),
    .s_axil_rresp  (s_axi_ram_rresp),
    .s_axil_rvalid (s_axi_ram_rvalid),
    .s_axil_rready (s_axi_ram_rready)
  );

  logic unused;
  assign unused = ^{s_axi_ctrl_wdata, s_axi_ctrl_awaddr, s_axi_ctrl_araddr};
endmodule
