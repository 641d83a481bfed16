// SPDX-License-Identifier: Apache-2.0
//
// selected_lanes: words on a classic Wishbone bus of 32 bits, of a core that takes SEL at its word: a read drives only
// the selected byte lanes, the others show 0xee. The last word counts the cycles without any lane selected.
module selected_lanes (
  input  logic        clk_i,
  input  logic        rst_i,
  input  logic [7:0]  wb_adr_i,
  input  logic [31:0] wb_dat_i,
  output logic [31:0] wb_dat_o,
  input  logic [3:0]  wb_sel_i,
  input  logic        wb_we_i,
  input  logic        wb_cyc_i,
  input  logic        wb_stb_i,
  output logic        wb_ack_o
);
  logic [31:0] words_q [64];
  logic [31:0] unselected_q, lanes;
  logic        starts;

  assign starts = wb_cyc_i && wb_stb_i && !wb_ack_o;
  for (genvar i = 0; i < 4; i++) begin : gen_lanes
    assign lanes[8*i +: 8] = {8{wb_sel_i[i]}};
  end

  always_ff @(posedge clk_i) begin
    wb_ack_o <= starts && !rst_i;
    if (rst_i) begin
      unselected_q <= '0;
    end else if (starts) begin
      if (wb_sel_i == '0) unselected_q <= unselected_q + 1;
      if (wb_we_i) words_q[wb_adr_i[7:2]] <= (words_q[wb_adr_i[7:2]] & ~lanes) | (wb_dat_i & lanes);
      wb_dat_o <= wb_adr_i[7:2] == '1 ? unselected_q : (words_q[wb_adr_i[7:2]] & lanes) | (32'heeeeeeee & ~lanes);
    end
  end
endmodule
