// SPDX-License-Identifier: Apache-2.0
//
// obi_ram: OBI, 128 bytes of memory and what tests ask for beside it. GNT comes GrantCycles after REQ, the response
// Latency + 1 cycles after that, and stays until RREADY if the bus has one.
//
//   0x00  memory
//   0x80  how many requests were taken before this one; writes do nothing
//   0x90  ERR
//   0xa0  no answer
//   0xb0  never granted

module obi_ram #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Latency = 0,
  parameter int unsigned GrantCycles = 0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   cfg_req_i,
  output logic                   cfg_gnt_o,
  input  logic [            7:0] cfg_addr_i,
  input  logic                   cfg_we_i,
  input  logic [DataWidth/8-1:0] cfg_be_i,
  input  logic [  DataWidth-1:0] cfg_wdata_i,
  input  logic [            2:0] cfg_aid_i,
  output logic                   cfg_rvalid_o,
  input  logic                   cfg_rready_i,
  output logic [  DataWidth-1:0] cfg_rdata_o,
  output logic                   cfg_err_o,
  output logic [            2:0] cfg_rid_o
);

  localparam int unsigned Bytes = DataWidth / 8;

  logic [7:0]  memory_q [128];
  logic [31:0] requests_q, held_q, left_q;
  logic        taken, open_q;

  assign cfg_gnt_o    = cfg_req_i && !open_q && held_q >= GrantCycles && cfg_addr_i[7:4] != 4'hb;
  assign taken        = cfg_req_i && cfg_gnt_o;
  assign cfg_rvalid_o = open_q && left_q == 0;

  always_ff @(posedge clk_i) begin
    held_q <= cfg_req_i && !taken ? held_q + 1 : 0;
    if (taken) begin
      requests_q  <= requests_q + 1;
      {open_q, left_q} <= {1'b1, cfg_addr_i[7:4] == 4'ha ? '1 : Latency};
      cfg_err_o   <= cfg_addr_i[7:4] == 4'h9;
      cfg_rid_o   <= cfg_aid_i;
      cfg_rdata_o <= cfg_addr_i[7] ? DataWidth'(requests_q) : '0;
      for (int unsigned i = 0; i < Bytes; i++) begin
        if (!cfg_addr_i[7] && cfg_be_i[i]) cfg_rdata_o[8*i +: 8] <= memory_q[cfg_addr_i[6:0] + 7'(i)];
        if (!cfg_addr_i[7] && cfg_be_i[i] && cfg_we_i) memory_q[cfg_addr_i[6:0] + 7'(i)] <= cfg_wdata_i[8*i +: 8];
      end
    end else if (open_q && left_q != 0) begin
      left_q <= left_q == '1 ? '1 : left_q - 1;
    end else if (cfg_rvalid_o && cfg_rready_i) begin
      open_q <= 1'b0;
    end
    if (!rst_ni) {requests_q, held_q, open_q, left_q} <= '0;
  end
endmodule
