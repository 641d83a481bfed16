// SPDX-License-Identifier: Apache-2.0
//
// avalon_agents: Avalon agents as other people have them: pipelined with bursts and responses (avs_s0); a parallel port
// of old, with a select and an active-low write (pio); fixed times, all active low (fix: readWaitTime 1, readLatency 2,
// writeWaitTime 2); wait requests that are active low, in SpinalHDL's letters (io_bus); a register that is only read
// (id). And a host (avm), which nobody serves.

module avalon_agents (
  input  logic        clk,
  input  logic        reset_n,

  input  logic [ 5:0] avs_s0_address,
  input  logic        avs_s0_read,
  input  logic        avs_s0_write,
  input  logic [31:0] avs_s0_writedata,
  input  logic [ 3:0] avs_s0_byteenable,
  input  logic [ 3:0] avs_s0_burstcount,
  input  logic        avs_s0_beginbursttransfer,
  output logic        avs_s0_waitrequest,
  output logic        avs_s0_readdatavalid,
  output logic        avs_s0_writeresponsevalid,
  output logic [31:0] avs_s0_readdata,
  output logic [ 1:0] avs_s0_response,

  input  logic [ 5:0] pio_address,
  input  logic        pio_chipselect,
  input  logic        pio_write_n,
  input  logic [31:0] pio_writedata,
  output logic [31:0] pio_readdata,

  input  logic [ 4:0] fix_address,
  input  logic        fix_read_n,
  input  logic        fix_write_n,
  input  logic [ 7:0] fix_byteenable_n,
  input  logic [63:0] fix_writedata,
  output logic [63:0] fix_readdata,

  input  logic [ 7:0] io_bus_address,
  input  logic        io_bus_read,
  input  logic        io_bus_write,
  input  logic [ 1:0] io_bus_byteEnable,
  input  logic [15:0] io_bus_writeData,
  output logic        io_bus_waitRequestn,
  output logic [15:0] io_bus_readData,

  input  logic        id_address,
  input  logic        id_read,
  output logic [31:0] id_readdata,

  output logic [31:0] avm_address,
  output logic        avm_read,
  input  logic        avm_waitrequest,
  input  logic [31:0] avm_readdata
);

  avalon_memory s0 (
    .clk_i(clk), .rst_ni(reset_n), .address_i(avs_s0_address), .read_i(avs_s0_read), .write_i(avs_s0_write),
    .writedata_i(avs_s0_writedata), .byteenable_i(avs_s0_byteenable), .burstcount_i(avs_s0_burstcount),
    .beginbursttransfer_i(avs_s0_beginbursttransfer), .waitrequest_o(avs_s0_waitrequest),
    .readdatavalid_o(avs_s0_readdatavalid), .writeresponsevalid_o(avs_s0_writeresponsevalid),
    .readdata_o(avs_s0_readdata), .response_o(avs_s0_response)
  );

  native_memory pio (
    .clk_i(clk), .rst_ni(reset_n), .req_i(pio_chipselect), .wstrb_i({4{!pio_write_n}}), .addr_i({pio_address, 2'b00}),
    .wdata_i(pio_writedata), .rdata_o(pio_readdata), .error_o()
  );

  // A command counts in the last cycle of its wait time.
  logic [1:0] fix_q;
  logic       fix_req;
  assign fix_req = fix_q == (!fix_read_n ? 1 : 2);
  always_ff @(posedge clk or negedge reset_n) begin
    if (!reset_n) fix_q <= 0;
    else fix_q <= fix_read_n && fix_write_n || fix_req ? 0 : fix_q + 1;
  end
  native_memory #(.DataWidth(64), .ReadLatency(2)) fix (
    .clk_i(clk), .rst_ni(reset_n), .req_i(fix_req), .wstrb_i(~fix_byteenable_n & {8{!fix_write_n}}),
    .addr_i({fix_address, 3'b000}), .wdata_i(fix_writedata), .rdata_o(fix_readdata), .error_o()
  );

  logic [1:0] io_q;
  assign io_bus_waitRequestn = io_q == 2;
  always_ff @(posedge clk or negedge reset_n) begin
    if (!reset_n) io_q <= 0;
    else io_q <= !(io_bus_read || io_bus_write) || io_q == 2 ? 0 : io_q + 1;
  end
  native_memory #(.DataWidth(16)) io (
    .clk_i(clk), .rst_ni(reset_n), .req_i(io_q == 2), .wstrb_i(io_bus_byteEnable & {2{io_bus_write}}),
    .addr_i(io_bus_address), .wdata_i(io_bus_writeData), .rdata_o(io_bus_readData), .error_o()
  );

  always_ff @(posedge clk) id_readdata <= id_read ? {31'h600d, id_address} : '1;

  assign {avm_address, avm_read} = '0;
endmodule
