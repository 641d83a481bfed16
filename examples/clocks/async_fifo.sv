// SPDX-License-Identifier: Apache-2.0
//
// async_fifo: carries words from one clock to another. Each side sees the other's pointer in Gray code, two flops
// later, so a FIFO that has just been read may look full, and one that has just been written empty, for some cycles;
// never the other way round. Both resets are to be asserted together; each may end with its own clock.

module async_fifo #(
  parameter int unsigned Width = 64,
  // Words, as a power of two: 2 ** DepthBits.
  parameter int unsigned DepthBits = 4
) (
  input  logic             write_clk_i,
  input  logic             write_rst_ni,
  input  logic             write_valid_i,
  output logic             write_ready_o,
  input  logic [Width-1:0] write_data_i,

  input  logic             read_clk_i,
  input  logic             read_rst_ni,
  output logic             read_valid_o,
  input  logic             read_ready_i,
  output logic [Width-1:0] read_data_o
);

  typedef logic [DepthBits:0] pointer_t;

  function automatic pointer_t to_gray(pointer_t pointer);
    return pointer ^ (pointer >> 1);
  endfunction

  logic [Width-1:0] words_q [2 ** DepthBits];
  pointer_t write_q, write_gray_q, write_seen_q [2];
  pointer_t read_q, read_gray_q, read_seen_q [2];
  pointer_t write_next, read_next;

  // ---- the writing side

  // Full: the pointers differ by the depth, which in Gray code inverts the two topmost bits.
  assign write_ready_o = write_gray_q != {~read_seen_q[1][DepthBits-:2], read_seen_q[1][DepthBits-2:0]};
  assign write_next    = write_q + pointer_t'(write_valid_i && write_ready_o);

  always_ff @(posedge write_clk_i or negedge write_rst_ni) begin
    if (!write_rst_ni) begin
      {write_q, write_gray_q} <= '0;
      {read_seen_q[1], read_seen_q[0]} <= '0;
    end else begin
      write_q      <= write_next;
      write_gray_q <= to_gray(write_next);
      {read_seen_q[1], read_seen_q[0]} <= {read_seen_q[0], read_gray_q};
    end
  end

  always_ff @(posedge write_clk_i) begin
    if (write_valid_i && write_ready_o) words_q[write_q[DepthBits-1:0]] <= write_data_i;
  end

  // ---- the reading side

  assign read_valid_o = read_gray_q != write_seen_q[1];
  assign read_data_o  = words_q[read_q[DepthBits-1:0]];
  assign read_next    = read_q + pointer_t'(read_valid_o && read_ready_i);

  always_ff @(posedge read_clk_i or negedge read_rst_ni) begin
    if (!read_rst_ni) begin
      {read_q, read_gray_q} <= '0;
      {write_seen_q[1], write_seen_q[0]} <= '0;
    end else begin
      read_q      <= read_next;
      read_gray_q <= to_gray(read_next);
      {write_seen_q[1], write_seen_q[0]} <= {write_seen_q[0], write_gray_q};
    end
  end

endmodule
