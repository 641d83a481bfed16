// SPDX-License-Identifier: Apache-2.0
//
// axi4_violations: plays the breach of one rule at an inner axi4_checker, again for each write to its memory: the low
// bits of the data say which. violations.test.ts has the table; 0 breaks none.

module axi4_violations (
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
  logic [1:0] resp, awburst, arburst, awlock, arlock;
  logic [5:0] awatop;
  logic [7:0] awlen, arlen;
  logic [2:0] awsize, arsize;
  logic [31:0] awaddr, araddr;
  logic [3:0] bid, rid, wid, strb;
  logic wlast, rlast;

  always_comb begin
    valid = '0; ready = '0; twist = '0; resp = '0;
    awburst = 2'b01; arburst = 2'b01;
    awlen = 0; arlen = 0;
    awsize = 2; arsize = 2;
    awaddr = 32'h100; araddr = 32'h200;
    bid = 0; rid = 0; strb = '1;
    wlast = 1; rlast = 1;
    {awatop, awlock, arlock, wid} = '0;
    // Requests of one beat that wait for their responses.
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
      45: if (cycle_q == 9) {valid[B], bid} = {1'b1, 4'd3};
      46: if (cycle_q == 9) {valid[R], rid} = {1'b1, 4'd3};
      47: if (cycle_q == 9) {valid[R], rlast} = 2'b10;
      48: if (cycle_q == 6) wlast = 0;
      49: if (cycle_q == 6) {awlen, awsize} = {8'd0, 3'd0};
      50: awburst = 2'b11;
      51: awsize = 3;
      52: {awburst, awlen} = {2'b00, 8'd16};
      53: {awburst, awlen} = {2'b10, 8'd2};
      54: {awburst, awlen, awaddr} = {2'b10, 8'd3, 32'h102};
      55: {awlen, awaddr} = {8'd1, 32'hffc};
      56: awatop = 6'h20;
      57: awlock = 2'b10;
      58: if (cycle_q == 6) wid = 3;
      60: arburst = 2'b11;
      61: arlock = 2'b10;
      65: {arlen, araddr} = {8'd255, 32'hf00};
      default: ;
    endcase
    // A burst of more than one beat asks for more data than comes.
    if (awlen != 0 || arlen != 0) {valid[W], valid[B], valid[R]} = '0;
  end

  axi4_checker #(.Name("inner"), .WithWid(1'b1)) watcher (
    .clk_i, .rst_ni(rst_n),
    .awid_i('0), .awaddr_i(awaddr | {31'h0, twist[Aw]}), .awlen_i(awlen), .awsize_i(awsize), .awburst_i(awburst),
    .awlock_i(awlock),
    .awcache_i('0), .awprot_i('0), .awqos_i('0), .awregion_i('0), .awatop_i(awatop), .awvalid_i(valid[Aw]),
    .awready_i(ready[Aw]),
    .wid_i(wid), .wdata_i({31'h0, twist[W]}), .wstrb_i(strb), .wlast_i(wlast), .wvalid_i(valid[W]), .wready_i(ready[W]),
    .bid_i(bid), .bresp_i(resp | {twist[B], 1'b0}), .bvalid_i(valid[B]), .bready_i(ready[B]),
    .arid_i('0), .araddr_i(araddr | {31'h0, twist[Ar]}), .arlen_i(arlen), .arsize_i(arsize), .arburst_i(arburst),
    .arlock_i(arlock),
    .arcache_i('0), .arprot_i('0), .arqos_i('0), .arregion_i('0), .arvalid_i(valid[Ar]), .arready_i(ready[Ar]),
    .rid_i(rid), .rdata_i({31'h0, twist[R]}), .rresp_i(resp), .rlast_i(rlast), .rvalid_i(valid[R]), .rready_i(ready[R])
  );
endmodule
