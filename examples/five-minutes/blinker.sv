// SPDX-License-Identifier: Apache-2.0
//
// blinker: a light that blinks, as one may have lying around. It knows nothing of Trapline.
//
//   offset  name    access
//   0x0     PERIOD  read-write: cycles between two changes of led_o; 0 stops it; 0 after reset
//   0x4     BLINKS  read-only: how often led_o has gone on since PERIOD was written
//   0x8     ID      read-only: 0xb11c0001
//   else            SLVERR
//
// One write and one read at a time; a write is taken when its address and its data are both there. Whole words only.

module blinker (
  input  logic        clk_i,
  input  logic        rst_ni,

  input  logic [ 7:0] s_axil_awaddr,
  input  logic        s_axil_awvalid,
  output logic        s_axil_awready,
  input  logic [31:0] s_axil_wdata,
  input  logic        s_axil_wvalid,
  output logic        s_axil_wready,
  output logic [ 1:0] s_axil_bresp,
  output logic        s_axil_bvalid,
  input  logic        s_axil_bready,
  input  logic [ 7:0] s_axil_araddr,
  input  logic        s_axil_arvalid,
  output logic        s_axil_arready,
  output logic [31:0] s_axil_rdata,
  output logic [ 1:0] s_axil_rresp,
  output logic        s_axil_rvalid,
  input  logic        s_axil_rready,

  output logic        led_o
);
  localparam logic [1:0] Okay = 2'b00, SlvErr = 2'b10;

  logic [31:0] period, waited, blinks;

  wire takes_write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  wire takes_read  = s_axil_arvalid && !s_axil_rvalid;
  wire sets_period = takes_write && s_axil_awaddr == 8'h0;
  wire changes     = period != 0 && waited == period - 1;

  assign s_axil_awready = takes_write;
  assign s_axil_wready  = takes_write;
  assign s_axil_arready = takes_read;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {s_axil_bvalid, s_axil_bresp} <= '0;
      {s_axil_rvalid, s_axil_rresp, s_axil_rdata} <= '0;
    end else begin
      if (s_axil_bready) s_axil_bvalid <= 1'b0;
      if (s_axil_rready) s_axil_rvalid <= 1'b0;
      if (takes_write) {s_axil_bvalid, s_axil_bresp} <= {1'b1, sets_period ? Okay : SlvErr};
      if (takes_read) begin
        s_axil_rvalid <= 1'b1;
        unique case (s_axil_araddr)
          8'h0:    {s_axil_rresp, s_axil_rdata} <= {Okay, period};
          8'h4:    {s_axil_rresp, s_axil_rdata} <= {Okay, blinks};
          8'h8:    {s_axil_rresp, s_axil_rdata} <= {Okay, 32'hb11c_0001};
          default: {s_axil_rresp, s_axil_rdata} <= {SlvErr, 32'h0};
        endcase
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {led_o, period, waited, blinks} <= '0;
    end else if (sets_period) begin
      {led_o, waited, blinks} <= '0;
      period <= s_axil_wdata;
    end else if (changes) begin
      led_o  <= !led_o;
      waited <= '0;
      if (!led_o) blinks <= blinks + 1;
    end else if (period != 0) begin
      waited <= waited + 1;
    end
  end
endmodule
