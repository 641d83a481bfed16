// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Stream transmitter BFM: offers the device the beats that it pulls from trapline_dpi_pkg, one per cycle if there
// are.
//
// What it promises to the device (AXI-Stream IHI 0051, 2.2):
// - All outputs are registers. TVALID waits for no TREADY; once high it stays, with its payload unchanged, until
//   TREADY.
// - TLAST is high on the last beat of a packet. TKEEP and TSTRB are high in the same lanes: all but the unused upper
//   ones of a last beat. So there are no position bytes, and no null bytes before the end of a packet.
// - TID, TDEST and TUSER are 0 while TVALID is high.
// - The model's --stall delays TVALID (channel t).
// - From power-up and in reset TVALID is low, as 2.7.2 wants it, and for SettleCycles after it.
// - While TVALID is low the payload is random ($urandom).
//
// A beat that waits for TREADY longer than its budget is given up: it stays offered, as the protocol demands, but no
// other is asked for until reset. A device without TREADY takes every beat at once (3.1: the default of TREADY is
// high).

module axis_transmitter_bfm
  import trapline_dpi_pkg::*;
#(
  // Index among the streams of the model.
  parameter int unsigned Stream = 0,
  // A multiple of 8 up to 1024.
  parameter int unsigned DataWidth = 32,
  parameter int unsigned IdWidth = 1,
  parameter int unsigned DestWidth = 1,
  parameter int unsigned UserWidth = 1,
  // Whether the device has a TKEEP or TSTRB, and a TLAST.
  parameter bit HasKeep = 1'b1,
  parameter bit HasLast = 1'b1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic [  DataWidth-1:0] tdata_o,
  output logic [DataWidth/8-1:0] tkeep_o,
  output logic [DataWidth/8-1:0] tstrb_o,
  output logic                   tlast_o,
  output logic [    IdWidth-1:0] tid_o,
  output logic [  DestWidth-1:0] tdest_o,
  output logic [  UserWidth-1:0] tuser_o,
  output logic                   tvalid_o,
  input  logic                   tready_i
);

  longint unsigned settled_q, waited_q, budget;
  int unsigned     stall;
  logic            stuck_q;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial tvalid_o = 1'b0;

  initial begin
    void'(c_dpi_open_stream(Stream, 1'b1, DataWidth, !HasKeep, HasLast));
    budget = c_dpi_max_cycles();
    stall  = c_dpi_stall_percent(StallT);
  end

  logic may_offer;
  assign may_offer = settled_q == SettleCycles && !stuck_q && (!tvalid_o || tready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin : beat
    // A beat of the seam is as wide as the widest stream.
    // verilator lint_off UNUSEDSIGNAL
    stream_data_t  data;
    stream_lanes_t keep;
    // verilator lint_on UNUSEDSIGNAL
    bit last, given;

    if (!rst_ni) begin
      tvalid_o  <= 1'b0;
      settled_q <= 0;
      waited_q  <= 0;
      stuck_q   <= 1'b0;
      tdata_o   <= DataWidth'(stream_noise());
      {tkeep_o, tstrb_o} <= (DataWidth / 4)'(stream_noise());
      tlast_o   <= 1'b0;
      tid_o     <= IdWidth'(noise());
      tdest_o   <= DestWidth'(noise());
      tuser_o   <= UserWidth'(stream_noise());
    end else begin
      if (settled_q < SettleCycles) settled_q <= settled_q + 1;
      if (tvalid_o) waited_q <= waited_q + 1;
      if (tvalid_o && tready_i) c_dpi_end_stream_beat(Stream);

      // Statements of their own: a call in a condition may be made whatever stands before it.
      given = 1'b0;
      if (may_offer) begin
        if (c_dpi_stream_has_work(Stream)) begin
          if (!held_back(stall)) given = c_dpi_next_stream_beat(Stream, data, keep, last);
        end
      end

      if (given) begin
        tvalid_o <= 1'b1;
        tdata_o  <= DataWidth'(data);
        tkeep_o  <= (DataWidth / 8)'(keep);
        tstrb_o  <= (DataWidth / 8)'(keep);
        tlast_o  <= last;
        tid_o    <= '0;
        tdest_o  <= '0;
        tuser_o  <= '0;
        waited_q <= 0;
      end else if (tvalid_o && tready_i) begin
        tvalid_o <= 1'b0;
        tdata_o  <= DataWidth'(stream_noise());
        {tkeep_o, tstrb_o} <= (DataWidth / 4)'(stream_noise());
        tlast_o  <= 1'(noise());
        tid_o    <= IdWidth'(noise());
        tdest_o  <= DestWidth'(noise());
        tuser_o  <= UserWidth'(stream_noise());
      end else if (tvalid_o && !stuck_q && waited_q + 1 >= budget) begin
        c_dpi_time_out_stream(Stream, $sformatf("TREADY stayed low for %0d cycles (TVALID=1 TREADY=%b TLAST=%b)",
                                                budget, tready_i, tlast_o));
        stuck_q <= 1'b1;
      end
    end
  end
endmodule
