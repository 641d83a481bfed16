// SPDX-License-Identifier: Apache-2.0
//
// APB4 manager BFM: carries out the beats that it pulls from trapline_dpi_pkg, one at a time.
//
// What it promises to the device (AMBA APB IHI 0024, 3 and 4.1):
// - All outputs are registers. A transfer is one setup cycle (PSEL) and then access cycles (PSEL and PENABLE) until
//   PREADY; address, direction, data and strobes don't change in it. PSEL is low for a cycle at least between two.
// - PSTRB is 0 in reads. PPROT is 0 (normal, secure, data).
// - The model's --stall delays PSEL: aw that of writes, ar that of reads.
// - From power-up and in reset PSEL is low, and it stays low for SettleCycles after it. While it is low the rest is
//   random ($urandom), but PENABLE is low.
//
// In odd cases:
// - PSLVERR counts as SLVERR, and only in the cycle of PREADY.
// - An access phase that takes more cycles than its budget ends the beat as timed out; the transfer stays as it is, and
//   no new beat is asked for until reset.

module apb4_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8, 16 or 32.
  parameter int unsigned DataWidth = 32
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic [  AddrWidth-1:0] paddr_o,
  output logic [            2:0] pprot_o,
  output logic                   psel_o,
  output logic                   penable_o,
  output logic                   pwrite_o,
  output logic [  DataWidth-1:0] pwdata_o,
  output logic [DataWidth/8-1:0] pstrb_o,
  input  logic                   pready_i,
  input  logic [  DataWidth-1:0] prdata_i,
  input  logic                   pslverr_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [2:0] {
    Settle,    // reset was released a moment ago
    Idle,      // no beat: pull one
    Waiting,   // held back by --stall
    Transfer,
    Stuck      // PREADY never came: only reset helps
  } state_e;

  state_e          state_q;
  longint unsigned waited_q;
  longint unsigned budget;
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {psel_o, penable_o, pprot_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, 1);
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
    bit              due;  // pulled, but not offered yet

    if (!rst_ni) begin
      state_q   <= Settle;
      waited_q  <= 0;
      due       = 1'b0;
      psel_o    <= 1'b0;
      penable_o <= 1'b0;
      pprot_o   <= 3'b000;
      {paddr_o, pwrite_o, pstrb_o} <= (AddrWidth + 1 + DataWidth / 8)'({noise(), noise()});
      pwdata_o  <= DataWidth'({Slices{noise()}});
    end else begin
      if (state_q != Idle) waited_q <= waited_q + 1;

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Idle;

        Idle: if (c_dpi_has_work(Port)) begin
          if (c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0])) begin
            for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
            due     = 1'b1;
            state_q <= Waiting;
          end
        end

        Waiting: ;

        Transfer: begin
          penable_o <= 1'b1;
          if (penable_o && pready_i) begin
            data = pwrite_o ? '0 : (SliceBits * Slices)'(prdata_i);
            if (!pwrite_o && $isunknown(prdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(prdata_i)));
            for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
            if ($isunknown(pslverr_i)) c_dpi_report_unknown(Port, $sformatf("PSLVERR is %b", pslverr_i));
            c_dpi_end_beat(Port, pslverr_i ? BeatSlverr : BeatOkay, data[63:0]);
            psel_o    <= 1'b0;
            penable_o <= 1'b0;
            {paddr_o, pwrite_o, pstrb_o} <= (AddrWidth + 1 + DataWidth / 8)'({noise(), noise()});
            pwdata_o  <= DataWidth'({Slices{noise()}});
            state_q   <= Idle;
          end else if (waited_q >= budget) begin
            c_dpi_time_out(Port, $sformatf("PREADY stayed low for %0d cycles (PSEL=%b PENABLE=%b PWRITE=%b PREADY=%b)",
                                           budget, psel_o, penable_o, pwrite_o, pready_i));
            state_q <= Stuck;
          end
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));

        default: state_q <= Settle;
      endcase

      if (due && !held_back(write ? stalls.aw : stalls.ar)) begin
        due      = 1'b0;
        psel_o   <= 1'b1;
        paddr_o  <= AddrWidth'(address);
        pwrite_o <= write;
        pwdata_o <= DataWidth'(data);
        pstrb_o  <= write ? (DataWidth / 8)'(strobe) : '0;
        waited_q <= 0;
        state_q  <= Transfer;
      end
    end
  end
endmodule
