// SPDX-License-Identifier: Apache-2.0
//
// first_edge: every bus there is, none of them answered, watched by assertions as users write them, without "disable
// iff": what the model's side drives is idle at time 0 already, and nothing came before the first clock edge.

module first_edge (
  input  logic         clk_i,
  input  logic         rst_ni,

  input  logic [ 11:0] lite_awaddr,
  input  logic         lite_awvalid,
  output logic         lite_awready,
  input  logic [ 31:0] lite_wdata,
  input  logic         lite_wvalid,
  output logic         lite_wready,
  output logic         lite_bvalid,
  input  logic         lite_bready,
  input  logic [ 11:0] lite_araddr,
  input  logic         lite_arvalid,
  output logic         lite_arready,
  output logic [ 31:0] lite_rdata,
  output logic         lite_rvalid,
  input  logic         lite_rready,

  input  logic [ 11:0] full_awaddr,
  input  logic [  7:0] full_awlen,
  input  logic         full_awvalid,
  output logic         full_awready,
  input  logic [ 31:0] full_wdata,
  input  logic         full_wlast,
  input  logic         full_wvalid,
  output logic         full_wready,
  output logic         full_bvalid,
  input  logic         full_bready,
  input  logic [ 11:0] full_araddr,
  input  logic [  7:0] full_arlen,
  input  logic         full_arvalid,
  output logic         full_arready,
  output logic [ 31:0] full_rdata,
  output logic         full_rlast,
  output logic         full_rvalid,
  input  logic         full_rready,

  input  logic [ 11:0] paddr,
  input  logic         psel,
  input  logic         penable,
  input  logic         pwrite,
  input  logic [ 31:0] pwdata,
  output logic [ 31:0] prdata,

  input  logic         wb_cyc,
  input  logic         wb_stb,
  input  logic         wb_we,
  input  logic [ 11:0] wb_adr,
  input  logic [ 31:0] wb_dat_w,
  output logic [ 31:0] wb_dat_r,
  output logic         wb_ack,

  output logic [ 31:0] mem_awaddr,
  output logic [  7:0] mem_awlen,
  output logic         mem_awvalid,
  input  logic         mem_awready,
  output logic [127:0] mem_wdata,
  output logic         mem_wlast,
  output logic         mem_wvalid,
  input  logic         mem_wready,
  input  logic         mem_bvalid,
  output logic         mem_bready,
  output logic [ 31:0] mem_araddr,
  output logic [  7:0] mem_arlen,
  output logic         mem_arvalid,
  input  logic         mem_arready,
  input  logic [127:0] mem_rdata,
  input  logic         mem_rlast,
  input  logic         mem_rvalid,
  output logic         mem_rready
);

  assign {lite_awready, lite_wready, lite_bvalid, lite_arready, lite_rdata, lite_rvalid} = '0;
  assign {full_awready, full_wready, full_bvalid, full_arready, full_rdata, full_rlast, full_rvalid} = '0;
  assign {prdata, wb_dat_r, wb_ack} = '0;
  assign {mem_awaddr, mem_awlen, mem_awvalid, mem_wdata, mem_wlast, mem_wvalid, mem_bready} = '0;
  assign {mem_araddr, mem_arlen, mem_arvalid, mem_rready} = '0;

  logic [18:0] controls;
  assign controls = {lite_awvalid, lite_wvalid, lite_bready, lite_arvalid, lite_rready,
                     full_awvalid, full_wvalid, full_bready, full_arvalid, full_rready,
                     psel, penable, wb_cyc, wb_stb, mem_bvalid, mem_rvalid,
                     mem_awready && !rst_ni, mem_wready, mem_arready && !rst_ni};

  always_comb idle: assert (controls == '0) else $error("controls are %b", controls);

  ar_stays: assert property (@(posedge clk_i) lite_arvalid && !lite_arready |=> lite_arvalid);
  psel_stays: assert property (@(posedge clk_i) psel && !penable |=> penable);
  all_stay: assert property (@(posedge clk_i) $past(controls) == '0);
  // A word that is too wide for a machine's.
  constant: assert property (@(posedge clk_i) mem_wdata == $past(mem_wdata));
endmodule
