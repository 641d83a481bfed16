// SPDX-License-Identifier: Apache-2.0
//
// Wishbone B4 manager BFM, pipelined mode: carries out the beats that it pulls from trapline_dpi_pkg, one at a time.
//
// What it promises to the device (Wishbone B4, 3.1.3):
// - All outputs are registers. CYC and STB rise together. STB stays, with address, direction, data and select
//   unchanged, until a clock edge at which STALL is low: there the request is taken, once, and STB falls. CYC stays
//   until ACK, ERR or RTY, which may come at that very edge; then both are low for a cycle at least.
// - SEL names the bytes of interest, of reads too. ADR is a byte address unless WordAddress is 1.
// - The model's --stall delays CYC and STB: aw those of writes, ar those of reads.
// - From power-up and in reset CYC and STB are low, and they stay low for SettleCycles after it. While STB is low the
//   rest is random ($urandom).
//
// In odd cases:
// - ERR counts as SLVERR and wins over ACK. After RTY the same request is made again, inside the same budget.
// - An answer before the request was taken ends nothing; wishbone_pipelined_checker reports it.
// - A cycle that takes more clock cycles than its budget ends the beat as timed out; CYC and STB stay as they are, and
//   no new beat is asked for until reset.

module wishbone_pipelined_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two; up to 64 are Wishbone's own.
  parameter int unsigned DataWidth = 32,
  // Whether ADR counts bus words instead of bytes.
  parameter bit WordAddress = 1'b0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic                   cyc_o,
  output logic                   stb_o,
  output logic                   we_o,
  output logic [  AddrWidth-1:0] adr_o,
  output logic [  DataWidth-1:0] wdata_o,
  output logic [DataWidth/8-1:0] sel_o,
  input  logic                   stall_i,
  input  logic [  DataWidth-1:0] rdata_i,
  input  logic                   ack_i,
  input  logic                   err_i,
  input  logic                   rty_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);
  localparam int unsigned AddrShift = WordAddress ? $clog2(DataWidth / 8) : 0;

  typedef enum logic [2:0] {
    Settle,    // reset was released a moment ago
    Idle,      // no beat: pull one
    Transfer,
    Stuck      // nothing ever came: only reset helps
  } state_e;

  state_e          state_q;
  longint unsigned waited_q;
  longint unsigned budget;
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {cyc_o, stb_o} = '0;
  end

  logic taken_q;        // the request was, and its answer has not come
  logic taken, answer;  // at this edge
  assign taken  = taken_q || (stb_o && !stall_i);
  assign answer = taken && (ack_i || err_i || rty_i);

  initial begin
    c_dpi_open_port(Port, AddrWidth + AddrShift, DataWidth, 1);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : beat
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    bit              write;
    longint unsigned address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    bit              due;  // not offered yet, or to be offered again

    if (!rst_ni) begin
      state_q  <= Settle;
      waited_q <= 0;
      taken_q  <= 1'b0;
      due      = 1'b0;
      {cyc_o, stb_o} <= 2'b00;
      {adr_o, we_o, sel_o} <= (AddrWidth + 1 + DataWidth / 8)'({4{noise()}});
      wdata_o  <= DataWidth'({Slices{noise()}});
    end else begin
      if (state_q != Idle) waited_q <= waited_q + 1;

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Idle;

        Idle: if (c_dpi_has_work(Port)) begin
          waited_q <= 0;
          if (c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0])) begin
            for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
            due     = 1'b1;
            state_q <= Transfer;
          end
        end

        Transfer: begin
          taken_q <= taken && !answer;
          if (stb_o && !stall_i) begin
            stb_o <= 1'b0;
            {adr_o, we_o, sel_o} <= (AddrWidth + 1 + DataWidth / 8)'({4{noise()}});
            wdata_o <= DataWidth'({Slices{noise()}});
          end
          if (answer) begin
            cyc_o <= 1'b0;
            if (rty_i && !ack_i && !err_i) begin
              due = 1'b1;
            end else begin
              data = write ? '0 : (SliceBits * Slices)'(rdata_i);
              if (!write && $isunknown(rdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(rdata_i)));
              for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
              if ($isunknown(err_i)) c_dpi_report_unknown(Port, $sformatf("ERR is %b", err_i));
              c_dpi_end_beat(Port, err_i ? BeatSlverr : BeatOkay, data[63:0]);
              state_q <= Idle;
            end
          end else if (waited_q >= budget) begin
            c_dpi_time_out(Port, $sformatf(
              "%s for %0d cycles (pipelined; CYC=%b STB=%b STALL=%b WE=%b ACK=%b ERR=%b RTY=%b)",
              stb_o ? "STALL stayed high" : "ACK stayed low",
              budget, cyc_o, stb_o, stall_i, write, ack_i, err_i, rty_i));
            due     = 1'b0;
            state_q <= Stuck;
          end
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));

        default: state_q <= Settle;
      endcase

      // A retry is offered anew one cycle after its answer, so CYC is low in between.
      if (due && !cyc_o && !held_back(write ? stalls.aw : stalls.ar)) begin
        due     = 1'b0;
        {cyc_o, stb_o} <= 2'b11;
        we_o    <= write;
        adr_o   <= AddrWidth'(address >> AddrShift);
        wdata_o <= DataWidth'(data);
        sel_o   <= (DataWidth / 8)'(strobe);
      end
    end
  end
endmodule
