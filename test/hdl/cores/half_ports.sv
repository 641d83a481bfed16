// SPDX-License-Identifier: Apache-2.0
//
// half_ports: ports as other people have them: AXI4-Lite with reads only (each word is its address) or with writes only
// (a doorbell, which the first shows at 0xfc), AXI4 with reads only, and AXI3, both in front of a memory of 4096 bytes.

module half_ports (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [ 7:0] rom_araddr,
  input  logic        rom_arvalid,
  output logic        rom_arready,
  output logic [31:0] rom_rdata,
  output logic [ 1:0] rom_rresp,
  output logic        rom_rvalid,
  input  logic        rom_rready,

  input  logic [ 7:0] bell_awaddr,
  input  logic        bell_awvalid,
  output logic        bell_awready,
  input  logic [31:0] bell_wdata,
  input  logic [ 3:0] bell_wstrb,
  input  logic        bell_wvalid,
  output logic        bell_wready,
  output logic [ 1:0] bell_bresp,
  output logic        bell_bvalid,
  input  logic        bell_bready,

  input  logic [ 3:0] show_arid,
  input  logic [11:0] show_araddr,
  input  logic [ 7:0] show_arlen,
  input  logic [ 2:0] show_arsize,
  input  logic [ 1:0] show_arburst,
  input  logic        show_arvalid,
  output logic        show_arready,
  output logic [ 3:0] show_rid,
  output logic [31:0] show_rdata,
  output logic [ 1:0] show_rresp,
  output logic        show_rlast,
  output logic        show_rvalid,
  input  logic        show_rready,

  input  logic [ 3:0] old_awid,
  input  logic [11:0] old_awaddr,
  input  logic [ 3:0] old_awlen,
  input  logic [ 2:0] old_awsize,
  input  logic [ 1:0] old_awburst,
  input  logic [ 1:0] old_awlock,
  input  logic        old_awvalid,
  output logic        old_awready,
  input  logic [ 3:0] old_wid,
  input  logic [31:0] old_wdata,
  input  logic [ 3:0] old_wstrb,
  input  logic        old_wlast,
  input  logic        old_wvalid,
  output logic        old_wready,
  output logic [ 3:0] old_bid,
  output logic [ 1:0] old_bresp,
  output logic        old_bvalid,
  input  logic        old_bready,
  input  logic [ 3:0] old_arid,
  input  logic [11:0] old_araddr,
  input  logic [ 3:0] old_arlen,
  input  logic [ 2:0] old_arsize,
  input  logic [ 1:0] old_arburst,
  input  logic [ 1:0] old_arlock,
  input  logic        old_arvalid,
  output logic        old_arready,
  output logic [ 3:0] old_rid,
  output logic [31:0] old_rdata,
  output logic [ 1:0] old_rresp,
  output logic        old_rlast,
  output logic        old_rvalid,
  input  logic        old_rready
);

  logic [31:0] rung_q;

  assign rom_arready  = !rom_rvalid;
  assign rom_rresp    = '0;
  assign bell_awready = bell_awvalid && bell_wvalid && !bell_bvalid;
  assign bell_wready  = bell_awready;
  assign bell_bresp   = '0;

  always_ff @(posedge clk_i) begin
    if (rom_rready) rom_rvalid <= 1'b0;
    if (rom_arvalid && rom_arready) begin
      rom_rvalid <= 1'b1;
      rom_rdata  <= rom_araddr == 8'hfc ? rung_q : 32'(rom_araddr);
    end
    if (bell_bready) bell_bvalid <= 1'b0;
    if (bell_awready) begin
      bell_bvalid <= 1'b1;
      rung_q      <= {bell_wdata[31:8], bell_wstrb, bell_wdata[3:0]};
    end
    if (!rst_ni) {rom_rvalid, bell_bvalid, rung_q} <= '0;
  end

  logic [11:0] unused;
  axi4_ram #(.AddrWidth(12)) show (
    .clk_i, .rst_ni,
    .s_axi_awid('0), .s_axi_awaddr('0), .s_axi_awlen('0), .s_axi_awsize('0), .s_axi_awburst('0), .s_axi_awlock('0),
    .s_axi_awcache('0), .s_axi_awprot('0), .s_axi_awqos('0), .s_axi_awregion('0), .s_axi_awvalid('0),
    .s_axi_awready(unused[0]), .s_axi_wdata('0), .s_axi_wstrb('0), .s_axi_wlast('0), .s_axi_wvalid('0),
    .s_axi_wready(unused[1]), .s_axi_bid(unused[5:2]), .s_axi_bresp(unused[7:6]), .s_axi_bvalid(unused[8]),
    .s_axi_bready('0),
    .s_axi_arid(show_arid), .s_axi_araddr(show_araddr), .s_axi_arlen(show_arlen), .s_axi_arsize(show_arsize),
    .s_axi_arburst(show_arburst), .s_axi_arlock('0), .s_axi_arcache('0), .s_axi_arprot('0), .s_axi_arqos('0),
    .s_axi_arregion('0), .s_axi_arvalid(show_arvalid), .s_axi_arready(show_arready),
    .s_axi_rid(show_rid), .s_axi_rdata(show_rdata), .s_axi_rresp(show_rresp), .s_axi_rlast(show_rlast),
    .s_axi_rvalid(show_rvalid), .s_axi_rready(show_rready)
  );
  assign unused[11:9] = {^{old_awlock, old_arlock}, ^old_wid, ^bell_awaddr};

  axi4_ram #(.AddrWidth(12)) old (
    .clk_i, .rst_ni,
    .s_axi_awid(old_awid), .s_axi_awaddr(old_awaddr), .s_axi_awlen({4'd0, old_awlen}), .s_axi_awsize(old_awsize),
    .s_axi_awburst(old_awburst), .s_axi_awlock('0), .s_axi_awcache('0), .s_axi_awprot('0), .s_axi_awqos('0),
    .s_axi_awregion('0), .s_axi_awvalid(old_awvalid), .s_axi_awready(old_awready),
    .s_axi_wdata(old_wdata), .s_axi_wstrb(old_wstrb), .s_axi_wlast(old_wlast), .s_axi_wvalid(old_wvalid),
    .s_axi_wready(old_wready), .s_axi_bid(old_bid), .s_axi_bresp(old_bresp), .s_axi_bvalid(old_bvalid),
    .s_axi_bready(old_bready),
    .s_axi_arid(old_arid), .s_axi_araddr(old_araddr), .s_axi_arlen({4'd0, old_arlen}), .s_axi_arsize(old_arsize),
    .s_axi_arburst(old_arburst), .s_axi_arlock('0), .s_axi_arcache('0), .s_axi_arprot('0), .s_axi_arqos('0),
    .s_axi_arregion('0), .s_axi_arvalid(old_arvalid), .s_axi_arready(old_arready),
    .s_axi_rid(old_rid), .s_axi_rdata(old_rdata), .s_axi_rresp(old_rresp), .s_axi_rlast(old_rlast),
    .s_axi_rvalid(old_rvalid), .s_axi_rready(old_rready)
  );
endmodule
