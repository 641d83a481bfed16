// SPDX-License-Identifier: Apache-2.0
//
// wishbone_pipelined_violations: plays the breach of one rule at an inner wishbone_pipelined_checker, again for each
// write to its memory: the low bits of the data say which. violations.test.ts has the table; 0 breaks none.

module wishbone_pipelined_violations (
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

  logic cyc, stb, stall, we, ack, err;
  logic [31:0] adr, wdata;

  always_comb begin
    // Two writes without a gap, in cycles 6 to 8, the first of them stalled for a cycle; answers in 8 and 10.
    cyc   = cycle_q inside {[6:10]};
    stb   = cycle_q inside {[6:8]};
    stall = cycle_q == 6;
    ack   = cycle_q inside {8, 10};
    err   = 0;
    we    = 1;
    {adr, wdata} = cycle_q < 8 ? {32'h10, 32'h1234} : {32'h14, 32'h5678};
    case (rule_q)
      1: if (cycle_q inside {[1:3]}) {cyc, stb} = '1;
      2: if (cycle_q == 5) stb = 1;
      3: if (cycle_q == 7) stb = 0;
      4: if (cycle_q == 7) adr = 32'h14;
      5: if (cycle_q == 7) wdata = 32'h1235;
      6: if (cycle_q == 6) ack = 1;
      7: if (cycle_q == 8) err = 1;
      8: if (cycle_q == 12) ack = 1;
      9: if (cycle_q inside {[9:10]}) ack = 1;
      default: ;
    endcase
  end

  wishbone_pipelined_checker #(.Name("inner")) watcher (
    .clk_i, .rst_ni(rst_n), .cyc_i(cyc), .stb_i(stb), .we_i(we), .adr_i(adr), .wdata_i(wdata), .sel_i(4'hf),
    .stall_i(stall),
    .rdata_i('0), .ack_i(ack), .err_i(err), .rty_i(1'b0)
  );
endmodule
