// SPDX-License-Identifier: Apache-2.0
//
// tlul_violations: plays the breach of one rule at an inner tlul_checker, again for each write to its memory: the low
// bits of the data say which. violations.test.ts has the table; 0 breaks none.

module tlul_violations (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [11:0] s_axil_awaddr,
  input  logic [ 2:0] s_axil_awprot,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic [ 3:0] s_axil_wstrb,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [11:0] s_axil_araddr,
  input  logic [ 2:0] s_axil_arprot,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready
);

  axil_ram #(.Depth(16)) ram (.*);

  // Cycles since the rule was written. The inner reset lasts until cycle 4.
  logic [7:0] rule_q = 0;
  logic [5:0] cycle_q = 0;
  logic rst_n;
  assign rst_n = cycle_q >= 4;

  always_ff @(posedge clk_i) begin
    if (s_axil_wvalid && s_axil_wready) begin
      rule_q  <= s_axil_wdata[7:0];
      cycle_q <= 0;
    end else if (cycle_q != '1) begin
      cycle_q <= cycle_q + 1;
    end
  end

  logic [31:0] address;
  logic [3:0]  mask, size, d_size;
  logic [2:0]  opcode, param, d_opcode;
  logic [1:0]  source, d_source;
  logic        a_valid, a_ready, d_valid;

  always_comb begin
    // A write of a word that is taken in cycle 7 and answered in 9, and a Get of a halfword that is taken and answered
    // in 12.
    {address, mask, size, opcode, param, source} = {32'h10, 4'hf, 4'd2, 3'd0, 3'd0, 2'd1};
    {d_opcode, d_size, d_source} = {3'd0, 4'd2, 2'd1};
    a_valid = cycle_q inside {[6:7], 12};
    a_ready = cycle_q inside {7, 12};
    d_valid = cycle_q inside {9, 12};
    if (cycle_q > 9) begin
      {address, mask, size, opcode, source} = {32'h16, 4'hc, 4'd1, 3'd4, 2'd2};
      {d_opcode, d_size, d_source} = {3'd1, 4'd1, 2'd2};
    end
    case (rule_q)
      1:  if (cycle_q inside {[1:3]}) a_valid = 1;
      2:  if (cycle_q inside {[6:7]}) opcode = 3'd2;
      3:  if (cycle_q inside {[6:7]}) {size, address} = {4'd3, 32'h10};
      4:  if (cycle_q == 12) address = 32'h15;
      5:  if (cycle_q == 12) mask = 4'hf;
      6:  if (cycle_q inside {[6:7]}) mask = 4'he;
      7:  if (cycle_q == 14) d_valid = 1;
      8:  if (cycle_q == 6) d_valid = 1;
      9:  if (cycle_q == 12) d_opcode = 3'd0;
      10: if (cycle_q == 9) d_opcode = 3'd1;
      11: if (cycle_q == 12) d_source = 2'd3;
      12: if (cycle_q == 9) d_size = 4'd1;
      13: if (cycle_q inside {[6:7]}) param = 3'd1;
      14: if (cycle_q == 2) d_valid = 1;
      // What is allowed: a request that is taken back, and a mask with gaps.
      15: begin
        if (cycle_q == 6) address = 32'h20;
        if (cycle_q inside {[6:7]}) {opcode, mask} = {3'd1, 4'h9};
      end
      default: ;
    endcase
  end

  tlul_checker #(.Name("inner"), .IdWidth(2)) watcher (
    .clk_i, .rst_ni(rst_n), .a_valid_i(a_valid), .a_ready_i(a_ready), .a_opcode_i(opcode), .a_param_i(param),
    .a_size_i(size),
    .a_source_i(source), .a_address_i(address), .a_mask_i(mask), .a_data_i('0), .a_corrupt_i(1'b0),
    .d_valid_i(d_valid), .d_ready_i(1'b1), .d_opcode_i(d_opcode), .d_param_i('0), .d_size_i(d_size),
    .d_source_i(d_source),
    .d_sink_i('0), .d_denied_i(1'b0), .d_data_i('0), .d_corrupt_i(1'b0), .d_error_i(1'b0)
  );
endmodule
