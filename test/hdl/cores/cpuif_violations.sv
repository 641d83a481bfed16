// SPDX-License-Identifier: Apache-2.0
//
// cpuif_violations: plays the breach of one rule at an inner cpuif_checker, again for each write to its memory: the low
// bits of the data say which. violations.test.ts has the table; 0 breaks none.

module cpuif_violations (
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

  logic req, write, stall, rd_ack, wr_ack;
  logic [31:0] addr, data, biten;

  always_comb begin
    // A write that is stalled for a cycle and taken in 7, with its answer at once; a read in 9, answered in 11.
    req    = cycle_q inside {6, 7, 9};
    write  = cycle_q < 8;
    stall  = cycle_q == 6;
    wr_ack = cycle_q == 7;
    rd_ack = cycle_q == 11;
    {addr, data, biten} = {32'h10, 32'h1234, 32'hffff};
    case (rule_q)
      1: if (cycle_q inside {[1:3]}) req = 1;
      2: if (cycle_q == 7) {req, wr_ack} = 0;
      3: if (cycle_q == 7) addr = 32'h14;
      4: if (cycle_q == 7) data = 32'h1235;
      5: if (cycle_q == 7) biten = 32'hff;
      6: if (cycle_q == 10) wr_ack = 1;
      7: if (cycle_q == 6) rd_ack = 1;
      8: if (cycle_q == 12) rd_ack = 1;
      default: ;
    endcase
  end

  cpuif_checker #(.Name("inner")) watcher (
    .clk_i, .rst_ni(rst_n), .req_i(req), .req_is_wr_i(write), .addr_i(addr), .wr_data_i(data), .wr_biten_i(biten),
    .req_stall_wr_i(stall), .req_stall_rd_i(1'b0), .rd_ack_i(rd_ack), .rd_err_i(1'b0), .rd_data_i('0),
    .wr_ack_i(wr_ack),
    .wr_err_i(1'b0)
  );
endmodule
