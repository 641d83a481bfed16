// SPDX-License-Identifier: Apache-2.0
//
// core: adds two numbers, as RTL of somebody who has never heard of Trapline.
//
//   offset  name  access
//   0x0     A     read-write
//   0x4     B     read-write
//   0x8     SUM   read-only: A + B
//   else          SLVERR
//
// One write and one read at a time; a write is taken when its address and its data are both there. Whole words only.

module core (
  input  logic        clk,
  input  logic        rst_n,

  input  logic [11:0] s_axi_awaddr,
  input  logic        s_axi_awvalid,
  output logic        s_axi_awready,
  input  logic [31:0] s_axi_wdata,
  input  logic [ 3:0] s_axi_wstrb,
  input  logic        s_axi_wvalid,
  output logic        s_axi_wready,
  output logic [ 1:0] s_axi_bresp,
  output logic        s_axi_bvalid,
  input  logic        s_axi_bready,
  input  logic [11:0] s_axi_araddr,
  input  logic        s_axi_arvalid,
  output logic        s_axi_arready,
  output logic [31:0] s_axi_rdata,
  output logic [ 1:0] s_axi_rresp,
  output logic        s_axi_rvalid,
  input  logic        s_axi_rready
);
  localparam logic [1:0] Okay = 2'b00, SlvErr = 2'b10;

  logic [31:0] a, b;
  wire  [31:0] sum = a + b;

  wire takes_write = s_axi_awvalid && s_axi_wvalid && !s_axi_bvalid;
  wire takes_read  = s_axi_arvalid && !s_axi_rvalid;
  wire is_known    = (s_axi_awaddr == 12'h0 || s_axi_awaddr == 12'h4) && s_axi_wstrb == 4'hf;

  assign s_axi_awready = takes_write;
  assign s_axi_wready  = takes_write;
  assign s_axi_arready = takes_read;

  always_ff @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      {a, b} <= '0;
      {s_axi_bvalid, s_axi_bresp} <= '0;
      {s_axi_rvalid, s_axi_rresp, s_axi_rdata} <= '0;
    end else begin
      if (s_axi_bready) s_axi_bvalid <= 1'b0;
      if (s_axi_rready) s_axi_rvalid <= 1'b0;
      if (takes_write) begin
        {s_axi_bvalid, s_axi_bresp} <= {1'b1, is_known ? Okay : SlvErr};
        if (is_known && s_axi_awaddr == 12'h0) a <= s_axi_wdata;
        if (is_known && s_axi_awaddr == 12'h4) b <= s_axi_wdata;
      end
      if (takes_read) begin
        s_axi_rvalid <= 1'b1;
        unique case (s_axi_araddr)
          12'h0:   {s_axi_rresp, s_axi_rdata} <= {Okay, a};
          12'h4:   {s_axi_rresp, s_axi_rdata} <= {Okay, b};
          12'h8:   {s_axi_rresp, s_axi_rdata} <= {Okay, sum};
          default: {s_axi_rresp, s_axi_rdata} <= {SlvErr, 32'h0};
        endcase
      end
    end
  end
endmodule
