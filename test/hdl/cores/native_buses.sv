// SPDX-License-Identifier: Apache-2.0
//
// native_buses: the native buses of small cores, each in front of a native_memory: a select and a direction with word
// addresses and data in the same cycle (no strobes), a block RAM's port whose data come a cycle late, PicoRV32's memory
// interface with two wait states (0x98 never answers), a register file's reads and writes apart, and a select with an
// acknowledge of its own.

module native_buses (
  input  logic         clk,
  input  logic         reset_n,

  input  logic         core_cs,
  input  logic         core_we,
  input  logic [ 5:0]  core_address,
  input  logic [31:0]  core_write_data,
  output logic [31:0]  core_read_data,
  output logic         core_error,

  input  logic         ram_en,
  input  logic [ 7:0]  ram_we,
  input  logic [ 7:0]  ram_addr,
  input  logic [63:0]  ram_din,
  output logic [63:0]  ram_dout,

  input  logic         iomem_valid,
  output logic         iomem_ready,
  input  logic [31:0]  iomem_addr,
  input  logic [31:0]  iomem_wdata,
  input  logic [ 3:0]  iomem_wstrb,
  output logic [31:0]  iomem_rdata,

  input  logic         reg_we,
  input  logic         reg_re,
  input  logic [ 7:0]  reg_addr,
  input  logic [15:0]  reg_wdata,
  input  logic [ 1:0]  reg_be,
  output logic [15:0]  reg_rdata,
  output logic         reg_error,

  input  logic         WIDE_CE,
  input  logic         WIDE_WR,
  input  logic [ 7:4]  WIDE_ADDR,
  input  logic [127:0] WIDE_DATA_I,
  input  logic [ 15:0] WIDE_BYTE_EN,
  output logic [127:0] WIDE_DATA_O,
  output logic         WIDE_ACK
);

  native_memory core (
    .clk_i(clk), .rst_ni(reset_n), .req_i(core_cs), .wstrb_i({4{core_we}}), .addr_i({core_address, 2'b00}),
    .wdata_i(core_write_data), .rdata_o(core_read_data), .error_o(core_error)
  );

  native_memory #(.DataWidth(64), .ReadLatency(1)) ram (
    .clk_i(clk), .rst_ni(reset_n), .req_i(ram_en), .wstrb_i(ram_we), .addr_i(ram_addr), .wdata_i(ram_din),
    .rdata_o(ram_dout), .error_o()
  );

  logic [1:0] waited_q;
  assign iomem_ready = iomem_valid && waited_q == 2 && iomem_addr[7:3] != 5'h13;
  always_ff @(posedge clk or negedge reset_n) begin
    if (!reset_n) waited_q <= 0;
    else waited_q <= !iomem_valid || iomem_ready ? 0 : waited_q == 2 ? 2 : waited_q + 1;
  end
  native_memory iomem (
    .clk_i(clk), .rst_ni(reset_n), .req_i(iomem_valid && iomem_ready), .wstrb_i(iomem_wstrb), .addr_i(iomem_addr[7:0]),
    .wdata_i(iomem_wdata), .rdata_o(iomem_rdata), .error_o()
  );

  native_memory #(.DataWidth(16)) regs (
    .clk_i(clk), .rst_ni(reset_n), .req_i(reg_we || reg_re), .wstrb_i(reg_be & {2{reg_we}}), .addr_i(reg_addr),
    .wdata_i(reg_wdata), .rdata_o(reg_rdata), .error_o(reg_error)
  );

  // Acknowledged in the cycle after the select rose.
  logic wide_q;
  assign WIDE_ACK = wide_q && WIDE_CE;
  always_ff @(posedge clk or negedge reset_n) wide_q <= reset_n && WIDE_CE && !wide_q;
  native_memory #(.DataWidth(128)) wide (
    .clk_i(clk), .rst_ni(reset_n), .req_i(WIDE_ACK), .wstrb_i(WIDE_BYTE_EN & {16{WIDE_WR}}), .addr_i({WIDE_ADDR, 4'h0}),
    .wdata_i(WIDE_DATA_I), .rdata_o(WIDE_DATA_O), .error_o()
  );
endmodule
