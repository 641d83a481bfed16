// SPDX-License-Identifier: Apache-2.0
//
// Buses that are elements of vectors, one with several selects, interrupts in a vector, and pins to be looped back.
// Each bus tells which one it is and what address it got.

module bus_vectors (
  input logic clk_i,
  input logic rst_ni,

  // Three APB buses side by side: a write sets the interrupt of their number.
  input logic [3*8-1:0] apb_paddr,
  input logic [2:0] apb_psel,
  input logic [2:0] apb_penable,
  input logic [2:0] apb_pwrite,
  input logic [3*32-1:0] apb_pwdata,
  output logic [3*32-1:0] apb_prdata,
  output logic [2:0] apb_pready,
  output logic [4:2] irq_o,

  // Two Wishbone buses in unpacked arrays, with word addresses.
  input logic [9:2] wb_adr[2],
  input logic wb_stb[2],
  input logic wb_we[2],
  input logic [1:0][31:0] wb_dat_w,
  output logic [31:0] wb_dat_r[2],
  output logic wb_ack[2],

  // One APB bus of a decoder; it shows its selects and the pins.
  input logic [7:0] dec_paddr,
  input logic [3:0] dec_psel,
  input logic dec_penable,
  input logic dec_pwrite,
  input logic [31:0] dec_pwdata,
  output logic [31:0] dec_prdata,
  input logic [7:0] pins_i,
  output logic [7:0] pins_o
);

  for (genvar i = 0; i < 3; i++) begin : g_apb
    assign apb_pready[i] = 1'b1;
    assign apb_prdata[32*i+:32] = {16'(i), 8'h00, apb_paddr[8*i+:8]};
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) irq_o[i+2] <= 1'b0;
      else if (apb_psel[i] && apb_penable[i] && apb_pwrite[i]) irq_o[i+2] <= apb_pwdata[32*i];
    end
  end

  for (genvar i = 0; i < 2; i++) begin : g_wb
    logic [15:0] last_q;
    assign wb_ack[i] = wb_stb[i];
    assign wb_dat_r[i] = {last_q, 8'(i), wb_adr[i]};
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) last_q <= '0;
      else if (wb_stb[i] && wb_we[i]) last_q <= wb_dat_w[i][15:0];
    end
  end

  assign dec_prdata = {20'h0, dec_psel, pins_i};
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pins_o <= '0;
    else if (dec_psel[2] && dec_penable && dec_pwrite) pins_o <= dec_pwdata[7:0];
  end

  logic unused;
  assign unused = ^{dec_paddr, dec_psel, dec_pwdata, apb_pwdata, wb_dat_w};

endmodule
