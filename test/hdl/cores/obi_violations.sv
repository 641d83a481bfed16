// SPDX-License-Identifier: Apache-2.0
//
// obi_violations: plays the breach of one rule at an inner obi_checker, again for each write to its memory: the low
// bits of the data say which. violations.test.ts has the table; 0 breaks none.

module obi_violations (
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

  logic req, gnt, we, rvalid, rready;
  logic [31:0] addr, wdata, rdata;
  logic [1:0] aid, rid;

  always_comb begin
    // A write that is granted in its second cycle, 7; its response comes in 9 and is taken in 10.
    req    = cycle_q inside {6, 7};
    gnt    = cycle_q == 7;
    rvalid = cycle_q inside {9, 10};
    rready = cycle_q == 10;
    we     = 1;
    {addr, wdata, rdata} = {32'h10, 32'h1234, 32'h5678};
    {aid, rid} = {2'd1, 2'd1};
    case (rule_q)
      1: if (cycle_q inside {[1:3]}) req = 1;
      2: if (cycle_q == 7) {req, gnt} = 0;
      3: if (cycle_q == 7) addr = 32'h14;
      4: if (cycle_q == 7) wdata = 32'h1235;
      5: if (cycle_q == 7) rvalid = 1;
      6: if (cycle_q == 12) rvalid = 1;
      7: if (cycle_q == 10) rvalid = 0;
      8: if (cycle_q == 10) rdata = 32'h5679;
      9: rid = 2'd2;
      default: ;
    endcase
  end

  obi_checker #(.Name("inner"), .IdWidth(2), .WithReady(1'b1)) watcher (
    .clk_i, .rst_ni(rst_n), .req_i(req), .gnt_i(gnt), .addr_i(addr), .we_i(we), .be_i(4'hf), .wdata_i(wdata),
    .aid_i(aid),
    .rvalid_i(rvalid), .rready_i(rready), .rdata_i(rdata), .err_i(1'b0), .rid_i(rid)
  );
endmodule
