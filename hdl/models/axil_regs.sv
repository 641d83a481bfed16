// SPDX-License-Identifier: Apache-2.0
//
// axil_regs: one register of each common kind, on an AXI4-Lite bus of 32 or 64 bits.
//
//   offset  name     access
//   0x00    SCRATCH  read-write with byte strobes; 0 after reset
//   0x04    ID       read-only: parameter Id
//   0x08    STATUS   bit i is set by writing 1 to bit i of TRIGGER and cleared by writing 1 to it here
//   0x0c    COUNT    read-only: writes to SCRATCH since COUNT was last read; reading clears it
//   0x10    PAIR_LO  lower half of a 64-bit value, read-write with byte strobes; 0 after reset
//   0x14    PAIR_HI  upper half of that value
//   0x18    TRIGGER  write-only, reads as 0
//   0x1c…   hole     SLVERR
//
// A write to ID, COUNT or a hole is answered with SLVERR, also if it touches another register of the same word.
// A read is answered with SLVERR if every register of its word is a hole; a hole beside a register reads as 0.
// If one cycle takes a read of COUNT and a write to SCRATCH, the read gets the old count and the new one is 1.
//
// On the bus (axil_front.sv has the handshakes):
// - A write without strobes is answered with OKAY and changes nothing.
// - Address bits below the bus word are ignored. On a 64-bit bus one transfer reaches the two registers of its word:
//   a write touches those with a strobe set; a read returns both and has the side effects of both.
// - SLVERR on a write means that nothing changed.

`include "axil_front.sv"

module axil_regs #(
  // 6 to 32.
  parameter bit [31:0] AddrWidth = 12,
  // 32 or 64.
  parameter bit [31:0] DataWidth = 32,
  parameter logic [31:0] Id = 32'h5452_4150
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [  AddrWidth-1:0] s_axil_awaddr,
  input  logic [            2:0] s_axil_awprot,
  input  logic                   s_axil_awvalid,
  output logic                   s_axil_awready,
  input  logic [  DataWidth-1:0] s_axil_wdata,
  input  logic [DataWidth/8-1:0] s_axil_wstrb,
  input  logic                   s_axil_wvalid,
  output logic                   s_axil_wready,
  output logic [            1:0] s_axil_bresp,
  output logic                   s_axil_bvalid,
  input  logic                   s_axil_bready,
  input  logic [  AddrWidth-1:0] s_axil_araddr,
  input  logic [            2:0] s_axil_arprot,
  input  logic                   s_axil_arvalid,
  output logic                   s_axil_arready,
  output logic [  DataWidth-1:0] s_axil_rdata,
  output logic [            1:0] s_axil_rresp,
  output logic                   s_axil_rvalid,
  input  logic                   s_axil_rready
);

  // One write and one read, as axil_front makes them out of the five channels.
  logic                   write, write_error, read, read_error;
  logic [  AddrWidth-1:0] write_addr, read_addr;
  logic [  DataWidth-1:0] write_data, read_data;
  logic [DataWidth/8-1:0] write_strb;

  localparam bit [31:0] Scratch = 0;
  localparam bit [31:0] IdReg = 1;
  localparam bit [31:0] Status = 2;
  localparam bit [31:0] Count = 3;
  localparam bit [31:0] PairLo = 4;
  localparam bit [31:0] PairHi = 5;
  localparam bit [31:0] Trigger = 6;
  localparam bit [31:0] NumRegs = 7;
  localparam logic [NumRegs-1:0] Writable = 7'b111_0101;

  // ---- decoding: a bus word holds one or two registers

  localparam bit [31:0] Lanes = DataWidth / 32;
  localparam bit [31:0] WordLsb = $clog2(DataWidth / 8);

  logic [31:0] value [NumRegs];  // what each register reads as

  function automatic int unsigned word_of(logic [AddrWidth-1:0] address);
    return 32'(address) >> WordLsb;
  endfunction

  // The strobes that the present write has for a register; 0 if there is no write to it, or one that is refused.
  function automatic logic [3:0] strobes_of(int unsigned index);
    if (!write || write_error || word_of(write_addr) != index / Lanes) return 4'b0000;
    return write_strb[4*(index%Lanes)+:4];
  endfunction

  // The register with the bytes of the present write in place.
  function automatic logic [31:0] written(int unsigned index, logic [31:0] old);
    automatic logic [3:0] strobes = strobes_of(index);
    for (int unsigned i = 0; i < 4; i++) begin
      written[8*i+:8] = strobes[i] ? write_data[32*(index%Lanes)+8*i+:8] : old[8*i+:8];
    end
  endfunction

  always_comb begin
    write_error = 1'b0;
    read_data   = '0;
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      int unsigned to, from;
      to   = word_of(write_addr) * Lanes + lane;
      from = word_of(read_addr) * Lanes + lane;
      if (|write_strb[4*lane+:4] && (to >= NumRegs || !Writable[to])) write_error = 1'b1;
      if (from < NumRegs) read_data[32*lane+:32] = value[from];
    end
    read_error = word_of(read_addr) * Lanes >= NumRegs;
  end

  // ---- the registers

  logic [31:0] scratch_q, status_q, count_q, pair_lo_q, pair_hi_q;
  logic        count_read;

  assign value[Scratch] = scratch_q;
  assign value[IdReg]   = Id;
  assign value[Status]  = status_q;
  assign value[Count]   = count_q;
  assign value[PairLo]  = pair_lo_q;
  assign value[PairHi]  = pair_hi_q;
  assign value[Trigger] = '0;

  assign count_read = read && word_of(read_addr) == Count / Lanes;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      scratch_q <= '0;
      status_q  <= '0;
      count_q   <= '0;
      pair_lo_q <= '0;
      pair_hi_q <= '0;
    end else begin
      scratch_q <= written(Scratch, scratch_q);
      pair_lo_q <= written(PairLo, pair_lo_q);
      pair_hi_q <= written(PairHi, pair_hi_q);
      status_q  <= (status_q & ~written(Status, '0)) | written(Trigger, '0);
      count_q   <= (count_read ? '0 : count_q) + 32'(|strobes_of(Scratch));
    end
  end

  // ---- the bus

  axil_front #(
    .AddrWidth(AddrWidth),
    .DataWidth(DataWidth)
  ) front (
    .clk_i,
    .rst_ni,
    .s_axil_awaddr,
    .s_axil_awprot,
    .s_axil_awvalid,
    .s_axil_awready,
    .s_axil_wdata,
    .s_axil_wstrb,
    .s_axil_wvalid,
    .s_axil_wready,
    .s_axil_bresp,
    .s_axil_bvalid,
    .s_axil_bready,
    .s_axil_araddr,
    .s_axil_arprot,
    .s_axil_arvalid,
    .s_axil_arready,
    .s_axil_rdata,
    .s_axil_rresp,
    .s_axil_rvalid,
    .s_axil_rready,
    .write_o      (write),
    .write_addr_o (write_addr),
    .write_data_o (write_data),
    .write_strb_o (write_strb),
    .write_error_i(write_error),
    .read_o       (read),
    .read_addr_o  (read_addr),
    .read_data_i  (read_data),
    .read_error_i (read_error)
  );
endmodule
