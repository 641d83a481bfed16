// SPDX-License-Identifier: Apache-2.0
//
// axil_uart16550: a serial port with the registers of the 16550A, on a 32-bit AXI4-Lite bus.
//
// Each register is the low byte of a 32-bit word (reg-shift 2 in a device tree); the other bytes read as 0 and ignore
// what is written. DLAB is bit 7 of LCR.
//
//   offset  read               write              with DLAB
//   0x00    RBR received byte  THR byte to send   DLL divisor, low byte
//   0x04    IER                IER                DLM divisor, high byte
//   0x08    IIR                FCR                as without
//   0x0c    LCR                LCR                as without
//   0x10    MCR                MCR
//   0x14    LSR                ignored
//   0x18    MSR                ignored
//   0x1c    SCR                SCR                a byte of scratch
//   0x20…   hole: SLVERR
//
//   IER  bit 0 received data, 1 THR empty, 2 line status, 3 modem status
//   IIR  bit 0 is 0 while an interrupt is pending; bits 3:0 by priority: 0110 line status, 0100 received data at the
//        trigger level, 1100 received data that has lain for four characters, 0010 THR empty, 0000 modem status; bits
//        7:6 are 11 with FIFOs. Reading it as 0010 clears that one.
//   FCR  bit 0 FIFOs of 16 bytes, 1 clears the receiver's, 2 the transmitter's; bits 7:6 trigger at 1, 4, 8 or 14 bytes
//   LCR  bits 1:0 five to eight data bits, 2 two stop bits, 3 parity, 4 even, 5 stick, 6 break, 7 DLAB
//   MCR  bit 0 DTR, 1 RTS, 2 OUT1, 3 OUT2, 4 loopback: the transmitter is connected to the receiver, tx_o is idle, and
//        DTR, RTS, OUT1, OUT2 are DSR, CTS, RI, DCD
//   LSR  bit 0 data ready, 1 overrun, 2 parity, 3 framing, 4 break, 5 THR empty, 6 transmitter empty, 7 an error is in
//        the FIFO. Bits 2 to 4 are of the byte that is read next; reading LSR clears bits 1 to 4.
//   MSR  bits 7:4 DCD, RI, DSR, CTS; bits 3:0 what has changed since MSR was read (RI: has ended)
//
// All registers are 0 after reset but LCR, which is 3 (eight bits). A bit lasts 16 times the divisor in clock cycles;
// with a divisor of 0 nothing moves. irq_o is a level: an interrupt that IER enables is pending. The modem inputs are
// active low as on the real part, and come through two flip-flops, as rx_i does.
// Needs uart16550_line.sv.

`include "axil_front.sv"

module axil_uart16550 #(
  // 6 to 32.
  parameter int unsigned AddrWidth = 12
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  input  logic [AddrWidth-1:0] s_axil_awaddr,
  input  logic [          2:0] s_axil_awprot,
  input  logic                 s_axil_awvalid,
  output logic                 s_axil_awready,
  input  logic [         31:0] s_axil_wdata,
  input  logic [          3:0] s_axil_wstrb,
  input  logic                 s_axil_wvalid,
  output logic                 s_axil_wready,
  output logic [          1:0] s_axil_bresp,
  output logic                 s_axil_bvalid,
  input  logic                 s_axil_bready,
  input  logic [AddrWidth-1:0] s_axil_araddr,
  input  logic [          2:0] s_axil_arprot,
  input  logic                 s_axil_arvalid,
  output logic                 s_axil_arready,
  output logic [         31:0] s_axil_rdata,
  output logic [          1:0] s_axil_rresp,
  output logic                 s_axil_rvalid,
  input  logic                 s_axil_rready,

  input  logic                 rx_i,
  output logic                 tx_o,
  input  logic                 cts_ni,
  input  logic                 dsr_ni,
  input  logic                 ri_ni,
  input  logic                 dcd_ni,
  output logic                 rts_no,
  output logic                 dtr_no,
  output logic                 irq_o
);

  // One write and one read, as axil_front makes them out of the five channels.
  logic                 write, write_error, read, read_error;
  logic [AddrWidth-1:0] write_addr, read_addr;
  logic [         31:0] write_data;
  logic [          3:0] write_strb;

  typedef enum logic [2:0] {Data, Ier, IirFcr, Lcr, Mcr, Lsr, Msr, Scr} register_e;

  logic       is_write, is_read;  // of a register
  register_e  to, from;
  logic [7:0] byte_in, byte_out;

  assign write_error = 32'(write_addr) >= 32;
  assign read_error  = 32'(read_addr) >= 32;
  assign is_write    = write && !write_error && write_strb[0];
  assign is_read     = read && !read_error;
  assign to          = register_e'(write_addr[4:2]);
  assign from        = register_e'(read_addr[4:2]);
  assign byte_in     = write_data[7:0];

  // ---- plain registers

  logic [ 3:0] ier_q;
  logic [ 7:0] lcr_q, scr_q;
  logic [ 4:0] mcr_q;
  logic [ 1:0] trigger_q;
  logic        fifos_q;
  logic [15:0] divisor_q;

  logic dlab, loopback;
  assign dlab     = lcr_q[7];
  assign loopback = mcr_q[4];

  logic write_thr, read_rbr, read_iir, read_lsr, read_msr, write_fcr, clear_rx, clear_tx;
  assign write_thr = is_write && to == Data && !dlab;
  assign read_rbr  = is_read && from == Data && !dlab;
  assign read_iir  = is_read && from == IirFcr;
  assign read_lsr  = is_read && from == Lsr;
  assign read_msr  = is_read && from == Msr;
  assign write_fcr = is_write && to == IirFcr;
  // Switching the FIFOs on or off empties them.
  assign clear_rx  = write_fcr && (byte_in[1] || byte_in[0] != fifos_q);
  assign clear_tx  = write_fcr && (byte_in[2] || byte_in[0] != fifos_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      ier_q     <= '0;
      lcr_q     <= 8'h03;
      mcr_q     <= '0;
      scr_q     <= '0;
      trigger_q <= '0;
      fifos_q   <= 1'b0;
      divisor_q <= '0;
    end else if (is_write) begin
      unique case (to)
        Data:    if (dlab) divisor_q[7:0] <= byte_in;
        Ier:     if (dlab) divisor_q[15:8] <= byte_in; else ier_q <= byte_in[3:0];
        IirFcr:  {trigger_q, fifos_q} <= {byte_in[7:6], byte_in[0]};
        Lcr:     lcr_q <= byte_in;
        Mcr:     mcr_q <= byte_in[4:0];
        Scr:     scr_q <= byte_in;
        default: ;
      endcase
    end
  end

  // ---- sixteen ticks a bit

  logic [15:0] prescaler_q;
  logic        tick;
  assign tick = divisor_q != 0 && prescaler_q == 0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) prescaler_q <= '0;
    else if (divisor_q == 0 || (prescaler_q != 0 && prescaler_q >= divisor_q)) prescaler_q <= '0;
    else prescaler_q <= prescaler_q == 0 ? divisor_q - 1 : prescaler_q - 1;
  end

  // ---- transmitter

  logic [7:0] tx_fifo_q [16];
  logic [3:0] tx_head_q;   // the byte that is sent next
  logic [4:0] tx_count_q;
  logic       tx_take;     // it goes into the shift register

  logic tx_line, tx_busy, tx_empty;
  assign tx_empty = tx_count_q == 0;
  assign tx_o     = tx_line || loopback;

  logic tx_put;
  assign tx_put = write_thr && tx_count_q < (fifos_q ? 5'd16 : 5'd1);

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tx_head_q  <= '0;
      tx_count_q <= '0;
    end else begin
      if (tx_put) tx_fifo_q[tx_head_q+tx_count_q[3:0]] <= byte_in;
      tx_head_q  <= tx_head_q + 4'(tx_take);
      tx_count_q <= clear_tx ? '0 : tx_count_q + 5'(tx_put) - 5'(tx_take);
    end
  end

  // ---- receiver

  typedef struct packed {
    logic       is_break;
    logic       framing;
    logic       parity;
    logic [7:0] data;
  } received_t;

  logic [1:0] rx_sync_q;
  logic       rx_line;
  assign rx_line = loopback ? tx_line : rx_sync_q[1];

  received_t  rx_fifo_q [16];
  logic [3:0] rx_head_q;
  logic [4:0] rx_count_q;
  logic       rx_ready;
  assign rx_ready = rx_count_q != 0;

  received_t rx_next;
  logic      rx_done, rx_put, rx_overrun;
  assign rx_put     = rx_done && rx_count_q < (fifos_q ? 5'd16 : 5'd1);
  assign rx_overrun = rx_done && !rx_put;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) rx_sync_q <= '1;
    else rx_sync_q <= {rx_sync_q[0], rx_i};
  end

  uart16550_line serial (
    .clk_i, .rst_ni, .tick_i(tick), .format_i(lcr_q[5:0]), .break_i(lcr_q[6]),
    .tx_valid_i(!tx_empty), .tx_data_i(tx_fifo_q[tx_head_q]), .tx_take_o(tx_take), .tx_busy_o(tx_busy),
    .tx_line_o(tx_line),
    .rx_line_i(rx_line), .rx_done_o(rx_done), .rx_data_o(rx_next.data), .rx_parity_error_o(rx_next.parity),
    .rx_framing_error_o(rx_next.framing), .rx_break_o(rx_next.is_break)
  );

  // Errors that LSR shows, of the byte at the head.
  received_t head;
  logic      overrun_q;
  assign head = rx_fifo_q[rx_head_q];

  logic rx_get;
  assign rx_get = read_rbr && rx_ready;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_head_q  <= '0;
      rx_count_q <= '0;
      overrun_q  <= 1'b0;
    end else begin
      if (read_lsr) {rx_fifo_q[rx_head_q].is_break, rx_fifo_q[rx_head_q].framing, rx_fifo_q[rx_head_q].parity} <= '0;
      if (rx_put) rx_fifo_q[rx_head_q+rx_count_q[3:0]] <= rx_next;
      rx_head_q  <= rx_head_q + 4'(rx_get);
      rx_count_q <= clear_rx ? '0 : rx_count_q + 5'(rx_put) - 5'(rx_get);
      overrun_q  <= rx_overrun || (overrun_q && !read_lsr);
    end
  end

  logic error_in_fifo;
  always_comb begin
    error_in_fifo = 1'b0;
    for (int unsigned i = 0; i < 16; i++) begin
      if (5'(i) < rx_count_q && rx_fifo_q[rx_head_q+4'(i)][10:8] != '0) error_in_fifo = 1'b1;
    end
  end

  logic [7:0] lsr;
  assign lsr = {
    fifos_q && error_in_fifo, tx_empty && !tx_busy, tx_empty,
    rx_ready && head.is_break, rx_ready && head.framing, rx_ready && head.parity, overrun_q, rx_ready
  };

  // ---- modem lines: DCD, RI, DSR, CTS, active high in here

  logic [3:0] modem_sync_q, modem_pins_q, modem, modem_q, modem_changed_q;
  assign modem  = loopback ? {mcr_q[3], mcr_q[2], mcr_q[0], mcr_q[1]} : modem_pins_q;
  assign dtr_no = !mcr_q[0] || loopback;
  assign rts_no = !mcr_q[1] || loopback;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {modem_sync_q, modem_pins_q, modem_q, modem_changed_q} <= '0;
    end else begin
      modem_sync_q <= ~{dcd_ni, ri_ni, dsr_ni, cts_ni};
      modem_pins_q <= modem_sync_q;
      modem_q      <= modem;
      // Of RI only the end counts.
      modem_changed_q <= (read_msr ? 4'b0 : modem_changed_q) | ((modem ^ modem_q) & {1'b1, !modem[2], 2'b11});
    end
  end

  // ---- interrupts

  // Four characters of ten bits.
  localparam logic [9:0] TimeoutTicks = 10'd640;
  logic [9:0] lain_q;
  logic       thr_pending_q, thr_empty_q, thr_enabled_q;

  logic [4:0] trigger;
  always_comb begin
    unique case (trigger_q)
      2'b00: trigger = 5'd1;
      2'b01: trigger = 5'd4;
      2'b10: trigger = 5'd8;
      2'b11: trigger = 5'd14;
    endcase
  end

  logic line_pending, data_pending, timeout_pending, modem_pending;
  assign line_pending    = ier_q[2] && lsr[4:1] != '0;
  assign data_pending    = ier_q[0] && (fifos_q ? rx_count_q >= trigger : rx_ready);
  assign timeout_pending = ier_q[0] && fifos_q && rx_ready && lain_q == TimeoutTicks;
  assign modem_pending   = ier_q[3] && modem_changed_q != '0;

  logic [3:0] cause;
  always_comb begin
    cause = 4'b0001;
    if (line_pending) cause = 4'b0110;
    else if (data_pending) cause = 4'b0100;
    else if (timeout_pending) cause = 4'b1100;
    else if (thr_pending_q && ier_q[1]) cause = 4'b0010;
    else if (modem_pending) cause = 4'b0000;
  end
  assign irq_o = cause != 4'b0001;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      lain_q        <= '0;
      thr_pending_q <= 1'b0;
      thr_empty_q   <= 1'b1;
      thr_enabled_q <= 1'b0;
    end else begin
      if (rx_put || rx_get || clear_rx) lain_q <= '0;
      else if (tick && rx_ready && lain_q != TimeoutTicks) lain_q <= lain_q + 1;

      thr_empty_q   <= tx_empty;
      thr_enabled_q <= ier_q[1];
      if (write_thr || (read_iir && cause == 4'b0010)) thr_pending_q <= 1'b0;
      else if (tx_empty && (!thr_empty_q || (ier_q[1] && !thr_enabled_q))) thr_pending_q <= 1'b1;
    end
  end

  always_comb begin
    unique case (from)
      Data:   byte_out = dlab ? divisor_q[7:0] : head.data & {8{rx_ready}};
      Ier:    byte_out = dlab ? divisor_q[15:8] : {4'b0, ier_q};
      IirFcr: byte_out = {{2{fifos_q}}, 2'b0, cause};
      Lcr:    byte_out = lcr_q;
      Mcr:    byte_out = {3'b0, mcr_q};
      Lsr:    byte_out = lsr;
      Msr:    byte_out = {modem, modem_changed_q};
      Scr:    byte_out = scr_q;
    endcase
  end

  // ---- the bus

  axil_front #(
    .AddrWidth(AddrWidth),
    .DataWidth(32)
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
    .read_data_i  ({24'b0, byte_out}),
    .read_error_i (read_error)
  );

  logic unused;
  assign unused = ^{write_data[31:8], write_strb[3:1]};
endmodule
