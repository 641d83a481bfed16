// SPDX-License-Identifier: Apache-2.0
//
// tlul_ram: TileLink-UL as Chisel spells it, 128 bytes of memory and what tests ask for beside it. Answers come Latency
// cycles after the request was taken, in the same one if it is 0. Only the lanes of a_mask are written, and only they
// are read; the others read as ones.
//
//   0x00  memory
//   0x80  the requests before this one as bytes: Get, PutFullData, PutPartialData; writes clear them
//   0x88  d_denied
//   0x90  d_corrupt in reads
//   0x98  no answer
//   0xa0  a_ready stays low
//   0xa8  an answer of another source

module tlul_ram #(
  parameter int unsigned DataWidth = 32,
  parameter int unsigned Latency = 1,
  parameter int unsigned SizeWidth = 4
) (
  input  logic                   clock,
  input  logic                   reset,
  output logic                   auto_in_a_ready,
  input  logic                   auto_in_a_valid,
  input  logic [            2:0] auto_in_a_bits_opcode,
  input  logic [            2:0] auto_in_a_bits_param,
  input  logic [  SizeWidth-1:0] auto_in_a_bits_size,
  input  logic [            4:0] auto_in_a_bits_source,
  input  logic [            7:0] auto_in_a_bits_address,
  input  logic [DataWidth/8-1:0] auto_in_a_bits_mask,
  input  logic [  DataWidth-1:0] auto_in_a_bits_data,
  input  logic                   auto_in_a_bits_corrupt,
  input  logic                   auto_in_d_ready,
  output logic                   auto_in_d_valid,
  output logic [            2:0] auto_in_d_bits_opcode,
  output logic [            1:0] auto_in_d_bits_param,
  output logic [  SizeWidth-1:0] auto_in_d_bits_size,
  output logic [            4:0] auto_in_d_bits_source,
  output logic                   auto_in_d_bits_sink,
  output logic                   auto_in_d_bits_denied,
  output logic [  DataWidth-1:0] auto_in_d_bits_data,
  output logic                   auto_in_d_bits_corrupt
);

  localparam int unsigned Bytes = DataWidth / 8;

  typedef struct packed {
    logic                 get;
    logic [SizeWidth-1:0] size;
    logic [4:0]           source;
    logic                 denied, corrupt, mute;
    logic [DataWidth-1:0] data;
  } answer_t;

  logic [7:0]   memory_q [128];
  logic [7:0]   gets_q, fulls_q, partials_q;
  logic [127:0] counts;
  logic         open_q, taken;
  logic [31:0]  waited_q;
  answer_t      now, answer_q, answer;
  logic [4:0]   place;

  assign counts = {'1, partials_q, fulls_q, gets_q};
  assign place  = auto_in_a_bits_address[7:3];
  assign taken  = auto_in_a_valid && auto_in_a_ready;
  assign auto_in_a_ready = !open_q && place != 5'h14;

  always_comb begin
    now = '0;
    now.get     = auto_in_a_bits_opcode == 3'd4;
    now.size    = auto_in_a_bits_size;
    now.source  = place == 5'h15 ? auto_in_a_bits_source + 1 : auto_in_a_bits_source;
    now.denied  = place == 5'h11;
    now.corrupt = place == 5'h12 && now.get;
    now.mute    = place == 5'h13;
    now.data    = '1;
    for (int unsigned i = 0; i < Bytes; i++) begin
      if (auto_in_a_bits_mask[i]) begin
        now.data[8*i +: 8] = auto_in_a_bits_address[7]
          ? counts[8 * ((32'(auto_in_a_bits_address) / Bytes * Bytes + i) % 16) +: 8]
          : memory_q[(32'(auto_in_a_bits_address) / Bytes * Bytes + i) % 128];
      end
    end
  end

  assign answer = open_q ? answer_q : now;
  assign auto_in_d_valid = open_q ? waited_q + 1 >= Latency && !answer_q.mute : Latency == 0 && taken && !now.mute;
  assign auto_in_d_bits_opcode = answer.get ? 3'd1 : 3'd0;
  assign auto_in_d_bits_size = answer.size;
  assign auto_in_d_bits_source = answer.source;
  assign auto_in_d_bits_denied = answer.denied;
  assign auto_in_d_bits_data = answer.data;
  assign auto_in_d_bits_corrupt = answer.corrupt;
  assign {auto_in_d_bits_param, auto_in_d_bits_sink} = '0;

  always_ff @(posedge clock) begin
    waited_q <= waited_q + 1;
    if (auto_in_d_valid && auto_in_d_ready) begin
      open_q <= 1'b0;
    end else if (taken) begin
      open_q   <= 1'b1;
      answer_q <= now;
      waited_q <= 0;
    end
    if (taken) begin
      case (auto_in_a_bits_opcode)
        3'd0:    fulls_q <= fulls_q + 1;
        3'd1:    partials_q <= partials_q + 1;
        default: gets_q <= gets_q + 1;
      endcase
      if (!now.get && place == 5'h10) {gets_q, fulls_q, partials_q} <= '0;
      for (int unsigned i = 0; i < Bytes; i++) begin
        if (!now.get && auto_in_a_bits_mask[i] && !auto_in_a_bits_address[7]) begin
          memory_q[(32'(auto_in_a_bits_address) / Bytes * Bytes + i) % 128] <= auto_in_a_bits_data[8*i +: 8];
        end
      end
    end
    if (reset) {open_q, gets_q, fulls_q, partials_q} <= '0;
  end

  logic unused;
  assign unused = ^{auto_in_a_bits_param, auto_in_a_bits_corrupt};
endmodule
