// SPDX-License-Identifier: Apache-2.0
//
// localbus_violations: plays the breach of one rule at an inner localbus_checker, again for each write to its memory:
// the low bits of the data say which. violations.test.ts has the table; 0 breaks none.

module localbus_violations (
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

  logic wen, wready, ren, rvalid;
  logic [31:0] waddr, wdata, raddr;
  logic [3:0]  wstrb;

  always_comb begin
    // A write in 6 and 7, a read in 9 to 11.
    wen    = cycle_q inside {6, 7};
    wready = cycle_q == 7;
    ren    = cycle_q inside {[9:11]};
    rvalid = cycle_q == 11;
    {waddr, wdata, wstrb, raddr} = {32'h10, 32'h1234, 4'h3, 32'h14};
    case (rule_q)
      1: if (cycle_q inside {[1:3]}) ren = 1;
      2: if (cycle_q == 7) wen = 0;
      3: if (cycle_q == 7) waddr = 32'h14;
      4: if (cycle_q == 7) wdata = 32'h1235;
      5: if (cycle_q == 7) wstrb = 4'hf;
      6: if (cycle_q == 10) ren = 0;
      7: if (cycle_q == 10) raddr = 32'h10;
      default: ;
    endcase
  end

  localbus_checker #(.Name("inner")) watcher (
    .clk_i, .rst_ni(rst_n), .waddr_i(waddr), .wdata_i(wdata), .wen_i(wen), .wstrb_i(wstrb), .wready_i(wready),
    .raddr_i(raddr), .ren_i(ren), .rdata_i('0), .rvalid_i(rvalid)
  );
endmodule
