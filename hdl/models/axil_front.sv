// SPDX-License-Identifier: Apache-2.0
//
// axil_front: what a device with registers or memory sees of an AXI4-Lite bus: one write and one read, each in a cycle.
//
// - A write's address and data may come in any order; write_o is high in the cycle that completes the two, and the
//   response appears one cycle later. read_o is high in the cycle that takes the address, and so is its response one
//   later. One read and one write can be under way at once; the next of either begins when the response of the
//   earlier is taken.
// - The addresses are those of the bus, of any byte. Address and strobes of a write are there before write_o is high,
//   too.
// - An error, which the device says in the same cycle, is answered with SLVERR, on a read with data 0; else OKAY.
//   DECERR and EXOKAY are never answered. xPROT is ignored.
//
// Devices include this file, so that naming them as source is enough.

`ifndef AXIL_FRONT_SV
`define AXIL_FRONT_SV

module axil_front #(
  parameter bit [31:0] AddrWidth = 12,
  // 8 to 1024, a power of two.
  parameter bit [31:0] DataWidth = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [  AddrWidth-1:0] s_axil_awaddr,
  input  logic [            2:0] s_axil_awprot,
  input  logic                   s_axil_awvalid,
  output logic                   s_axil_awready,
  input  logic [  DataWidth-1:0] s_axil_wdata,
  input  logic [DataWidth/8-1:0] s_axil_wstrb,
  input  logic                   s_axil_wvalid,
  output logic                   s_axil_wready,
  output logic [            1:0] s_axil_bresp,
  output logic                   s_axil_bvalid,
  input  logic                   s_axil_bready,
  input  logic [  AddrWidth-1:0] s_axil_araddr,
  input  logic [            2:0] s_axil_arprot,
  input  logic                   s_axil_arvalid,
  output logic                   s_axil_arready,
  output logic [  DataWidth-1:0] s_axil_rdata,
  output logic [            1:0] s_axil_rresp,
  output logic                   s_axil_rvalid,
  input  logic                   s_axil_rready,

  output logic                   write_o,
  output logic [  AddrWidth-1:0] write_addr_o,
  output logic [  DataWidth-1:0] write_data_o,
  output logic [DataWidth/8-1:0] write_strb_o,
  input  logic                   write_error_i,
  output logic                   read_o,
  output logic [  AddrWidth-1:0] read_addr_o,
  input  logic [  DataWidth-1:0] read_data_i,
  input  logic                   read_error_i
);

  // What came first of a write waits here for the other, or for the earlier response to be taken.
  logic                   aw_held_q, w_held_q;
  logic [  AddrWidth-1:0] aw_addr_q;
  logic [  DataWidth-1:0] w_data_q;
  logic [DataWidth/8-1:0] w_strb_q;

  assign s_axil_awready = !aw_held_q;
  assign s_axil_wready  = !w_held_q;
  assign write_addr_o   = aw_held_q ? aw_addr_q : s_axil_awaddr;
  assign write_data_o   = w_held_q ? w_data_q : s_axil_wdata;
  assign write_strb_o   = w_held_q ? w_strb_q : s_axil_wstrb;
  assign write_o = (aw_held_q || s_axil_awvalid) && (w_held_q || s_axil_wvalid) && !s_axil_bvalid;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      aw_held_q     <= 1'b0;
      w_held_q      <= 1'b0;
      s_axil_bvalid <= 1'b0;
      s_axil_bresp  <= 2'b00;
    end else begin
      aw_held_q <= !write_o && (aw_held_q || s_axil_awvalid);
      w_held_q  <= !write_o && (w_held_q || s_axil_wvalid);
      if (write_o) s_axil_bresp <= write_error_i ? 2'b10 : 2'b00;
      s_axil_bvalid <= write_o || (s_axil_bvalid && !s_axil_bready);
    end
  end

  always_ff @(posedge clk_i) begin
    aw_addr_q <= write_addr_o;
    w_data_q  <= write_data_o;
    w_strb_q  <= write_strb_o;
  end

  assign s_axil_arready = !s_axil_rvalid;
  assign read_o         = s_axil_arvalid && s_axil_arready;
  assign read_addr_o    = s_axil_araddr;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      s_axil_rvalid <= 1'b0;
      s_axil_rresp  <= 2'b00;
      s_axil_rdata  <= '0;
    end else begin
      if (read_o) s_axil_rresp <= read_error_i ? 2'b10 : 2'b00;
      if (read_o) s_axil_rdata <= read_error_i ? '0 : read_data_i;
      s_axil_rvalid <= read_o || (s_axil_rvalid && !s_axil_rready);
    end
  end

  logic unused_prot;
  assign unused_prot = ^{s_axil_awprot, s_axil_arprot};
endmodule

`endif
