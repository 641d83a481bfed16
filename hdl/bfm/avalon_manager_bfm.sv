// SPDX-License-Identifier: Apache-2.0
//
// Avalon-MM host BFM: drives an agent port with the bursts that it pulls from trapline_dpi_pkg, one at a time.
//
// What it promises to the agent (Intel, Avalon Interface Specifications, 3.2 to 3.5):
// - All outputs are registers, each active-low one the inverse of the other. READ or WRITE, with CHIPSELECT, stays with
//   address, data, byte enables and burst count unchanged until a clock edge at which WAITREQUEST is low. Without
//   WAITREQUEST it stays for ReadWaitTime or WriteWaitTime further cycles. Between two commands they are low for a
//   cycle at least.
// - Read data are taken with READDATAVALID, as many as the burst has beats, or ReadLatency cycles after the command was
//   taken. The address of a read stays until then, longer than it must: Corsair's agents look at it until they answer.
//   RESPONSE is taken with read data; and with WRITERESPONSEVALID, which is waited for where there is one.
// - Words of a write burst follow each other without a pause unless --stall asks for one (w); then WRITE is low.
//   Address and burst count stay for the whole burst, so that either constantBurstBehavior is served.
// - BYTEENABLE names the bytes of interest; in reads of more than one beat all of them. Any set of lanes is possible.
// - BEGINTRANSFER is high in the first cycle of each word's transfer, BEGINBURSTTRANSFER in that of each burst.
//   DEBUGACCESS and LOCK are 0.
// - The model's --stall delays commands: aw those of writes, ar those of reads.
// - From power-up and in reset READ and WRITE are low, and they stay low for SettleCycles after it. While they are low
//   the rest is random ($urandom).
//
// In odd cases:
// - READDATAVALID in the very cycle in which the command is taken counts, though a standard agent comes later.
// - RESPONSE 1 is reserved and counts as OKAY.
// - Where the agent has no read data, or no write data, such an access ends at once as DECERR.
// - A command, a word or an answer that takes more cycles than the budget ends the burst as timed out; what was offered
//   stays, and no new burst is asked for until reset.

module avalon_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64, of a byte address.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32,
  // Whether the agent has data for it.
  parameter bit HasReads = 1'b1,
  parameter bit HasWrites = 1'b1,
  // Bits of BURSTCOUNT; 1 without bursts.
  parameter int unsigned BurstWidth = 1,
  // Whether the agent has READDATAVALID, and WRITERESPONSEVALID.
  parameter bit IsPipelined = 1'b0,
  parameter bit AnswersWrites = 1'b0,
  // In clock cycles.
  parameter int unsigned ReadLatency = 0,
  parameter int unsigned ReadWaitTime = 0,
  parameter int unsigned WriteWaitTime = 0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic [  AddrWidth-1:0] address_o,
  output logic                   chipselect_o,
  output logic                   chipselect_n_o,
  output logic                   read_o,
  output logic                   read_n_o,
  output logic                   write_o,
  output logic                   write_n_o,
  output logic [DataWidth/8-1:0] byteenable_o,
  output logic [DataWidth/8-1:0] byteenable_n_o,
  output logic [  DataWidth-1:0] writedata_o,
  output logic [           10:0] burstcount_o,
  output logic                   begintransfer_o,
  output logic                   beginbursttransfer_o,
  output logic                   debugaccess_o,
  output logic                   lock_o,
  input  logic                   waitrequest_i,
  input  logic                   waitrequest_n_i,
  input  logic                   readdatavalid_i,
  input  logic                   readdatavalid_n_i,
  input  logic [  DataWidth-1:0] readdata_i,
  input  logic [            1:0] response_i,
  input  logic                   writeresponsevalid_i
);

  localparam int unsigned Bytes = DataWidth / 8;
  localparam int unsigned MaxBeats = 1 << (BurstWidth - 1);
  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [2:0] {
    Settle,   // reset was released a moment ago
    Idle,     // no burst: pull one
    Write,    // words are offered
    Confirm,  // all were taken, the response is on its way
    Read,     // the command is offered, or its data are on their way
    Stuck     // something never came: only reset helps
  } state_e;

  state_e          state_q;
  longint unsigned waited_q;  // cycles since the last progress
  longint unsigned held_q;    // cycles for which the present command or word has been offered
  longint unsigned budget;
  int unsigned     latency_q; // edges until the data are there, 0 if none are awaited
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {read_o, write_o, begintransfer_o, beginbursttransfer_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, MaxBeats);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  assign chipselect_o   = read_o || write_o;
  assign chipselect_n_o = !chipselect_o;
  assign read_n_o       = !read_o;
  assign write_n_o      = !write_o;
  assign byteenable_n_o = ~byteenable_o;
  assign {debugaccess_o, lock_o} = 2'b00;

  logic wait_request, read_valid, taken;
  assign wait_request = waitrequest_i || !waitrequest_n_i;
  assign read_valid   = readdatavalid_i || !readdatavalid_n_i;
  // Cycles for which a command is held where fixed times stand for WAITREQUEST.
  longint unsigned wait_time;
  assign wait_time = read_o ? 64'(ReadWaitTime) : 64'(WriteWaitTime);
  // The present command or word, at this edge.
  assign taken = (read_o || write_o) && !wait_request && held_q + 1 > wait_time;

  function automatic string signals();
    return $sformatf("READ=%b WRITE=%b WAITREQUEST=%b READDATAVALID=%b WRITERESPONSEVALID=%b",
                     read_o, write_o, wait_request, read_valid, writeresponsevalid_i);
  endfunction

  function automatic string culprit();
    if (read_o || write_o) return "WAITREQUEST stayed high";
    return state_q == Read ? "READDATAVALID stayed low" : "WRITERESPONSEVALID stayed low";
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin : burst
    bit              write;
    int unsigned     beats, beat_bytes;
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    longint unsigned address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    bit              pulled;
    bit              due;       // a command or its first word is not offered yet
    bit              here;      // read data are there at this edge
    int unsigned     words_due; // of a burst: not offered yet, or not come yet

    if (!rst_ni) begin
      state_q   <= Settle;
      waited_q  <= 0;
      held_q    <= 0;
      latency_q <= 0;
      due       = 1'b0;
      words_due = 0;
      {read_o, write_o, begintransfer_o, beginbursttransfer_o} <= '0;
      {address_o, byteenable_o, burstcount_o} <= (AddrWidth + Bytes + 11)'({4{noise()}});
      writedata_o <= DataWidth'({Slices{noise()}});
    end else begin
      if (state_q != Idle) begin
        waited_q <= waited_q + 1;
        held_q   <= held_q + 1;
      end
      {begintransfer_o, beginbursttransfer_o} <= 2'b00;
      if (taken) begin
        waited_q <= 0;
        {read_o, write_o} <= 2'b00;
        if (!read_o && words_due == 0) begin
          {address_o, byteenable_o, burstcount_o} <= (AddrWidth + Bytes + 11)'({4{noise()}});
          writedata_o <= DataWidth'({Slices{noise()}});
        end
      end

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Idle;

        Idle: if (c_dpi_has_work(Port)) begin
          waited_q <= 0;
          beats    = 1;
          pulled   = MaxBeats == 1 ? c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0])
                                   : c_dpi_next_burst(Port, write, address, beats, beat_bytes);
          if (pulled && MaxBeats == 1)
            for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
          if (!pulled) begin
            // Nothing to do.
          end else if (write ? !HasWrites : !HasReads) begin
            if (MaxBeats == 1) c_dpi_end_beat(Port, BeatDecerr, '0);
            else c_dpi_end_burst(Port, BeatDecerr);
          end else begin
            due       = 1'b1;
            words_due = beats;
            state_q   <= write ? Write : Read;
          end
        end

        Write: if (taken && words_due == 0) begin
          if (AnswersWrites && writeresponsevalid_i !== 1'b1) begin
            state_q <= Confirm;
          end else begin
            if (AnswersWrites && $isunknown(response_i))
              c_dpi_report_unknown(Port, $sformatf("RESPONSE is %b", response_i));
            if (MaxBeats == 1) c_dpi_end_beat(Port, AnswersWrites ? status_of(response_i) : BeatOkay, '0);
            else c_dpi_end_burst(Port, AnswersWrites ? status_of(response_i) : BeatOkay);
            state_q <= Idle;
          end
        end

        Confirm: if (writeresponsevalid_i) begin
          if ($isunknown(response_i)) c_dpi_report_unknown(Port, $sformatf("RESPONSE is %b", response_i));
          if (MaxBeats == 1) c_dpi_end_beat(Port, status_of(response_i), '0);
          else c_dpi_end_burst(Port, status_of(response_i));
          state_q <= Idle;
        end

        Read: begin
          if (IsPipelined) begin
            here = read_valid && (taken || (!read_o && !due));
          end else begin
            here = (taken && ReadLatency == 0) || latency_q == 1;
            latency_q <= taken ? ReadLatency : latency_q == 0 ? 0 : latency_q - 1;
          end
          if (here) begin
            waited_q  <= 0;
            words_due = words_due - 1;
            data = (SliceBits * Slices)'(readdata_i);
            if ($isunknown(readdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(readdata_i)));
            for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
            if ($isunknown(response_i)) c_dpi_report_unknown(Port, $sformatf("RESPONSE is %b", response_i));
            if (MaxBeats == 1) c_dpi_end_beat(Port, status_of(response_i), data[63:0]);
            else c_dpi_read_beat(Port, status_of(response_i), data[63:0]);
            if (words_due == 0) begin
              {address_o, byteenable_o, burstcount_o} <= (AddrWidth + Bytes + 11)'({4{noise()}});
              if (MaxBeats != 1) c_dpi_end_burst(Port, BeatOkay);
              state_q <= Idle;
            end
          end
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: if (MaxBeats == 1) void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));
        else void'(c_dpi_next_burst(Port, write, address, beats, beat_bytes));

        default: state_q <= Settle;
      endcase

      if (state_q inside {Write, Confirm, Read} && waited_q >= budget && taken !== 1'b1 &&
          !(state_q == Read && here) && (state_q == Confirm && writeresponsevalid_i) !== 1'b1) begin
        c_dpi_time_out(Port, $sformatf("%s for %0d cycles (Avalon; %s)", culprit(), budget, signals()));
        due       = 1'b0;
        words_due = 0;
        state_q   <= Stuck;
      end

      // A command begins.
      if (due && !read_o && !write_o && !held_back(write ? stalls.aw : stalls.ar)) begin
        due = 1'b0;
        if (!write) begin
          read_o <= 1'b1;
          if (MaxBeats != 1) strobe = beats > 1 ? '1 : ($bits(strobe))'(lanes_of(address, beat_bytes));
          byteenable_o <= Bytes'(strobe);
        end
        address_o       <= AddrWidth'(address) & ~AddrWidth'(Bytes - 1);
        burstcount_o    <= 11'(beats);
        begintransfer_o <= 1'b1;
        beginbursttransfer_o <= 1'b1;
        held_q   <= 0;
        waited_q <= 0;
      end
      // The next word of a write is offered: the first with its command, others where --stall doesn't hold them back.
      if (write && words_due > 0 && !due && (state_q == Write || state_q == Idle) && (!write_o || taken) &&
          (words_due == beats || !held_back(stalls.w))) begin
        if (MaxBeats != 1) begin
          c_dpi_write_beat(Port, data[63:0], strobe[7:0]);
          for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
        end
        words_due       = words_due - 1;
        write_o         <= 1'b1;
        writedata_o     <= DataWidth'(data);
        byteenable_o    <= Bytes'(strobe);
        begintransfer_o <= 1'b1;
        held_q   <= 0;
        waited_q <= 0;
      end
    end
  end

  // The lanes of a beat that is narrower than the word.
  function automatic bit [127:0] lanes_of(longint unsigned at, int unsigned bytes);
    return ((128'(1) << bytes) - 128'(1)) << (at % longint'(Bytes));
  endfunction
endmodule
