// SPDX-License-Identifier: Apache-2.0
//
// axil_ram: Depth bus words of memory with byte strobes.
//
// The first word lies at address 0; an access beyond the last one is answered with SLVERR. Reset clears the bus, not
// the memory: at power-up it holds anything (in simulation, random values from the seed).
//
// On the bus (axil_front.sv has the handshakes):
// - A read in the cycle of a write to the same word gets the old word.
// - A write without strobes is answered with OKAY and changes nothing. SLVERR comes with data 0.
// - Address bits below the bus word are ignored.

`include "axil_front.sv"

module axil_ram #(
  // 6 to 32.
  parameter bit [31:0] AddrWidth = 12,
  // 8 to 1024, a power of two.
  parameter bit [31:0] DataWidth = 32,
  // Words, at least 1.
  parameter bit [31:0] Depth = 1024
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
  input  logic                   s_axil_rready
);

  // One write and one read, as axil_front makes them out of the five channels.
  logic                   write, write_error, read, read_error;
  logic [  AddrWidth-1:0] write_addr, read_addr;
  logic [  DataWidth-1:0] write_data, read_data;
  logic [DataWidth/8-1:0] write_strb;

  // ---- the memory

  localparam bit [31:0] WordLsb = $clog2(DataWidth / 8);
  localparam bit [31:0] IndexBits = Depth > 1 ? $clog2(Depth) : 1;

  logic [DataWidth-1:0] memory_q [Depth];

  logic [31:0]          write_word, read_word;
  logic [IndexBits-1:0] write_index, read_index;

  assign write_word  = 32'(write_addr) >> WordLsb;
  assign read_word   = 32'(read_addr) >> WordLsb;
  assign write_index = IndexBits'(write_word);
  assign read_index  = IndexBits'(read_word);

  assign write_error = write_word >= Depth && write_strb != '0;
  assign read_error  = read_word >= Depth;
  assign read_data   = memory_q[read_index];

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < DataWidth / 8; i++) begin
      if (write && !write_error && write_strb[i]) memory_q[write_index][8*i+:8] <= write_data[8*i+:8];
    end
  end

  // ---- the bus

  axil_front #(
    .AddrWidth(AddrWidth),
    .DataWidth(DataWidth)
  ) front (
    .clk_i,
    .rst_ni,
    .s_axil_awaddr,
    .s_axil_awprot,
    .s_axil_awvalid,
    .s_axil_awready,
    .s_axil_wdata,
    .s_axil_wstrb,
    .s_axil_wvalid,
    .s_axil_wready,
    .s_axil_bresp,
    .s_axil_bvalid,
    .s_axil_bready,
    .s_axil_araddr,
    .s_axil_arprot,
    .s_axil_arvalid,
    .s_axil_arready,
    .s_axil_rdata,
    .s_axil_rresp,
    .s_axil_rvalid,
    .s_axil_rready,
    .write_o      (write),
    .write_addr_o (write_addr),
    .write_data_o (write_data),
    .write_strb_o (write_strb),
    .write_error_i(write_error),
    .read_o       (read),
    .read_addr_o  (read_addr),
    .read_data_i  (read_data),
    .read_error_i (read_error)
  );

  logic unused_read;
  assign unused_read = read;  // reading has no side effect
endmodule
