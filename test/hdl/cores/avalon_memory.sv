// SPDX-License-Identifier: Apache-2.0
//
// avalon_memory: a pipelined Avalon agent with bursts: 128 bytes from 0 on, how many commands were taken at 0x80,
// SLVERR at 0x88, DECERR at 0x90; 0x98 never answers, 0xa0 never takes a command. It waits a cycle before each command
// or word, answers reads Latency cycles later and with gaps, and writes with a response. Address and burst count are
// looked at only once.

module avalon_memory #(
  parameter int unsigned Latency = 2
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic [ 7:2] address_i,
  input  logic        read_i,
  input  logic        write_i,
  input  logic [31:0] writedata_i,
  input  logic [ 3:0] byteenable_i,
  input  logic [ 3:0] burstcount_i,
  input  logic        beginbursttransfer_i,
  output logic        waitrequest_o,
  output logic        readdatavalid_o,
  output logic        writeresponsevalid_o,
  output logic [31:0] readdata_o,
  output logic [ 1:0] response_o
);

  logic [31:0] memory_q[32];
  logic [ 7:0] count_q;
  logic        waited_q;
  logic [ 5:0] write_at_q, read_at_q, write_at;
  logic [ 3:0] write_left_q, read_left_q;  // words that are still to come, or to be given
  logic [ 3:0] delay_q;

  assign waitrequest_o = !waited_q || read_left_q != 0 ||
      ((read_i || write_i) && write_left_q == 0 && address_i[7:3] == 5'h14);
  assign write_at = write_left_q == 0 ? address_i : write_at_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      {count_q, waited_q, write_left_q, read_left_q, readdatavalid_o, writeresponsevalid_o} <= '0;
    end else begin
      waited_q <= (read_i || write_i) && waitrequest_o;
      {readdatavalid_o, writeresponsevalid_o} <= 2'b00;
      {readdata_o, response_o} <= {32'hbad0bad0, 2'b11};

      if (write_i && !waitrequest_o) begin
        for (int unsigned i = 0; i < 4; i++)
          if (byteenable_i[i] && !write_at[5]) memory_q[write_at[4:0]][8*i+:8] <= writedata_i[8*i+:8];
        write_at_q <= write_at + 1;
        write_left_q <= (write_left_q == 0 ? burstcount_i : write_left_q) - 1;
        if (write_left_q == 0) count_q <= count_q + 1;
        if (write_left_q == 1 || (write_left_q == 0 && burstcount_i == 1)) begin
          writeresponsevalid_o <= write_at[5:1] != 5'h13;
          response_o <= write_at[5:1] == 5'h11 ? 2'b10 : write_at[5:1] == 5'h12 ? 2'b11 : 2'b00;
        end
      end

      if (read_i && !waitrequest_o) begin
        read_at_q   <= address_i;
        read_left_q <= burstcount_i;
        delay_q     <= 4'(Latency);
        count_q     <= count_q + 1;
      end else if (read_left_q != 0 && read_at_q[5:1] != 5'h13) begin
        delay_q <= delay_q - 1;
        if (delay_q == 0) begin
          delay_q         <= 4'(read_at_q[0]);
          read_left_q     <= read_left_q - 1;
          read_at_q       <= read_at_q + 1;
          readdatavalid_o <= 1'b1;
          readdata_o      <= !read_at_q[5] ? memory_q[read_at_q[4:0]] : 32'(count_q - 8'd1);
          response_o      <= read_at_q[5:1] == 5'h11 ? 2'b10 : read_at_q[5:1] == 5'h12 ? 2'b11 : 2'b00;
        end
      end
    end
  end

  // It must come with the first word of each burst, and with no other.
  begins: assert property (@(posedge clk_i) disable iff (!rst_ni)
    beginbursttransfer_i |-> read_i || (write_i && write_left_q == 0));
endmodule
