// SPDX-License-Identifier: Apache-2.0
//
// Parts of the core that widths.test.ts writes: memories of 4096 bytes behind APB and Wishbone, and a manager that
// copies by bursts, each of any data width.

module apb_ram #(
  parameter int unsigned DataWidth = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   psel,
  input  logic                   penable,
  input  logic                   pwrite,
  input  logic [           11:0] paddr,
  input  logic [  DataWidth-1:0] pwdata,
  input  logic [DataWidth/8-1:0] pstrb,
  output logic [  DataWidth-1:0] prdata,
  output logic                   pready
);

  localparam int unsigned Bytes = DataWidth / 8;

  logic [DataWidth-1:0] memory_q [4096 / Bytes];
  logic [         11:0] index;
  assign index  = paddr / 12'(Bytes);
  assign prdata = psel && !pwrite ? memory_q[index] : '0;
  assign pready = 1'b1;

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Bytes; i++)
      if (rst_ni && psel && penable && pwrite && pstrb[i]) memory_q[index][8*i+:8] <= pwdata[8*i+:8];
  end
endmodule

// Classic, or pipelined if Pipelined is 1: then each request is stalled for a cycle. Bytes that a read doesn't select
// are 0xee.
module wb_ram #(
  parameter int unsigned DataWidth = 32,
  parameter bit Pipelined = 1'b0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   cyc,
  input  logic                   stb,
  input  logic                   we,
  input  logic [           11:0] adr,
  input  logic [  DataWidth-1:0] dat_w,
  input  logic [DataWidth/8-1:0] sel,
  output logic                   stall,
  output logic [  DataWidth-1:0] dat_r,
  output logic                   ack
);

  localparam int unsigned Bytes = DataWidth / 8;

  logic [DataWidth-1:0] memory_q [4096 / Bytes];
  logic [         11:0] index;
  logic                 taken;
  assign index = adr / 12'(Bytes);
  assign taken = rst_ni && cyc && stb && !stall && !(ack && !Pipelined);

  always_ff @(posedge clk_i) begin
    stall <= Pipelined && !stall;
    ack   <= taken;
    for (int unsigned i = 0; i < Bytes; i++) begin
      dat_r[8*i+:8] <= sel[i] ? memory_q[index][8*i+:8] : 8'hee;
      if (taken && we && sel[i]) memory_q[index][8*i+:8] <= dat_w[8*i+:8];
    end
  end
endmodule

// A pulse of start_i reads a burst of beats_i beats of 2**size_i bytes at address_i, then writes its bytes inverted, as
// a burst of the same shape, 2048 bytes further.
module burst_copier #(
  parameter int unsigned DataWidth = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   start_i,
  input  logic [           31:0] address_i,
  input  logic [            7:0] beats_i,
  input  logic [            2:0] size_i,
  output logic                   busy_o,

  output logic [           31:0] awaddr,
  output logic [            7:0] awlen,
  output logic [            2:0] awsize,
  output logic [            1:0] awburst,
  output logic                   awvalid,
  input  logic                   awready,
  output logic [  DataWidth-1:0] wdata,
  output logic [DataWidth/8-1:0] wstrb,
  output logic                   wlast,
  output logic                   wvalid,
  input  logic                   wready,
  input  logic [            1:0] bresp,
  input  logic                   bvalid,
  output logic                   bready,
  output logic [           31:0] araddr,
  output logic [            7:0] arlen,
  output logic [            2:0] arsize,
  output logic [            1:0] arburst,
  output logic                   arvalid,
  input  logic                   arready,
  input  logic [  DataWidth-1:0] rdata,
  input  logic [            1:0] rresp,
  input  logic                   rlast,
  input  logic                   rvalid,
  output logic                   rready
);

  localparam int unsigned Bytes = DataWidth / 8;

  logic [DataWidth-1:0] beats_q [32];
  logic [          7:0] got_q, given_q;
  logic [         31:0] at_q, unit;  // of the beat to be written
  assign unit = at_q & ~((32'd1 << size_i) - 32'd1);

  assign {araddr, arlen, arsize, arburst} = {address_i, beats_i - 8'd1, size_i, 2'b01};
  assign {awaddr, awlen, awsize, awburst} = {address_i + 32'd2048, beats_i - 8'd1, size_i, 2'b01};
  assign {rready, bready} = 2'b11;
  assign wdata = beats_q[given_q[4:0]];
  assign wlast = given_q == beats_i - 8'd1;
  always_comb begin
    for (int unsigned i = 0; i < Bytes; i++)
      wstrb[i] = i >= at_q % Bytes && i < unit % Bytes + (32'd1 << size_i);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      {busy_o, arvalid, awvalid, wvalid} <= '0;
    end else if (start_i) begin
      {busy_o, arvalid} <= 2'b11;
      {got_q, given_q} <= '0;
      at_q <= address_i;
    end else begin
      if (arready) arvalid <= 1'b0;
      if (awready) awvalid <= 1'b0;
      if (rvalid) begin
        beats_q[got_q[4:0]] <= ~rdata;
        got_q <= got_q + 8'd1;
        if (rlast) {awvalid, wvalid} <= 2'b11;
      end
      if (wvalid && wready) begin
        given_q <= given_q + 8'd1;
        at_q <= unit + (32'd1 << size_i);
        if (wlast) wvalid <= 1'b0;
      end
      if (bvalid) busy_o <= 1'b0;
    end
  end

  logic unused;
  assign unused = ^{rresp, bresp};
endmodule
