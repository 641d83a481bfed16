// SPDX-License-Identifier: Apache-2.0
//
// blocks: a native bus in front of blocks for --hierarchical. Words 0 to 15 are the registers of a register_block, 16
// to 31 those of a narrow one within a register_bank. Words 32 and 33 are ticks_o and unset_o of the former, 34 and 35
// those of the narrow one.

module blocks (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        cs,
  input  logic        we,
  input  logic [ 5:0] address,
  input  logic [31:0] write_data,
  output logic [31:0] read_data
);
  logic [31:0] wide_data, wide_ticks, wide_unset;
  logic [15:0] narrow_data, narrow_ticks, narrow_unset;

  register_block #(.Width(32)) wide (
    .clk_i, .rst_ni, .write_i(cs && we && address[5:4] == 0), .index_i(address[3:0]), .data_i(write_data),
    .data_o(wide_data), .ticks_o(wide_ticks), .unset_o(wide_unset)
  );

  register_bank bank (
    .clk_i, .rst_ni, .write_i(cs && we && address[5:4] == 1), .index_i(address[3:0]), .data_i(write_data[15:0]),
    .data_o(narrow_data), .ticks_o(narrow_ticks), .unset_o(narrow_unset)
  );

  always_comb begin
    case (address)
      6'd32: read_data = wide_ticks;
      6'd33: read_data = wide_unset;
      6'd34: read_data = 32'(narrow_ticks);
      6'd35: read_data = 32'(narrow_unset);
      default: read_data = address[4] ? 32'(narrow_data) : wide_data;
    endcase
  end
endmodule
