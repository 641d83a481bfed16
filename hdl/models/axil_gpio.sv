// SPDX-License-Identifier: Apache-2.0
//
// axil_gpio: general-purpose pins with an interrupt on change.
//
//   offset  name       access
//   0x00    OUT        read-write: level that gpio_o drives; 0 after reset
//   0x04    IN         read-only: gpio_i, two cycles late (two synchroniser stages)
//   0x08    DIRECTION  read-write: 1 makes the pin an output (gpio_oe_o); 0 after reset
//   0x0c    CHANGED    bit i is set when bit i of IN changes; writing 1 clears it; a change in the same cycle wins
//   0x10    ENABLE     read-write: irq_o is high while a bit is set in both CHANGED and ENABLE; 0 after reset
//   0x14…   hole       SLVERR
//
// Bits from Pins on read as 0 and ignore writes. All registers take byte strobes. A write to IN or a hole is answered
// with SLVERR. In reset, and until the synchroniser has been filled, changes are not recorded.
//
// On the bus (axil_front.sv has the handshakes):
// - A write without strobes is answered with OKAY and changes nothing.
// - Address bits below the bus word are ignored. On a 64-bit bus one transfer reaches the two registers of its word:
//   a write touches those with a strobe set; a read returns both and has the side effects of both.
// - SLVERR on a write means that nothing changed.

`include "axil_front.sv"

module axil_gpio #(
  // 6 to 32.
  parameter bit [31:0] AddrWidth = 12,
  // 32 or 64.
  parameter bit [31:0] DataWidth = 32,
  // 1 to 32.
  parameter bit [31:0] Pins = 32
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

  input  logic [       Pins-1:0] gpio_i,
  output logic [       Pins-1:0] gpio_o,
  output logic [       Pins-1:0] gpio_oe_o,
  output logic                   irq_o
);

  // One write and one read, as axil_front makes them out of the five channels.
  logic                   write, write_error, read, read_error;
  logic [  AddrWidth-1:0] write_addr, read_addr;
  logic [  DataWidth-1:0] write_data, read_data;
  logic [DataWidth/8-1:0] write_strb;

  localparam bit [31:0] Out = 0;
  localparam bit [31:0] In = 1;
  localparam bit [31:0] Direction = 2;
  localparam bit [31:0] Changed = 3;
  localparam bit [31:0] Enable = 4;
  localparam bit [31:0] NumRegs = 5;
  localparam logic [NumRegs-1:0] Writable = 5'b1_1101;

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

  logic [Pins-1:0] out_q, direction_q, changed_q, enable_q;
  logic [Pins-1:0] sync_q, in_q, previous_q;
  logic [2:0]      filled_q;  // stages of the synchroniser that hold a pin's level; all ones when full

  assign value[Out]       = 32'(out_q);
  assign value[In]        = 32'(in_q);
  assign value[Direction] = 32'(direction_q);
  assign value[Changed]   = 32'(changed_q);
  assign value[Enable]    = 32'(enable_q);

  assign gpio_o    = out_q;
  assign gpio_oe_o = direction_q;
  assign irq_o     = |(changed_q & enable_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      out_q       <= '0;
      direction_q <= '0;
      enable_q    <= '0;
      changed_q   <= '0;
      filled_q    <= '0;
    end else begin
      out_q       <= Pins'(written(Out, 32'(out_q)));
      direction_q <= Pins'(written(Direction, 32'(direction_q)));
      enable_q    <= Pins'(written(Enable, 32'(enable_q)));
      changed_q   <= (changed_q & ~Pins'(written(Changed, '0))) | (&filled_q ? in_q ^ previous_q : '0);
      filled_q    <= {filled_q[1:0], 1'b1};
    end
  end

  always_ff @(posedge clk_i) begin
    sync_q     <= gpio_i;
    in_q       <= sync_q;
    previous_q <= in_q;
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
