// SPDX-License-Identifier: Apache-2.0
//
// ahb5_ram: 128 bytes of memory on AHB5 with HWSTRB, and with as few other signals as a core can have that is alone on
// its bus: no HSEL, no HBURST, no HREADY input, one HREADY output; HSIZE and HRESP of two bits each. HWSTRB alone says
// what is written. HREADY falls in the cycle after each data phase, too.
//
//   0x00  memory
//   0x80  how many transfers were taken before this one; writes do nothing

module ahb5_ram #(
  parameter int unsigned DataWidth = 32
) (
  input  logic                   clk,
  input  logic                   rst_n,
  input  logic [            7:0] s_ahb_haddr,
  input  logic [            1:0] s_ahb_htrans,
  input  logic [            1:0] s_ahb_hsize,
  input  logic                   s_ahb_hwrite,
  input  logic [  DataWidth-1:0] s_ahb_hwdata,
  input  logic [DataWidth/8-1:0] s_ahb_hwstrb,
  output logic                   s_ahb_hready,
  output logic [            1:0] s_ahb_hresp,
  output logic [  DataWidth-1:0] s_ahb_hrdata
);

  localparam int unsigned Bytes = DataWidth / 8;

  logic [7:0]  memory_q [128];
  logic        active_q, write_q, rest_q;
  logic [7:0]  addr_q, transfers_q;

  assign s_ahb_hready = !rest_q;
  assign s_ahb_hresp  = 2'b00;

  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++) s_ahb_hrdata[8*i +: 8] = memory_q[(32'(addr_q) / Bytes * Bytes + i) % 128];
    if (addr_q[7]) s_ahb_hrdata = DataWidth'(transfers_q);
  end

  always_ff @(posedge clk) begin
    rest_q <= active_q && !rest_q;
    for (int unsigned i = 0; i < Bytes; i++) begin
      if (active_q && write_q && s_ahb_hwstrb[i] && !addr_q[7]) begin
        memory_q[(32'(addr_q) / Bytes * Bytes + i) % 128] <= s_ahb_hwdata[8*i +: 8];
      end
    end
    if (s_ahb_hready) begin
      active_q <= s_ahb_htrans[1];
      write_q  <= s_ahb_hwrite;
      addr_q   <= s_ahb_haddr;
      if (active_q) transfers_q <= transfers_q + 1;
    end
    if (!rst_n) {active_q, write_q, rest_q, addr_q, transfers_q} <= '0;
  end

  logic unused;
  assign unused = ^s_ahb_hsize;
endmodule
