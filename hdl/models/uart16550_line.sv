// SPDX-License-Identifier: Apache-2.0
//
// uart16550_line: the two shift registers of axil_uart16550, which turn bytes into a serial line and back. A character
// is a start bit (low), five to eight data bits, the least significant first, parity if it is on, and one or two stop
// bits; each lasts sixteen ticks. The receiver looks at the middle of each bit, and at one stop bit only.

module uart16550_line (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       tick_i,

  // As in LCR, bits 5 to 0.
  input  logic [5:0] format_i,
  input  logic       break_i,

  // The next byte, and whether there is one; it is taken in the cycle of tx_take_o.
  input  logic       tx_valid_i,
  input  logic [7:0] tx_data_i,
  output logic       tx_take_o,
  output logic       tx_busy_o,
  output logic       tx_line_o,

  // A character has come, in the cycle of rx_done_o.
  input  logic       rx_line_i,
  output logic       rx_done_o,
  output logic [7:0] rx_data_o,
  output logic       rx_parity_error_o,
  output logic       rx_framing_error_o,
  output logic       rx_break_o
);

  logic [1:0] length;
  logic       two_stops, with_parity, even, stick;
  assign {stick, even, with_parity, two_stops, length} = format_i;

  // Between the start bit and the stop bits: data and parity.
  logic [3:0] data_bits, payload_bits;
  assign data_bits    = 4'd5 + 4'(length);
  assign payload_bits = data_bits + 4'(with_parity);

  function automatic logic parity_of(logic [7:0] data);
    automatic logic odd = 1'b0;
    for (int unsigned i = 0; i < 8; i++) odd ^= data[i] && 4'(i) < data_bits;
    return stick ? !even : odd ^ !even;
  endfunction

  // ---- transmitter

  logic [11:0] shift_q;  // the bit on the line is bit 0
  logic [ 3:0] tx_left_q, tx_tick_q;

  assign tx_busy_o = tx_left_q != 0;
  assign tx_take_o = tick_i && !tx_busy_o && tx_valid_i;
  assign tx_line_o = (!tx_busy_o || shift_q[0]) && !break_i;

  function automatic logic [11:0] framed(logic [7:0] data);
    framed    = '1;
    framed[0] = 1'b0;
    for (int unsigned i = 0; i < 8; i++) if (4'(i) < data_bits) framed[1+i] = data[i];
    if (with_parity) framed[data_bits+1] = parity_of(data);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      shift_q   <= '1;
      tx_left_q <= '0;
      tx_tick_q <= '0;
    end else if (tx_take_o) begin
      shift_q   <= framed(tx_data_i);
      tx_left_q <= payload_bits + 4'd2 + 4'(two_stops);
      tx_tick_q <= 4'd15;
    end else if (tick_i && tx_busy_o) begin
      tx_tick_q <= tx_tick_q - 1;
      if (tx_tick_q == 0) begin
        shift_q   <= {1'b1, shift_q[11:1]};
        tx_left_q <= tx_left_q - 1;
      end
    end
  end

  // ---- receiver

  logic       rx_busy_q, rx_idle_q;  // in a character; the line has been high since the last one
  logic [3:0] rx_tick_q, rx_left_q;  // ticks to the middle of the next bit; bits to come
  logic [8:0] rx_shift_q, payload;   // the payload's last bit on top; and moved down

  logic is_middle, is_start, is_stop;
  assign is_middle = tick_i && rx_busy_q && rx_tick_q == 0;
  assign is_start  = rx_left_q == payload_bits + 4'd2;
  assign is_stop   = rx_left_q == 4'd1;

  assign payload            = rx_shift_q >> (4'd9 - payload_bits);
  assign rx_done_o          = is_middle && is_stop;
  assign rx_data_o          = payload[7:0] & (8'hff >> (4'd8 - data_bits));
  assign rx_parity_error_o  = with_parity && payload[data_bits] != parity_of(payload[7:0]);
  assign rx_framing_error_o = !rx_line_i;
  assign rx_break_o         = !rx_line_i && payload == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      rx_busy_q  <= 1'b0;
      rx_idle_q  <= 1'b0;
      rx_tick_q  <= '0;
      rx_left_q  <= '0;
      rx_shift_q <= '0;
    end else if (tick_i && !rx_busy_q) begin
      rx_idle_q <= rx_line_i;
      rx_busy_q <= rx_idle_q && !rx_line_i;
      rx_tick_q <= 4'd7;
      rx_left_q <= payload_bits + 4'd2;
    end else if (tick_i) begin
      rx_tick_q <= rx_tick_q - 1;
      if (is_middle) begin
        rx_left_q <= rx_left_q - 1;
        rx_idle_q <= rx_line_i;
        // A start bit that is gone in its middle was none.
        rx_busy_q <= !is_stop && !(is_start && rx_line_i);
        if (!is_start && !is_stop) rx_shift_q <= {rx_line_i, rx_shift_q[8:1]};
      end
    end
  end
endmodule
