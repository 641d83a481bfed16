// SPDX-License-Identifier: Apache-2.0
//
// ahb_violations: plays the breach of one rule at an inner ahb_checker, again for each write to its memory: the low
// bits of the data say which. violations.test.ts has the table; 0 breaks none.

module ahb_violations (
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

  logic [31:0] addr, wdata;
  logic [2:0]  kind, size;
  logic [1:0]  trans, resp;
  logic        sel, write, ready;

  always_comb begin
    // An INCR burst of two words with a BUSY in it: addresses in cycles 6 to 9, the last of them waited; data of the
    // first in 7, of the second in 10. Then a SINGLE read in 12 that ends with ERROR in 13 and 14.
    {addr, kind, size, write} = {32'h1fc, 3'b001, 3'd2, 1'b1};
    {trans, resp, ready, wdata} = {2'b00, 2'b00, 1'b1, 32'h1};
    case (cycle_q)
      6:  trans = 2'b10;
      7:  {addr, trans} = {32'h200, 2'b01};
      8:  {addr, trans} = {32'h200, 2'b11};
      9:  {wdata, ready} = {32'h2, 1'b0};
      10: wdata = 32'h2;
      12: {addr, kind, write, trans} = {32'h40, 3'b000, 1'b0, 2'b10};
      // The next address is offered while ERROR begins, and taken back.
      13: {trans, resp, ready} = {2'b10, 2'b01, 1'b0};
      14: resp = 2'b01;
      default: ;
    endcase
    sel = trans != 0;
    case (rule_q)
      1:  if (cycle_q inside {[1:3]}) trans = 2'b10;
      2:  if (cycle_q == 12) size = 3'd3;
      3:  if (cycle_q == 12) addr = 32'h42;
      4:  if (cycle_q == 12) {trans, kind} = {2'b11, 3'b001};
      5:  if (cycle_q == 8) addr = 32'h204;
      6:  if (cycle_q inside {[7:8]}) size = 3'd1;
      7:  if (cycle_q inside {[6:8]}) addr = cycle_q == 6 ? 32'h3fc : 32'h400;
      8:  if (cycle_q inside {[9:10]}) {sel, trans, addr} = {1'b1, 2'b10, cycle_q == 9 ? 32'h10 : 32'h20};
      9:  if (cycle_q == 10) wdata = 32'h3;
      10: if (cycle_q == 8) ready = 1'b0;
      11: if (cycle_q == 13) {trans, sel, resp, ready} = {2'b00, 1'b0, 2'b01, 1'b1};
      12: if (cycle_q == 14) resp = 2'b00;
      13: if (cycle_q == 13) {trans, sel, resp} = {2'b00, 1'b0, 2'b10};
      14: if (cycle_q == 12) {sel, trans} = {1'b1, 2'b01};
      default: ;
    endcase
  end

  ahb_checker #(.Name("inner")) watcher (
    .clk_i, .rst_ni(rst_n), .haddr_i(addr), .hburst_i(kind), .hmastlock_i(1'b0), .hprot_i(7'd3), .hnonsec_i(1'b0),
    .hsel_i(sel), .hsize_i(size), .htrans_i(trans), .hwrite_i(write), .hwdata_i(wdata), .hwstrb_i('1),
    .hready_i(ready), .hrdata_i('0), .hreadyout_i(ready), .hresp_i(resp)
  );
endmodule
