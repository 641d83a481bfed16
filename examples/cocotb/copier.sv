// SPDX-License-Identifier: Apache-2.0
//
// copier: copies words of memory.
//
//   offset  name    access
//   0x0     FROM    read-write: address of the first word
//   0x4     TO      read-write: where it goes
//   0x8     COUNT   read-write: words; a write starts the copy
//   0xc     STATUS  bit 0 BUSY; bit 1 DONE and bit 2 ERROR, cleared by writing anything
//
// irq is a level: DONE or ERROR. An answer of the memory that is not OKAY ends the copy with ERROR.
//
// Both buses are AXI4-Lite with 32-bit data. A write is taken when its address and its data are both there.

module copier (
  input  wire         clk,
  input  wire         rst,
  output wire         irq,

  input  wire  [ 3:0] s_axil_awaddr,
  input  wire  [ 2:0] s_axil_awprot,
  input  wire         s_axil_awvalid,
  output wire         s_axil_awready,
  input  wire  [31:0] s_axil_wdata,
  input  wire  [ 3:0] s_axil_wstrb,
  input  wire         s_axil_wvalid,
  output wire         s_axil_wready,
  output wire  [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  wire         s_axil_bready,
  input  wire  [ 3:0] s_axil_araddr,
  input  wire  [ 2:0] s_axil_arprot,
  input  wire         s_axil_arvalid,
  output wire         s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output wire  [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  wire         s_axil_rready,

  output logic [31:0] m_axi_awaddr,
  output wire  [ 2:0] m_axi_awprot,
  output logic        m_axi_awvalid,
  input  wire         m_axi_awready,
  output logic [31:0] m_axi_wdata,
  output wire  [ 3:0] m_axi_wstrb,
  output logic        m_axi_wvalid,
  input  wire         m_axi_wready,
  input  wire  [ 1:0] m_axi_bresp,
  input  wire         m_axi_bvalid,
  output wire         m_axi_bready,
  output logic [31:0] m_axi_araddr,
  output wire  [ 2:0] m_axi_arprot,
  output logic        m_axi_arvalid,
  input  wire         m_axi_arready,
  input  wire  [31:0] m_axi_rdata,
  input  wire  [ 1:0] m_axi_rresp,
  input  wire         m_axi_rvalid,
  output wire         m_axi_rready
);
  logic [31:0] from, to, count;
  logic busy, done, error;

  wire writes = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  wire reads  = s_axil_arvalid && !s_axil_rvalid;
  wire starts = writes && s_axil_awaddr[3:2] == 2'd2 && !busy && s_axil_wdata != 0;

  assign s_axil_awready = writes;
  assign s_axil_wready  = writes;
  assign s_axil_arready = reads;
  assign s_axil_bresp   = 2'b00;
  assign s_axil_rresp   = 2'b00;
  assign m_axi_awprot   = 3'b000;
  assign m_axi_arprot   = 3'b000;
  assign m_axi_wstrb    = 4'hf;
  assign m_axi_bready   = 1'b1;
  assign m_axi_rready   = 1'b1;
  assign irq            = done || error;

  wire read_ends  = m_axi_rvalid;
  wire write_ends = m_axi_bvalid;
  wire fails      = (read_ends && m_axi_rresp != 0) || (write_ends && m_axi_bresp != 0);

  // What the program wrote, and what it is told.
  always_ff @(posedge clk) begin
    if (s_axil_bready) s_axil_bvalid <= 1'b0;
    if (s_axil_rready) s_axil_rvalid <= 1'b0;
    if (writes) s_axil_bvalid <= 1'b1;
    if (reads) begin
      s_axil_rvalid <= 1'b1;
      case (s_axil_araddr[3:2])
        2'd0: s_axil_rdata <= from;
        2'd1: s_axil_rdata <= to;
        2'd2: s_axil_rdata <= count;
        2'd3: s_axil_rdata <= {29'd0, error, done, busy};
      endcase
    end
    if (rst) {s_axil_bvalid, s_axil_rvalid} <= 2'b00;
  end

  // One word after the other: read, then write.
  always_ff @(posedge clk) begin
    if (m_axi_arready) m_axi_arvalid <= 1'b0;
    if (m_axi_awready) m_axi_awvalid <= 1'b0;
    if (m_axi_wready) m_axi_wvalid <= 1'b0;
    if (writes && !busy) begin
      case (s_axil_awaddr[3:2])
        2'd0: from <= s_axil_wdata;
        2'd1: to <= s_axil_wdata;
        2'd2: count <= s_axil_wdata;
        2'd3: {error, done} <= 2'b00;
      endcase
    end
    if (starts) begin
      busy <= 1'b1;
      {m_axi_arvalid, m_axi_araddr} <= {1'b1, from};
    end
    if (read_ends) begin
      {m_axi_awvalid, m_axi_awaddr} <= {1'b1, to};
      {m_axi_wvalid, m_axi_wdata} <= {1'b1, m_axi_rdata};
    end
    if (write_ends) begin
      from  <= from + 32'd4;
      to    <= to + 32'd4;
      count <= count - 32'd1;
      if (count == 32'd1) {done, busy} <= 2'b10;
      else {m_axi_arvalid, m_axi_araddr} <= {1'b1, from + 32'd4};
    end
    if (fails) begin
      {error, busy} <= 2'b10;
      {m_axi_arvalid, m_axi_awvalid, m_axi_wvalid} <= 3'b000;
    end
    if (rst) begin
      {from, to, count} <= '0;
      {busy, done, error} <= 3'b000;
      {m_axi_arvalid, m_axi_awvalid, m_axi_wvalid} <= 3'b000;
    end
  end
endmodule
