// SPDX-License-Identifier: Apache-2.0
//
// axil_violations: plays the breach of one rule at an inner axil_checker, again for each write to its memory: the low
// bits of the data say which. violations.test.ts has the table; 0 breaks none.

module axil_violations (
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

  // By channel: AW, W, B, AR, R.
  localparam int Aw = 0, W = 1, B = 2, Ar = 3, R = 4;
  logic [4:0] valid, ready, twist;
  logic [1:0] resp;

  always_comb begin
    valid = '0; ready = '0; twist = '0; resp = '0;
    // Requests that wait for their responses.
    if (cycle_q == 6 && rule_q != 40 && rule_q != 42) {valid[Ar], valid[Aw], ready[Ar], ready[Aw]} = '1;
    if (cycle_q == 6 && rule_q != 40 && rule_q != 41) {valid[W], ready[W]} = '1;
    case (rule_q) inside
      0: if (cycle_q == 9) {valid[B], ready[B], valid[R], ready[R]} = '1;
      [10:14]: if (cycle_q inside {[1:3]}) valid[rule_q - 10] = 1;
      [20:24]: if (cycle_q == 9) valid[rule_q - 20] = 1;
      [30:34]: begin
        if (cycle_q inside {[9:20]}) valid[rule_q - 30] = 1;
        if (cycle_q inside {[11:20]}) twist[rule_q - 30] = 1;
      end
      40, 41: if (cycle_q == 9) valid[B] = 1;
      42: if (cycle_q == 9) valid[R] = 1;
      43: if (cycle_q == 9) {valid[B], resp} = {1'b1, 2'b01};
      44: if (cycle_q == 9) {valid[R], resp} = {1'b1, 2'b01};
      default: ;
    endcase
  end

  axil_checker #(.Name("inner")) watcher (
    .clk_i, .rst_ni(rst_n),
    .awaddr_i({31'h0, twist[Aw]}), .awprot_i('0), .awvalid_i(valid[Aw]), .awready_i(ready[Aw]),
    .wdata_i({31'h0, twist[W]}), .wstrb_i('1), .wvalid_i(valid[W]), .wready_i(ready[W]),
    .bresp_i(resp | {twist[B], 1'b0}), .bvalid_i(valid[B]), .bready_i(ready[B]),
    .araddr_i({31'h0, twist[Ar]}), .arprot_i('0), .arvalid_i(valid[Ar]), .arready_i(ready[Ar]),
    .rdata_i({31'h0, twist[R]}), .rresp_i(resp), .rvalid_i(valid[R]), .rready_i(ready[R])
  );
endmodule
