// SPDX-License-Identifier: Apache-2.0
// Remembers what the bus did: at 0x100 the addresses of the latest four writes, the latest in the lowest byte; at 0x104
// the same of reads, but for those of these two registers. Everything below 0x100 reads as its own address.
module beat_recorder (
  input  logic        clk,
  input  logic        rst_n,
  input  logic [8:0]  s_axi_awaddr,
  input  logic        s_axi_awvalid,
  output logic        s_axi_awready,
  input  logic [31:0] s_axi_wdata,
  input  logic [3:0]  s_axi_wstrb,
  input  logic        s_axi_wvalid,
  output logic        s_axi_wready,
  output logic [1:0]  s_axi_bresp,
  output logic        s_axi_bvalid,
  input  logic        s_axi_bready,
  input  logic [8:0]  s_axi_araddr,
  input  logic        s_axi_arvalid,
  output logic        s_axi_arready,
  output logic [31:0] s_axi_rdata,
  output logic [1:0]  s_axi_rresp,
  output logic        s_axi_rvalid,
  input  logic        s_axi_rready
);
  logic [31:0] writes, reads;

  assign s_axi_awready = s_axi_awvalid && s_axi_wvalid && !s_axi_bvalid;
  assign s_axi_wready  = s_axi_awready;
  assign s_axi_arready = !s_axi_rvalid;
  assign s_axi_bresp   = 2'b00;
  assign s_axi_rresp   = 2'b00;

  always_ff @(posedge clk)
    if (!rst_n) begin
      {writes, reads}              <= '0;
      {s_axi_bvalid, s_axi_rvalid} <= '0;
    end else begin
      s_axi_bvalid <= s_axi_awready || (s_axi_bvalid && !s_axi_bready);
      s_axi_rvalid <= (s_axi_arvalid && s_axi_arready) || (s_axi_rvalid && !s_axi_rready);
      if (s_axi_awready) writes <= {writes[23:0], s_axi_awaddr[7:0]};
      if (s_axi_arvalid && s_axi_arready) begin
        if (!s_axi_araddr[8]) reads <= {reads[23:0], s_axi_araddr[7:0]};
        s_axi_rdata <= !s_axi_araddr[8] ? 32'(s_axi_araddr) : s_axi_araddr[2] ? reads : writes;
      end
    end

  logic unused;
  assign unused = ^{s_axi_wdata, s_axi_wstrb};
endmodule
