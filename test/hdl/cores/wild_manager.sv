// SPDX-License-Identifier: Apache-2.0
//
// wild_manager: an AXI4 manager that asks for what it is told. 0x0 takes AxADDR's low 32 bits, 0x4 the rest: bits 7:0
// LEN, 10:8 SIZE, 13:12 BURST, 16 to write instead of to read, 29:24 AWATOP; writing it starts a burst. All data is
// offered and taken at once. Its own beats follow its own LEN, so only the request itself can be wrong. What it is told
// never to do it leaves undone: 17 the address, 18 write data but the first beat, 19 taking answers and read data. 0x8
// reads what is busy.

module wild_manager #(
  parameter bit [31:0] DataWidth = 64
) (
  input  logic                   clk,
  input  logic                   rst_n,

  input  logic [            7:0] paddr,
  input  logic                   psel,
  input  logic                   penable,
  input  logic                   pwrite,
  input  logic [           31:0] pwdata,
  output logic [           31:0] prdata,

  output logic [           31:0] m_axi_awaddr,
  output logic [            7:0] m_axi_awlen,
  output logic [            2:0] m_axi_awsize,
  output logic [            1:0] m_axi_awburst,
  output logic [            5:0] m_axi_awatop,
  output logic                   m_axi_awvalid,
  input  logic                   m_axi_awready,
  output logic [  DataWidth-1:0] m_axi_wdata,
  output logic [DataWidth/8-1:0] m_axi_wstrb,
  output logic                   m_axi_wlast,
  output logic                   m_axi_wvalid,
  input  logic                   m_axi_wready,
  input  logic [            1:0] m_axi_bresp,
  input  logic                   m_axi_bvalid,
  output logic                   m_axi_bready,
  output logic [           31:0] m_axi_araddr,
  output logic [            7:0] m_axi_arlen,
  output logic [            2:0] m_axi_arsize,
  output logic [            1:0] m_axi_arburst,
  output logic                   m_axi_arvalid,
  input  logic                   m_axi_arready,
  input  logic [  DataWidth-1:0] m_axi_rdata,
  input  logic [            1:0] m_axi_rresp,
  input  logic                   m_axi_rlast,
  input  logic                   m_axi_rvalid,
  output logic                   m_axi_rready
);

  logic [31:0] address_q, words_q;
  logic [ 8:0] left_q;
  logic        busy_q;

  assign {m_axi_awaddr, m_axi_araddr} = {2{address_q}};
  assign {m_axi_awlen, m_axi_arlen} = {2{words_q[7:0]}};
  assign {m_axi_awsize, m_axi_arsize} = {2{words_q[10:8]}};
  assign {m_axi_awburst, m_axi_arburst} = {2{words_q[13:12]}};
  assign m_axi_awatop = words_q[29:24];
  assign m_axi_wdata  = '1;
  assign m_axi_wstrb  = m_axi_awatop != 0 ? (DataWidth / 8)'(1) : '0;
  assign m_axi_wvalid = left_q != 0 && !(words_q[18] && left_q <= 9'(words_q[7:0]));
  assign m_axi_wlast  = left_q == 1;
  assign {m_axi_bready, m_axi_rready} = {2{!words_q[19]}};
  assign prdata       = 32'(busy_q);

  always_ff @(posedge clk) begin
    if (m_axi_awready) m_axi_awvalid <= 1'b0;
    if (m_axi_arready) m_axi_arvalid <= 1'b0;
    if (m_axi_wvalid && m_axi_wready) left_q <= left_q - 1;
    if (m_axi_bvalid && m_axi_bready || m_axi_rvalid && m_axi_rready && m_axi_rlast) busy_q <= 1'b0;
    if (psel && penable && pwrite && !paddr[2]) address_q <= pwdata;
    if (psel && penable && pwrite && paddr[2]) begin
      words_q       <= pwdata;
      busy_q        <= 1'b1;
      m_axi_awvalid <= pwdata[16] && !pwdata[17];
      m_axi_arvalid <= !pwdata[16];
      left_q        <= pwdata[16] ? 9'(pwdata[7:0]) + 1 : 0;
    end
    if (!rst_n) {m_axi_awvalid, m_axi_arvalid, left_q, busy_q, words_q, address_q} <= '0;
  end

  logic unused;
  assign unused = ^{m_axi_bresp, m_axi_rresp, m_axi_rdata};
endmodule
