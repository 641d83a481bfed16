// SPDX-License-Identifier: Apache-2.0
//
// small_bus_violations: plays the breach of one rule at an inner native_checker (below 20) or avalon_checker, again for
// each write to its memory: the low bits of the data say which. violations.test.ts has the table; 0 breaks none.

module small_bus_violations (
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

  // A native write with two cycles without READY in cycles 6 to 8, then nothing.
  logic        cs, re, ready;
  logic [ 3:0] we;
  logic [31:0] addr, data;
  always_comb begin
    cs    = cycle_q inside {[6:8]};
    we    = {4{cs}};
    re    = 0;
    ready = cycle_q == 8;
    {addr, data} = {32'h10, 32'h1234};
    case (rule_q)
      1: if (cycle_q inside {[1:3]}) cs = 1;
      2: if (cycle_q == 7) re = 1;
      3: if (cycle_q == 7) addr = 32'h14;
      4: if (cycle_q == 7) data = 32'h1235;
      5: if (cycle_q == 7) {cs, we} = '0;
      default: ;
    endcase
  end

  native_checker #(.Name("inner")) native (
    .clk_i, .rst_ni(rst_n), .cs_i(cs), .we_i(we), .re_i(re), .addr_i(addr), .wdata_i(data), .be_i(4'hf), .wstrb_i(we),
    .rdata_i('0), .ready_i(ready), .error_i(1'b0)
  );

  // An Avalon read of two words in cycles 6 and 7, with data in 9 and 10; a write of two words in 12 and 13, answered
  // in 15.
  logic        read, write, waits, valid, answer;
  logic [10:0] count;
  logic [31:0] address, writedata;
  always_comb begin
    read    = cycle_q inside {6, 7};
    write   = cycle_q inside {12, 13, 14};
    waits   = cycle_q inside {6, 13};
    valid   = cycle_q inside {9, 10};
    answer  = cycle_q == 15;
    count   = 2;
    address = 32'h20;
    writedata = 32'h55;
    case (rule_q)
      20: if (cycle_q inside {[1:3]}) read = 1;
      21: if (cycle_q == 7) write = 1;
      22: if (cycle_q == 7) address = 32'h24;
      23: if (cycle_q == 14) writedata = 32'h56;
      24: if (cycle_q == 11) valid = 1;
      25: if (cycle_q inside {6, 7}) count = 0;
      26: if (cycle_q == 13) {read, write} = 2'b10;
      27: if (cycle_q == 13) answer = 1;
      28: if (cycle_q == 18) answer = 1;
      29: if (cycle_q == 7) read = 0;
      default: ;
    endcase
  end

  avalon_checker #(.Name("inner"), .BurstWidth(4), .IsPipelined(1), .AnswersWrites(1)) avalon (
    .clk_i, .rst_ni(rst_n), .address_i(address), .chipselect_i(1'b1), .chipselect_n_i(1'b0), .read_i(read),
    .read_n_i(!read),
    .write_i(write), .write_n_i(!write), .byteenable_i(4'hf), .byteenable_n_i(4'h0), .writedata_i(writedata),
    .burstcount_i(count), .begintransfer_i(1'b0), .beginbursttransfer_i(1'b0), .debugaccess_i(1'b0), .lock_i(1'b0),
    .waitrequest_i(waits), .waitrequest_n_i(1'b1), .readdatavalid_i(valid), .readdatavalid_n_i(1'b1), .readdata_i('0),
    .response_i('0), .writeresponsevalid_i(answer)
  );
endmodule
