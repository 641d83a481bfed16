// SPDX-License-Identifier: Apache-2.0
// A core without any prefix, clk and an active-high rst, Verilog-2001 with reg outputs. It has power-up values only
// where reset gives them. Four read-write registers, then an identification.
module plain (
  input             clk,
  input             rst,
  input      [11:0] awaddr,
  input      [2:0]  awprot,
  input             awvalid,
  output reg        awready,
  input      [31:0] wdata,
  input      [3:0]  wstrb,
  input             wvalid,
  output reg        wready,
  output     [1:0]  bresp,
  output reg        bvalid,
  input             bready,
  input      [11:0] araddr,
  input      [2:0]  arprot,
  input             arvalid,
  output reg        arready,
  output reg [31:0] rdata,
  output     [1:0]  rresp,
  output reg        rvalid,
  input             rready
);
  reg [31:0] r0, r1, r2, r3;
  reg [11:0] address;
  reg        have_address, have_data;
  reg [31:0] data;
  reg [3:0]  mask;

  assign bresp = 2'b00;
  assign rresp = 2'b00;

  function [31:0] merge(input [31:0] old);
    merge = {mask[3] ? data[31:24] : old[31:24], mask[2] ? data[23:16] : old[23:16],
             mask[1] ? data[15:8] : old[15:8], mask[0] ? data[7:0] : old[7:0]};
  endfunction

  always @(posedge clk)
    if (rst) begin
      {awready, wready, bvalid, have_address, have_data} <= 5'b11000;
      {r0, r1, r2, r3} <= 128'h0;
    end else begin
      if (awvalid && awready) begin
        awready <= 0; have_address <= 1; address <= awaddr;
      end
      if (wvalid && wready) begin
        wready <= 0; have_data <= 1; data <= wdata; mask <= wstrb;
      end
      if (have_address && have_data && !bvalid) begin
        case (address[11:2])
          0: r0 <= merge(r0);
          1: r1 <= merge(r1);
          2: r2 <= merge(r2);
          3: r3 <= merge(r3);
          default: ;
        endcase
        bvalid <= 1;
      end
      if (bvalid && bready) begin
        {bvalid, have_address, have_data, awready, wready} <= 5'b00011;
      end
    end

  always @(posedge clk)
    if (rst) {arready, rvalid} <= 2'b10;
    else if (arvalid && arready) begin
      arready <= 0;
      rvalid  <= 1;
      case (araddr[11:2])
        0: rdata <= r0;
        1: rdata <= r1;
        2: rdata <= r2;
        3: rdata <= r3;
        default: rdata <= 32'hc0de0004;
      endcase
    end else if (rvalid && rready) {arready, rvalid} <= 2'b10;
endmodule
