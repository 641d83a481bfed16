// SPDX-License-Identifier: Apache-2.0
//
// AHB-Lite manager BFM: carries out the bursts that it pulls from trapline_dpi_pkg, one at a time.
//
// What it promises to the device (AHB IHI 0033, 3.1 to 3.7):
// - All outputs but HREADY are registers. HREADY is the device's own HREADYOUT, as on a bus of which it is the only
//   subordinate.
// - An address phase stays as it is until HREADY; the data of a write follows it by one transfer and stays likewise.
// - Transfers are naturally aligned and as wide as HSIZE says. What is no power of two of bytes is more than one
//   transfer, so that no byte is read or written that was not asked for; where the device has HWSTRB, a write is one
//   with sparse strobes.
// - An access of up to 64 bytes is made of SINGLE transfers. A longer one has bursts, INCR4, INCR8, INCR16 where that
//   many beats fit and else INCR, if MaxBeats is more than 1; none crosses a multiple of 1024.
// - HSEL is high with every transfer and low with IDLE. HPROT is 3 (data, privileged), HMASTLOCK and HNONSEC are 0.
// - The model's --stall puts IDLE before a transfer (aw: that of writes, ar: that of reads), and BUSY before a further
//   beat of a burst (w and r).
// - From power-up and in reset HTRANS is IDLE, and it stays so for SettleCycles after it. With IDLE the rest of the
//   address phase is random ($urandom), and so are the lanes of HWDATA that are not written.
//
// In odd cases:
// - HRESP=ERROR counts as SLVERR. The burst goes on: a manager need not cancel it (5.1.3).
// - RETRY and SPLIT count as ERROR; ahb_checker reports them.
// - A phase that takes more cycles than its budget ends the burst as timed out; the outputs stay as they are, and no
//   new one is asked for until reset.

module ahb_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8, 16, 32, 64, 128, 256, 512 or 1024.
  parameter int unsigned DataWidth = 32,
  // 1 where the device has no HBURST, and so may not know SEQ.
  parameter int unsigned MaxBeats = 1024,
  // Whether the device has HWSTRB.
  parameter bit HasStrobes = 1'b0
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic [  AddrWidth-1:0] haddr_o,
  output logic [            2:0] hburst_o,
  output logic                   hmastlock_o,
  output logic [            6:0] hprot_o,
  output logic                   hnonsec_o,
  output logic                   hsel_o,
  output logic [            2:0] hsize_o,
  output logic [            1:0] htrans_o,
  output logic                   hwrite_o,
  output logic [  DataWidth-1:0] hwdata_o,
  output logic [DataWidth/8-1:0] hwstrb_o,
  output logic                   hready_o,
  input  logic [  DataWidth-1:0] hrdata_i,
  input  logic                   hreadyout_i,
  input  logic [            1:0] hresp_i
);

  // No burst crosses a multiple of it (3.5).
  localparam int unsigned Boundary = 1024;
  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  // HTRANS (3.2).
  localparam logic [1:0] Idle = 2'b00, Busy = 2'b01, Nonseq = 2'b10, Seq = 2'b11;
  localparam logic [6:0] DataPrivileged = 7'b0000011;

  typedef enum logic [1:0] {
    Settle,  // reset was released a moment ago
    Empty,   // no burst: pull one
    Burst,
    Stuck    // HREADYOUT never came: only reset helps
  } state_e;

  state_e          state_q;
  logic            data_phase_q;  // a transfer's address was taken, and its data phase has not ended
  longint unsigned waited_q;
  longint unsigned budget;
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {htrans_o, hsel_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, MaxBeats);
    c_dpi_align_port(Port, HasStrobes, Boundary);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  assign hready_o = hreadyout_i;
  assign {hmastlock_o, hprot_o, hnonsec_o} = {1'b0, DataPrivileged, 1'b0};

  // HBURST (3.5).
  function automatic logic [2:0] kind_of(int unsigned beats);
    case (beats)
      1:       return 3'b000;
      4:       return 3'b011;
      8:       return 3'b101;
      16:      return 3'b111;
      default: return 3'b001;
    endcase
  endfunction

  // The bits of the lanes that are written.
  function automatic logic [DataWidth-1:0] mask_of(logic [DataWidth/8-1:0] strobe);
    for (int unsigned i = 0; i < DataWidth / 8; i++) mask_of[8*i +: 8] = {8{strobe[i]}};
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
    int unsigned     addresses_due, data_due;  // beats not offered yet, not ended yet
    bit              failed;                   // of a write: some beat was

    if (!rst_ni) begin
      state_q      <= Settle;
      data_phase_q <= 1'b0;
      waited_q     <= 0;
      {addresses_due, data_due} = '0;
      {htrans_o, hsel_o} <= '0;
      {haddr_o, hburst_o, hsize_o, hwrite_o} <= (AddrWidth + 7)'({noise(), noise()});
      hwdata_o     <= DataWidth'({Slices{noise()}});
      hwstrb_o     <= (DataWidth / 8)'({2{noise()}});
    end else begin
      if (state_q != Empty) waited_q <= waited_q + 1;

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Empty;

        Empty: if (c_dpi_has_work(Port)) begin
          waited_q <= 0;
          if (c_dpi_next_burst(Port, write, address, beats, beat_bytes)) begin
            addresses_due = beats;
            data_due      = beats;
            failed        = 1'b0;
            state_q       <= Burst;
          end
        end

        Burst: begin
          if (hreadyout_i) begin
            waited_q     <= 0;
            data_phase_q <= htrans_o[1];
            if (data_phase_q) begin
              if ($isunknown(hresp_i)) c_dpi_report_unknown(Port, $sformatf("HRESP is %b", hresp_i));
              failed   = failed || hresp_i != 2'b00;
              data_due = data_due - 1;
              if (!write) begin
                data = (SliceBits * Slices)'(hrdata_i);
                if ($isunknown(hrdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(hrdata_i)));
                for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
                c_dpi_read_beat(Port, hresp_i != 2'b00 ? BeatSlverr : BeatOkay, data[63:0]);
              end
            end
            if (htrans_o[1]) begin
              if (write) begin
                c_dpi_write_beat(Port, data[63:0], strobe[7:0]);
                for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
                hwstrb_o <= (DataWidth / 8)'(strobe);
                hwdata_o <= (DataWidth'(data) & mask_of((DataWidth / 8)'(strobe))) |
                            (DataWidth'({Slices{noise()}}) & ~mask_of((DataWidth / 8)'(strobe)));
              end
              address = address + 64'(beat_bytes);
            end
          end
          if (data_due == 0) begin
            c_dpi_end_burst(Port, write && failed ? BeatSlverr : BeatOkay);
            state_q <= Empty;
          end else if (hreadyout_i !== 1'b1 && waited_q + 1 >= budget) begin
            c_dpi_time_out(Port, $sformatf("HREADYOUT stayed low for %0d cycles (HTRANS=%b HREADYOUT=%b HRESP=%b)",
                                           budget, htrans_o, hreadyout_i, hresp_i));
            addresses_due = 0;
            state_q       <= Stuck;
          end
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_burst(Port, write, address, beats, beat_bytes));

        default: state_q <= Settle;
      endcase

      // The next address phase follows one that was taken, or takes the place of IDLE or BUSY.
      if (state_q != Stuck && (hreadyout_i || htrans_o == Idle)) begin
        if (addresses_due == 0 && htrans_o == Idle) begin
          // Nothing is offered, and nothing was.
        end else if (addresses_due == 0) begin
          {htrans_o, hsel_o} <= '0;
          {haddr_o, hburst_o, hsize_o, hwrite_o} <= (AddrWidth + 7)'({noise(), noise()});
        end else if (addresses_due == beats && held_back(write ? stalls.aw : stalls.ar)) begin
          htrans_o <= Idle;
        end else begin
          {haddr_o, hburst_o, hsize_o, hwrite_o} <=
            {AddrWidth'(address), kind_of(beats), 3'($clog2(beat_bytes)), write};
          hsel_o <= 1'b1;
          if (addresses_due == beats) begin
            htrans_o      <= Nonseq;
            addresses_due = addresses_due - 1;
          end else if (held_back(write ? stalls.w : stalls.r)) begin
            htrans_o <= Busy;
          end else begin
            htrans_o      <= Seq;
            addresses_due = addresses_due - 1;
          end
        end
      end
    end
  end
endmodule
