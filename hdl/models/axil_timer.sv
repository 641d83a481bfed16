// SPDX-License-Identifier: Apache-2.0
//
// axil_timer: counts clock cycles and raises an interrupt when the count reaches a limit.
//
//   offset  name     access
//   0x00    CONTROL  read-write: bit 0 runs the counter, bit 1 enables the interrupt; other bits read as 0
//   0x04    STATUS   bit 0 is set when the counter reaches COMPARE; writing 1 clears it; reaching it again wins
//   0x08    COUNT    read-write: counts up by 1 in each cycle in which CONTROL bit 0 is set, and wraps to 0
//   0x0c    COMPARE  read-write: the limit; all ones after reset
//   0x10…   hole     SLVERR
//
// All registers take byte strobes; all but COMPARE are 0 after reset. irq_o is a level: STATUS bit 0 and CONTROL bit 1.
// A write to COUNT wins over counting in the same cycle. Reaching COMPARE means counting to it, not being written to
// it; the counter goes on. A write to a hole is answered with SLVERR.
//
// On the bus (axil_front.sv has the handshakes):
// - A write without strobes is answered with OKAY and changes nothing.
// - Address bits below the bus word are ignored. On a 64-bit bus one transfer reaches the two registers of its word:
//   a write touches those with a strobe set; a read returns both and has the side effects of both.
// - SLVERR on a write means that nothing changed.

`include "axil_front.sv"

module axil_timer #(
  // 6 to 32.
  parameter bit [31:0] AddrWidth = 12,
  // 32 or 64.
  parameter bit [31:0] DataWidth = 32
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
  input  logic                   s_axil_rready,

  output logic                   irq_o
);

  // One write and one read, as axil_front makes them out of the five channels.
  logic                   write, write_error, read, read_error;
  logic [  AddrWidth-1:0] write_addr, read_addr;
  logic [  DataWidth-1:0] write_data, read_data;
  logic [DataWidth/8-1:0] write_strb;

  localparam bit [31:0] Control = 0;
  localparam bit [31:0] Status = 1;
  localparam bit [31:0] Count = 2;
  localparam bit [31:0] Compare = 3;
  localparam bit [31:0] NumRegs = 4;
  localparam logic [NumRegs-1:0] Writable = 4'b1111;

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

  logic [31:0] count_q, compare_q, counted;
  logic        run_q, enable_q, reached_q;

  assign value[Control] = {30'b0, enable_q, run_q};
  assign value[Status]  = {31'b0, reached_q};
  assign value[Count]   = count_q;
  assign value[Compare] = compare_q;

  assign irq_o   = reached_q && enable_q;
  assign counted = count_q + 32'(run_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {enable_q, run_q} <= 2'b00;
      reached_q         <= 1'b0;
      count_q           <= '0;
      compare_q         <= '1;
    end else begin
      {enable_q, run_q} <= 2'(written(Control, value[Control]));
      compare_q         <= written(Compare, compare_q);
      count_q           <= |strobes_of(Count) ? written(Count, count_q) : counted;
      reached_q         <= (reached_q && !1'(written(Status, '0))) ||
                           (run_q && counted == compare_q && strobes_of(Count) == '0);
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

  logic unused_read;
  assign unused_read = read;  // reading has no side effect
endmodule
