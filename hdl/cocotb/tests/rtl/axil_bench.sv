// SPDX-License-Identifier: Apache-2.0
//
// axil_bench: an AXI4-Lite device with every answer that a manager may meet. In plain words of SystemVerilog, for the
// simulators that know few.
//
//   0x00…0x3f  registers, read-write with byte strobes; 0 after reset
//   0x40       SLVERR          0x48  DECERR          0x50  EXOKAY
//   0x60       address never taken, of reads and writes
//   0x68       write data never taken
//   0x70       neither RVALID nor BVALID ever comes
//   0x80       never written: X         0x88  the response is X         0x90  RVALID and ARREADY together
//
// Each answer comes after as many cycles as `latency` says. An address may be taken before its data, and after it.

module axil_bench #(
  parameter DataWidth = 32
) (
  input  wire                   clk,
  input  wire                   rst_n,
  input  wire [            3:0] latency,

  input  wire [           11:0] s_axil_awaddr,
  input  wire [            2:0] s_axil_awprot,
  input  wire                   s_axil_awvalid,
  output wire                   s_axil_awready,
  input  wire [  DataWidth-1:0] s_axil_wdata,
  input  wire [DataWidth/8-1:0] s_axil_wstrb,
  input  wire                   s_axil_wvalid,
  output wire                   s_axil_wready,
  output reg  [            1:0] s_axil_bresp,
  output reg                    s_axil_bvalid,
  input  wire                   s_axil_bready,
  input  wire [           11:0] s_axil_araddr,
  input  wire [            2:0] s_axil_arprot,
  input  wire                   s_axil_arvalid,
  output wire                   s_axil_arready,
  output wire [  DataWidth-1:0] s_axil_rdata,
  output wire [            1:0] s_axil_rresp,
  output wire                   s_axil_rvalid,
  input  wire                   s_axil_rready
);

  localparam Bytes = DataWidth / 8;

  reg [DataWidth-1:0] regs[0:63/Bytes];
  integer i;

  function [1:0] response(input [11:0] address);
    case (address)
      12'h40:  response = 2'b10;
      12'h48:  response = 2'b11;
      12'h50:  response = 2'b01;
      12'h88:  response = 2'bxx;
      default: response = 2'b00;
    endcase
  endfunction

  // ---- writes

  reg aw_held, w_held;
  reg [11:0] aw;
  reg [DataWidth-1:0] w;
  reg [Bytes-1:0] strobes;
  reg [3:0] b_waited;

  assign s_axil_awready = !aw_held && !(s_axil_awvalid && s_axil_awaddr == 12'h60);
  assign s_axil_wready  = !w_held && !(aw_held && aw == 12'h68) && !(s_axil_awvalid && s_axil_awaddr == 12'h68);

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      {aw_held, w_held, s_axil_bvalid} <= 3'b000;
      s_axil_bresp <= 2'b00;
      b_waited <= 0;
      for (i = 0; i < 64 / Bytes; i = i + 1) regs[i] <= 0;
    end else begin
      if (s_axil_awvalid && s_axil_awready) {aw_held, aw} <= {1'b1, s_axil_awaddr};
      if (s_axil_wvalid && s_axil_wready) {w_held, w, strobes} <= {1'b1, s_axil_wdata, s_axil_wstrb};
      if (aw_held && w_held && !s_axil_bvalid && aw != 12'h70) begin
        b_waited <= b_waited + 1;
        if (b_waited == latency) begin
          s_axil_bvalid <= 1'b1;
          s_axil_bresp  <= response(aw);
          if (aw < 12'h40)
            for (i = 0; i < Bytes; i = i + 1) if (strobes[i]) regs[aw/Bytes][8*i+:8] <= w[8*i+:8];
        end
      end
      if (s_axil_bvalid && s_axil_bready) begin
        {aw_held, w_held, s_axil_bvalid} <= 3'b000;
        b_waited <= 0;
      end
    end
  end

  // ---- reads

  reg ar_held, r_valid;
  reg [11:0] ar;
  reg [3:0] r_waited;
  wire at_once = s_axil_arvalid && s_axil_araddr == 12'h90;

  assign s_axil_arready = !ar_held && !(s_axil_arvalid && s_axil_araddr == 12'h60);
  assign s_axil_rvalid  = r_valid || at_once;
  assign s_axil_rresp   = response(at_once ? 12'h90 : ar);
  assign s_axil_rdata   = at_once ? {Bytes{8'h5a}} : ar < 12'h40 ? regs[ar/Bytes] : ar == 12'h80 ? 'bx : 0;

  always @(posedge clk or negedge rst_n) begin
    if (!rst_n) begin
      {ar_held, r_valid} <= 2'b00;
      ar <= 0;
      r_waited <= 0;
    end else if (at_once && s_axil_rready) begin
    end else begin
      if (s_axil_arvalid && s_axil_arready) {ar_held, ar} <= {1'b1, s_axil_araddr};
      if (ar_held && !r_valid && ar != 12'h70) begin
        r_waited <= r_waited + 1;
        r_valid  <= r_waited == latency;
      end
      if (r_valid && s_axil_rready) begin
        {ar_held, r_valid} <= 2'b00;
        r_waited <= 0;
      end
    end
  end
endmodule
