// SPDX-License-Identifier: Apache-2.0
//
// manager_kinds: managers as other people have them: with reads or writes only, AXI3, AXI4 with AXI3's LOCK and WID (as
// high-level synthesis writes them), narrow ones. Writing 0x0 starts all; 0x0 reads which are busy, 0x4, 0x8, … the
// sums of what each reader read.

// Writes Beats words, each as its number added to Seed.
module burst_writer #(
  parameter int unsigned LenBits = 8,
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Beats = 16,
  parameter int unsigned Seed = 1
) (
  input  logic                 clk,
  input  logic                 rst_n,
  input  logic                 start_i,
  output logic                 busy_o,
  output logic [LenBits-1:0]   awlen,
  output logic                 awvalid,
  input  logic                 awready,
  output logic [DataWidth-1:0] wdata,
  output logic                 wlast,
  output logic                 wvalid,
  input  logic                 wready,
  input  logic                 bvalid
);
  int unsigned beat_q;
  assign awlen  = LenBits'(Beats - 1);
  assign wdata  = DataWidth'(Seed + beat_q);
  assign wvalid = beat_q < Beats;
  assign wlast  = beat_q == Beats - 1;

  always_ff @(posedge clk) begin
    if (awready) awvalid <= 1'b0;
    if (wvalid && wready) beat_q <= beat_q + 1;
    if (bvalid) busy_o <= 1'b0;
    if (start_i) {awvalid, busy_o, beat_q} <= {2'b11, 32'd0};
    if (!rst_n) {awvalid, busy_o, beat_q} <= {2'b00, Beats};
  end
endmodule

module burst_reader #(
  parameter int unsigned LenBits = 8,
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Beats = 16
) (
  input  logic                 clk,
  input  logic                 rst_n,
  input  logic                 start_i,
  output logic                 busy_o,
  output logic [31:0]          sum_o,
  output logic [LenBits-1:0]   arlen,
  output logic                 arvalid,
  input  logic                 arready,
  input  logic [DataWidth-1:0] rdata,
  input  logic                 rlast,
  input  logic                 rvalid
);
  assign arlen = LenBits'(Beats - 1);

  always_ff @(posedge clk) begin
    if (arready) arvalid <= 1'b0;
    if (rvalid) sum_o <= sum_o + 32'(rdata);
    if (rvalid && rlast) busy_o <= 1'b0;
    if (start_i) {arvalid, busy_o, sum_o} <= {2'b11, 32'd0};
    if (!rst_n) {arvalid, busy_o, sum_o} <= '0;
  end
endmodule

module manager_kinds (
  input  logic        clk,
  input  logic        rst_n,

  input  logic [ 7:0] paddr,
  input  logic        psel,
  input  logic        penable,
  input  logic        pwrite,
  input  logic [31:0] pwdata,
  output logic [31:0] prdata,

  // Reads only.
  output logic [31:0] ro_araddr,
  output logic [ 7:0] ro_arlen,
  output logic        ro_arvalid,
  input  logic        ro_arready,
  input  logic [63:0] ro_rdata,
  input  logic        ro_rlast,
  input  logic        ro_rvalid,
  output logic        ro_rready,

  // Writes only, with IDs.
  output logic [ 2:0] wo_awid,
  output logic [31:0] wo_awaddr,
  output logic [ 7:0] wo_awlen,
  output logic        wo_awvalid,
  input  logic        wo_awready,
  output logic [31:0] wo_wdata,
  output logic        wo_wlast,
  output logic        wo_wvalid,
  input  logic        wo_wready,
  input  logic [ 2:0] wo_bid,
  input  logic        wo_bvalid,
  output logic        wo_bready,

  // AXI3.
  output logic [ 3:0] a3_awid,
  output logic [31:0] a3_awaddr,
  output logic [ 3:0] a3_awlen,
  output logic [ 2:0] a3_awsize,
  output logic [ 1:0] a3_awburst,
  output logic [ 1:0] a3_awlock,
  output logic        a3_awvalid,
  input  logic        a3_awready,
  output logic [ 3:0] a3_wid,
  output logic [63:0] a3_wdata,
  output logic [ 7:0] a3_wstrb,
  output logic        a3_wlast,
  output logic        a3_wvalid,
  input  logic        a3_wready,
  input  logic [ 3:0] a3_bid,
  input  logic [ 1:0] a3_bresp,
  input  logic        a3_bvalid,
  output logic        a3_bready,
  output logic [ 3:0] a3_arid,
  output logic [31:0] a3_araddr,
  output logic [ 3:0] a3_arlen,
  output logic [ 1:0] a3_arlock,
  output logic        a3_arvalid,
  input  logic        a3_arready,
  input  logic [ 3:0] a3_rid,
  input  logic [63:0] a3_rdata,
  input  logic        a3_rlast,
  input  logic        a3_rvalid,
  output logic        a3_rready,

  // LOCK of AXI3 beside LEN of AXI4; WID is no ID.
  output logic        m_axi_gmem_AWVALID,
  input  logic        m_axi_gmem_AWREADY,
  output logic [63:0] m_axi_gmem_AWADDR,
  output logic [ 0:0] m_axi_gmem_AWID,
  output logic [ 7:0] m_axi_gmem_AWLEN,
  output logic [ 1:0] m_axi_gmem_AWLOCK,
  output logic        m_axi_gmem_WVALID,
  input  logic        m_axi_gmem_WREADY,
  output logic [31:0] m_axi_gmem_WDATA,
  output logic        m_axi_gmem_WLAST,
  output logic [ 0:0] m_axi_gmem_WID,
  input  logic        m_axi_gmem_BVALID,
  output logic        m_axi_gmem_BREADY,
  input  logic [ 0:0] m_axi_gmem_BID,
  output logic        m_axi_gmem_ARVALID,
  input  logic        m_axi_gmem_ARREADY,
  output logic [63:0] m_axi_gmem_ARADDR,
  output logic [ 0:0] m_axi_gmem_ARID,
  output logic [ 7:0] m_axi_gmem_ARLEN,
  output logic [ 1:0] m_axi_gmem_ARLOCK,
  input  logic        m_axi_gmem_RVALID,
  output logic        m_axi_gmem_RREADY,
  input  logic [31:0] m_axi_gmem_RDATA,
  input  logic        m_axi_gmem_RLAST,
  input  logic [ 0:0] m_axi_gmem_RID,

  // A byte wide, writes only.
  output logic [31:0] by_awaddr,
  output logic [ 7:0] by_awlen,
  output logic        by_awvalid,
  input  logic        by_awready,
  output logic [ 7:0] by_wdata,
  output logic        by_wlast,
  output logic        by_wvalid,
  input  logic        by_wready,
  input  logic        by_bvalid,
  output logic        by_bready,

  // AXI4-Lite, reads only.
  output logic [31:0] lite_araddr,
  output logic        lite_arvalid,
  input  logic        lite_arready,
  input  logic [31:0] lite_rdata,
  input  logic        lite_rvalid,
  output logic        lite_rready
);

  localparam logic [31:0] Base = 32'h1000_0000;

  logic start;
  logic [7:0] busy;
  logic [31:0] sums [4];
  assign start  = psel && penable && pwrite;
  assign prdata = paddr == 0 ? 32'(busy) : sums[2'(paddr[4:2] - 1)];

  assign ro_araddr = Base;
  assign ro_rready = 1'b1;
  burst_reader #(.DataWidth(64)) ro (
    .clk, .rst_n, .start_i(start), .busy_o(busy[0]), .sum_o(sums[0]), .arlen(ro_arlen), .arvalid(ro_arvalid),
    .arready(ro_arready), .rdata(ro_rdata), .rlast(ro_rlast), .rvalid(ro_rvalid)
  );

  assign {wo_awid, wo_awaddr, wo_bready} = {3'd5, Base + 32'h100, 1'b1};
  burst_writer #(.Seed(100)) wo (
    .clk, .rst_n, .start_i(start), .busy_o(busy[1]), .awlen(wo_awlen), .awvalid(wo_awvalid), .awready(wo_awready),
    .wdata(wo_wdata), .wlast(wo_wlast), .wvalid(wo_wvalid), .wready(wo_wready), .bvalid(wo_bvalid && wo_bid == 5)
  );

  assign {a3_awid, a3_awaddr, a3_awsize, a3_awburst, a3_awlock} = {4'd9, Base + 32'h200, 3'd3, 2'd1, 2'd1};
  assign {a3_wid, a3_wstrb, a3_bready} = {4'd9, 8'hff, 1'b1};
  assign {a3_arid, a3_araddr, a3_arlock, a3_rready} = {4'd6, Base, 2'd0, 1'b1};
  burst_writer #(.LenBits(4), .DataWidth(64), .Seed(200)) a3_writer (
    .clk, .rst_n, .start_i(start), .busy_o(busy[2]), .awlen(a3_awlen), .awvalid(a3_awvalid), .awready(a3_awready),
    .wdata(a3_wdata), .wlast(a3_wlast), .wvalid(a3_wvalid), .wready(a3_wready), .bvalid(a3_bvalid && a3_bid == 9)
  );
  burst_reader #(.LenBits(4), .DataWidth(64)) a3_reader (
    .clk, .rst_n, .start_i(start), .busy_o(busy[3]), .sum_o(sums[1]), .arlen(a3_arlen), .arvalid(a3_arvalid),
    .arready(a3_arready), .rdata(a3_rdata), .rlast(a3_rlast), .rvalid(a3_rvalid && a3_rid == 6)
  );

  assign {m_axi_gmem_AWADDR, m_axi_gmem_AWID, m_axi_gmem_AWLOCK} = {64'(Base) + 64'h400, 1'b0, 2'd0};
  assign {m_axi_gmem_WID, m_axi_gmem_BREADY} = 2'b11;
  assign {m_axi_gmem_ARADDR, m_axi_gmem_ARID, m_axi_gmem_ARLOCK, m_axi_gmem_RREADY} = {64'(Base), 1'b0, 2'd0, 1'b1};
  burst_writer #(.Beats(32), .Seed(400)) hls_writer (
    .clk, .rst_n, .start_i(start), .busy_o(busy[4]), .awlen(m_axi_gmem_AWLEN), .awvalid(m_axi_gmem_AWVALID),
    .awready(m_axi_gmem_AWREADY), .wdata(m_axi_gmem_WDATA), .wlast(m_axi_gmem_WLAST), .wvalid(m_axi_gmem_WVALID),
    .wready(m_axi_gmem_WREADY), .bvalid(m_axi_gmem_BVALID)
  );
  burst_reader hls_reader (
    .clk, .rst_n, .start_i(start), .busy_o(busy[5]), .sum_o(sums[2]), .arlen(m_axi_gmem_ARLEN),
    .arvalid(m_axi_gmem_ARVALID), .arready(m_axi_gmem_ARREADY), .rdata(m_axi_gmem_RDATA), .rlast(m_axi_gmem_RLAST),
    .rvalid(m_axi_gmem_RVALID)
  );

  assign {by_awaddr, by_bready} = {Base + 32'h601, 1'b1};
  burst_writer #(.DataWidth(8), .Seed(60)) by (
    .clk, .rst_n, .start_i(start), .busy_o(busy[6]), .awlen(by_awlen), .awvalid(by_awvalid), .awready(by_awready),
    .wdata(by_wdata), .wlast(by_wlast), .wvalid(by_wvalid), .wready(by_wready), .bvalid(by_bvalid)
  );

  logic [7:0] no_length;
  assign {lite_araddr, lite_rready} = {Base + 32'h8, 1'b1};
  burst_reader #(.Beats(1)) lite (
    .clk, .rst_n, .start_i(start), .busy_o(busy[7]), .sum_o(sums[3]), .arlen(no_length), .arvalid(lite_arvalid),
    .arready(lite_arready), .rdata(lite_rdata), .rlast(1'b1), .rvalid(lite_rvalid)
  );

  logic unused;
  assign unused = ^{a3_bresp, m_axi_gmem_BID, m_axi_gmem_RID, pwdata, no_length};
endmodule
