// SPDX-License-Identifier: Apache-2.0
//
// strobeless: buses that lack strobes, each in front of a memory of 16 words of its own that takes whole words: APB2,
// APB3 behind the third bit of a select, AXI4-Lite, and Wishbone of 64 bits.

module strobeless (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic        two_psel,
  input  logic        two_penable,
  input  logic        two_pwrite,
  input  logic [ 5:0] two_paddr,
  input  logic [31:0] two_pwdata,
  output logic [31:0] two_prdata,

  input  logic [ 3:0] three_pselx,
  input  logic        three_penable,
  input  logic        three_pwrite,
  input  logic [ 5:2] three_paddr,
  input  logic [31:0] three_pwdata,
  output logic [31:0] three_prdata,
  output logic        three_pready,
  output logic        three_pslverr,

  input  logic [ 5:0] lite_awaddr,
  input  logic        lite_awvalid,
  output logic        lite_awready,
  input  logic [31:0] lite_wdata,
  input  logic        lite_wvalid,
  output logic        lite_wready,
  output logic        lite_bvalid,
  input  logic        lite_bready,
  input  logic [ 5:0] lite_araddr,
  input  logic        lite_arvalid,
  output logic        lite_arready,
  output logic [31:0] lite_rdata,
  output logic        lite_rvalid,
  input  logic        lite_rready,

  input  logic        wide_cyc,
  input  logic        wide_stb,
  input  logic        wide_we,
  input  logic [ 6:3] wide_adr,
  input  logic [63:0] wide_dat_i,
  output logic [63:0] wide_dat_o,
  output logic        wide_ack
);

  logic [31:0] two_q[16], three_q[16], lite_q[16];
  logic [63:0] wide_q[16];

  assign two_prdata = two_q[two_paddr[5:2]];
  always_ff @(posedge clk_i) if (two_psel && two_penable && two_pwrite) two_q[two_paddr[5:2]] <= two_pwdata;

  // The other devices behind this select answer with errors.
  assign three_prdata  = three_q[three_paddr];
  assign three_pready  = three_penable;
  assign three_pslverr = three_penable && three_pselx != 4'b0100;
  always_ff @(posedge clk_i) if (three_pselx[2] && three_penable && three_pwrite) three_q[three_paddr] <= three_pwdata;

  assign lite_awready = lite_awvalid && lite_wvalid && !lite_bvalid;
  assign lite_wready  = lite_awready;
  assign lite_arready = !lite_rvalid;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {lite_bvalid, lite_rvalid} <= '0;
    else begin
      lite_bvalid <= lite_awready || (lite_bvalid && !lite_bready);
      lite_rvalid <= (lite_arvalid && lite_arready) || (lite_rvalid && !lite_rready);
      if (lite_awready) lite_q[lite_awaddr[5:2]] <= lite_wdata;
      if (lite_arvalid && lite_arready) lite_rdata <= lite_q[lite_araddr[5:2]];
    end
  end

  assign wide_dat_o = wide_q[wide_adr];
  assign wide_ack   = wide_cyc && wide_stb;
  always_ff @(posedge clk_i) if (wide_ack && wide_we) wide_q[wide_adr] <= wide_dat_i;
endmodule
