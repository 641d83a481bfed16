// SPDX-License-Identifier: Apache-2.0
//
// TileLink-UL manager BFM: carries out the beats that it pulls from trapline_dpi_pkg, one request at a time.
//
// What it promises to the device (SiFive TileLink 1.8, 4.1, 6.4 and 7.2):
// - All outputs are registers. Once high, a_valid stays, with its payload unchanged, until a_ready; the standard asks
//   for less. d_ready waits for nothing and is high until the answer has come.
// - Requests are Get, PutFullData and PutPartialData, naturally aligned and no wider than the bus. A Get asks for
//   nothing that is not wanted: what is no power of two of bytes is more than one. A write is one request a bus word,
//   as narrow as can be, and PutPartialData where its mask has gaps.
// - a_source is drawn from the seed for each request; a_param and a_corrupt are 0. The lanes of a_data that are not in
//   the mask are random, and all of them in a Get.
// - The model's --stall delays a_valid (aw: that of writes, ar: that of reads) and d_ready (b and r).
// - From power-up and in reset a_valid and d_ready are low, and a_valid stays low for SettleCycles after it. While it
//   is low its payload is random ($urandom).
//
// In odd cases:
// - d_denied and d_error count as SLVERR, and so does d_corrupt in the answer to a Get.
// - An answer before its request was taken ends nothing; tlul_checker reports it, as it does one of another source or
//   kind.
// - A handshake that takes more cycles than its budget ends the beat as timed out; a_valid and d_ready stay as they
//   are, and no new beat is asked for until reset.

module tlul_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8, 16, 32, 64, 128, 256, 512 or 1024.
  parameter int unsigned DataWidth = 32,
  // Bits of the wider one of a_source and d_source, 0 if there is none of them.
  parameter int unsigned IdWidth = 1,
  // Of the narrower one: what a_source can say and d_source can echo.
  parameter int unsigned EchoWidth = IdWidth,
  localparam int unsigned IdBits = IdWidth > 0 ? IdWidth : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic                   a_valid_o,
  input  logic                   a_ready_i,
  output logic [            2:0] a_opcode_o,
  output logic [            2:0] a_param_o,
  output logic [            3:0] a_size_o,
  output logic [     IdBits-1:0] a_source_o,
  output logic [  AddrWidth-1:0] a_address_o,
  output logic [DataWidth/8-1:0] a_mask_o,
  output logic [  DataWidth-1:0] a_data_o,
  output logic                   a_corrupt_o,

  input  logic                   d_valid_i,
  output logic                   d_ready_o,
  input  logic [            2:0] d_opcode_i,
  input  logic [            2:0] d_param_i,
  input  logic [            3:0] d_size_i,
  input  logic [     IdBits-1:0] d_source_i,
  input  logic [           15:0] d_sink_i,
  input  logic                   d_denied_i,
  input  logic [  DataWidth-1:0] d_data_i,
  input  logic                   d_corrupt_i,
  input  logic                   d_error_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);
  localparam int unsigned MaskWidth = DataWidth / 8;

  // a_opcode (6.2).
  localparam logic [2:0] PutFullData = 3'd0, PutPartialData = 3'd1, Get = 3'd4;

  typedef enum logic [1:0] {
    Settle,  // reset was released a moment ago
    Idle,    // no beat: pull one
    Request,
    Stuck    // a handshake timed out: only reset helps
  } state_e;

  state_e          state_q;
  logic            taken_q;  // the request was, and its answer has not come
  logic            taken;    // by the end of this edge
  longint unsigned waited_q;
  longint unsigned budget;
  stalls_t         stalls;

  assign taken = taken_q || (a_valid_o && a_ready_i);

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {a_valid_o, d_ready_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, 1);
    c_dpi_align_port(Port, 1'b1, 4096);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  assign {a_param_o, a_corrupt_o} = '0;

  // The lanes of an aligned request (4.5).
  function automatic logic [MaskWidth-1:0] lanes_of(int unsigned address, int unsigned bytes);
    for (int unsigned i = 0; i < MaskWidth; i++) lanes_of[i] = i / bytes == address % MaskWidth / bytes;
  endfunction

  function automatic string culprit();
    if (a_valid_o) return "a_ready";
    return "d_valid";
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin : beat
    bit                   write;
    int unsigned          beat_bytes;
    logic [MaskWidth-1:0] mask;
    // Whole slices: a narrower bus leaves upper bits unused. A burst is one beat.
    // verilator lint_off UNUSEDSIGNAL
    int unsigned          beats;
    longint unsigned      address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    bit                   due;  // pulled, but not offered yet

    if (!rst_ni) begin
      state_q   <= Settle;
      taken_q   <= 1'b0;
      waited_q  <= 0;
      due       = 1'b0;
      {a_valid_o, d_ready_o} <= '0;
      {a_opcode_o, a_size_o, a_source_o, a_address_o} <= (7 + IdBits + AddrWidth)'({3{noise()}});
      a_mask_o  <= MaskWidth'({2{noise()}});
      a_data_o  <= DataWidth'({Slices{noise()}});
    end else begin
      if (state_q != Idle) waited_q <= waited_q + 1;

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Idle;

        Idle: if (c_dpi_has_work(Port)) begin
          waited_q <= 0;
          if (c_dpi_next_burst(Port, write, address, beats, beat_bytes)) begin
            due       = 1'b1;
            state_q   <= Request;
            d_ready_o <= !held_back(write ? stalls.b : stalls.r);
          end
        end

        Request: begin
          taken_q   <= taken;
          d_ready_o <= !held_back(write ? stalls.b : stalls.r);
          if (a_valid_o && a_ready_i) begin
            waited_q  <= 0;
            a_valid_o <= 1'b0;
            {a_opcode_o, a_size_o, a_source_o, a_address_o} <= (7 + IdBits + AddrWidth)'({3{noise()}});
            a_mask_o  <= MaskWidth'({2{noise()}});
            a_data_o  <= DataWidth'({Slices{noise()}});
          end
          if (taken && d_valid_i && d_ready_o) begin
            if ($isunknown(d_denied_i)) c_dpi_report_unknown(Port, $sformatf("d_denied is %b", d_denied_i));
            if ($isunknown(d_error_i)) c_dpi_report_unknown(Port, $sformatf("d_error is %b", d_error_i));
            if (write) begin
              c_dpi_end_burst(Port, d_denied_i || d_error_i ? BeatSlverr : BeatOkay);
            end else begin
              data = (SliceBits * Slices)'(d_data_i);
              if ($isunknown(d_data_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(d_data_i)));
              for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
              if ($isunknown(d_corrupt_i)) c_dpi_report_unknown(Port, $sformatf("d_corrupt is %b", d_corrupt_i));
              c_dpi_read_beat(Port, d_denied_i || d_error_i || d_corrupt_i ? BeatSlverr : BeatOkay, data[63:0]);
              c_dpi_end_burst(Port, BeatOkay);
            end
            taken_q   <= 1'b0;
            d_ready_o <= 1'b0;
            state_q   <= Idle;
          end else if (!due && waited_q + 1 >= budget) begin
            c_dpi_time_out(Port, $sformatf("%s stayed low for %0d cycles (a_valid=%b a_ready=%b d_valid=%b d_ready=%b)",
                                           culprit(), budget, a_valid_o, a_ready_i, d_valid_i, d_ready_o));
            state_q <= Stuck;
          end
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_burst(Port, write, address, beats, beat_bytes));

        default: state_q <= Settle;
      endcase

      if (due && !held_back(write ? stalls.aw : stalls.ar)) begin
        due  = 1'b0;
        mask = lanes_of(32'(address), beat_bytes);
        a_data_o <= DataWidth'({Slices{noise()}});
        if (write) begin
          c_dpi_write_beat(Port, data[63:0], strobe[7:0]);
          for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
          for (int unsigned i = 0; i < MaskWidth; i++) if (strobe[i]) a_data_o[8*i +: 8] <= data[8*i +: 8];
        end
        a_valid_o   <= 1'b1;
        a_opcode_o  <= !write ? Get : MaskWidth'(strobe) == mask ? PutFullData : PutPartialData;
        a_size_o    <= 4'($clog2(beat_bytes));
        a_source_o  <= IdBits'(noise()) & ~IdBits'({IdBits + 1{1'b1}} << EchoWidth);
        a_address_o <= AddrWidth'(address);
        a_mask_o    <= write ? MaskWidth'(strobe) : mask;
        waited_q    <= 0;
      end
    end
  end

  // What an answer says beside is tlul_checker's affair.
  logic unused;
  assign unused = ^{d_opcode_i, d_param_i, d_size_i, d_source_i, d_sink_i};
endmodule
