// SPDX-License-Identifier: Apache-2.0
//
// fifo: words that come out in the order in which they went in. The good one.
//
//   offset  name   access
//   0x0     DATA   write: push, dropped if the FIFO is full; read: pop, 0 if it is empty
//   0x4     LEVEL  read-only: words in the FIFO
//   0x8     DEPTH  read-only: words that fit
//   else           SLVERR
//
// One write and one read at a time; a write is taken when its address and its data are both there. Whole words only.

module fifo #(
  parameter int unsigned Depth = 16
) (
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
  input  logic        s_axil_rready
);
  localparam logic [1:0] Okay = 2'b00, SlvErr = 2'b10;
  localparam int unsigned PtrWidth = $clog2(Depth);
  localparam logic [PtrWidth-1:0] Last = PtrWidth'(Depth - 1);

  logic [31:0] words[Depth];
  logic [PtrWidth-1:0] head, tail;
  logic [31:0] level;

  wire takes_write = s_axil_awvalid && s_axil_wvalid && !s_axil_bvalid;
  wire takes_read  = s_axil_arvalid && !s_axil_rvalid;
  wire pushes      = takes_write && s_axil_awaddr == 8'h0 && level != Depth;
  wire pops        = takes_read && s_axil_araddr == 8'h0 && level != 0;

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
      if (takes_write) {s_axil_bvalid, s_axil_bresp} <= {1'b1, s_axil_awaddr == 8'h0 ? Okay : SlvErr};
      if (takes_read) begin
        s_axil_rvalid <= 1'b1;
        unique case (s_axil_araddr)
          8'h0:    {s_axil_rresp, s_axil_rdata} <= {Okay, level == 0 ? 32'h0 : words[head]};
          8'h4:    {s_axil_rresp, s_axil_rdata} <= {Okay, level};
          8'h8:    {s_axil_rresp, s_axil_rdata} <= {Okay, Depth};
          default: {s_axil_rresp, s_axil_rdata} <= {SlvErr, 32'h0};
        endcase
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {head, tail, level} <= '0;
    end else begin
      if (pushes) begin
        words[tail] <= s_axil_wdata;
        tail <= tail == Last ? '0 : tail + 1'b1;
      end
      if (pops) head <= head == Last ? '0 : head + 1'b1;
      level <= level + 32'(pushes) - 32'(pops);
    end
  end
endmodule
