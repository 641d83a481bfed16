// SPDX-License-Identifier: Apache-2.0
//
// apb_bench: two APB devices of 16 registers. apb has all of APB4 and ends a transfer after as many cycles as `latency`
// says: address 0x40 gets PSLVERR, 0x44 never PREADY. apb2 has only what APB2 knew, no strobes among it.

module apb_bench (
  input  wire        clk,
  input  wire        rst_n,
  input  wire [ 3:0] latency,

  input  wire [ 7:0] apb_PADDR_i,
  input  wire [ 2:0] apb_PPROT_i,
  input  wire        apb_PSELx_i,
  input  wire        apb_PENABLE_i,
  input  wire        apb_PWRITE_i,
  input  wire [31:0] apb_PWDATA_i,
  input  wire [ 3:0] apb_PSTRB_i,
  output wire        apb_PREADY_o,
  output wire [31:0] apb_PRDATA_o,
  output wire        apb_PSLVERR_o,

  input  wire [ 7:0] apb2_paddr,
  input  wire        apb2_psel,
  input  wire        apb2_penable,
  input  wire        apb2_pwrite,
  input  wire [31:0] apb2_pwdata,
  output wire [31:0] apb2_prdata
);

  reg [31:0] regs[0:15];
  reg [31:0] regs2[0:15];
  reg [3:0] waited;
  integer i;

  wire access = apb_PSELx_i && apb_PENABLE_i;
  assign apb_PREADY_o  = access && waited == latency && apb_PADDR_i != 8'h44;
  assign apb_PSLVERR_o = apb_PADDR_i == 8'h40;
  assign apb_PRDATA_o  = regs[apb_PADDR_i[5:2]];
  assign apb2_prdata   = regs2[apb2_paddr[5:2]];

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      waited <= 0;
      for (i = 0; i < 16; i = i + 1) {regs[i], regs2[i]} <= 0;
    end else begin
      waited <= access && !apb_PREADY_o ? waited + 1 : 0;
      if (apb_PREADY_o && apb_PWRITE_i && apb_PADDR_i < 8'h40)
        for (i = 0; i < 4; i = i + 1) if (apb_PSTRB_i[i]) regs[apb_PADDR_i[5:2]][8*i+:8] <= apb_PWDATA_i[8*i+:8];
      if (apb2_psel && apb2_penable && apb2_pwrite) regs2[apb2_paddr[5:2]] <= apb2_pwdata;
    end
  end
endmodule
