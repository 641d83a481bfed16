// SPDX-License-Identifier: Apache-2.0
//
// Manager BFM of PeakRDL-regblock's own CPU interface (its "passthrough"): carries out the beats that it pulls from
// trapline_dpi_pkg, one at a time.
//
// What it promises to the device (PeakRDL-regblock's manual, "Internal CPUIF Protocol"):
// - All outputs are registered. REQ stays, with address, direction, data and bit enables unchanged, until a clock edge
//   at which REQ_STALL_WR (of a write) or REQ_STALL_RD (of a read) is low: there the request is taken, once, and REQ
//   falls. Its answer, RD_ACK or WR_ACK for one cycle, may come at that very edge.
// - ADDR is a byte address, aligned down to the bus word. WR_BITEN names the bits that a write changes, whole bytes of
//   them.
// - The model's --stall delays REQ: aw those of writes, ar those of reads.
// - From power-up and in reset REQ is low, and it stays low for SettleCycles after it. While REQ is low the rest is
//   random ($urandom).
//
// In odd cases:
// - RD_ERR and WR_ERR count as SLVERR.
// - An answer of the other kind, or before the request was taken, ends nothing; cpuif_checker reports it.
// - A transfer that takes more clock cycles than its budget ends the beat as timed out; no new beat is asked for until
//   reset.

module cpuif_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,

  output logic                 req_o,
  output logic                 req_is_wr_o,
  output logic [AddrWidth-1:0] addr_o,
  output logic [DataWidth-1:0] wr_data_o,
  output logic [DataWidth-1:0] wr_biten_o,
  input  logic                 req_stall_wr_i,
  input  logic                 req_stall_rd_i,
  input  logic                 rd_ack_i,
  input  logic                 rd_err_i,
  input  logic [DataWidth-1:0] rd_data_i,
  input  logic                 wr_ack_i,
  input  logic                 wr_err_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [1:0] {
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
    req_o = 1'b0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, 1);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  logic write_q;
  logic taken_q;                // the request was, and its answer has not come
  logic taking, taken, answer;  // at this edge
  assign taking = req_o && !(write_q ? req_stall_wr_i : req_stall_rd_i);
  assign taken  = taken_q || taking;
  assign answer = taken && (write_q ? wr_ack_i : rd_ack_i);

  function automatic logic [DataWidth-1:0] bits_of(logic [DataWidth/8-1:0] bytes);
    for (int i = 0; i < DataWidth; i++) bits_of[i] = bytes[i/8];
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin : beat
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    bit                          write;
    longint unsigned             address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    bit                          due;  // not offered yet

    if (!rst_ni) begin
      state_q  <= Settle;
      waited_q <= 0;
      taken_q  <= 1'b0;
      write_q  <= 1'b0;
      due      = 1'b0;
      req_o    <= 1'b0;
      {addr_o, req_is_wr_o} <= (AddrWidth + 1)'({noise(), noise()});
      {wr_data_o, wr_biten_o} <= (2 * DataWidth)'({2 * Slices{noise()}});
    end else begin
      if (state_q != Idle) waited_q <= waited_q + 1;

      case (state_q)
        Settle: if (has_settled(waited_q)) state_q <= Idle;

        Idle: if (c_dpi_has_work(Port)) begin
          waited_q <= 0;
          if (c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0])) begin
            for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
            due     = 1'b1;
            write_q <= write;
            state_q <= Transfer;
          end
        end

        Transfer: begin
          taken_q <= taken && !answer;
          if (taking) begin
            req_o <= 1'b0;
            {addr_o, req_is_wr_o} <= (AddrWidth + 1)'({noise(), noise()});
            {wr_data_o, wr_biten_o} <= (2 * DataWidth)'({2 * Slices{noise()}});
          end
          if (answer) begin
            data = write_q ? '0 : (SliceBits * Slices)'(rd_data_i);
            if (!write_q && $isunknown(rd_data_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(rd_data_i)));
            for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
            if (write_q && $isunknown(wr_err_i)) c_dpi_report_unknown(Port, $sformatf("WR_ERR is %b", wr_err_i));
            if (!write_q && $isunknown(rd_err_i)) c_dpi_report_unknown(Port, $sformatf("RD_ERR is %b", rd_err_i));
            c_dpi_end_beat(Port, (write_q ? wr_err_i : rd_err_i) ? BeatSlverr : BeatOkay, data[63:0]);
            state_q <= Idle;
          end else if (waited_q >= budget) begin
            c_dpi_time_out(Port, $sformatf(
              "%s for %0d cycles (CPU interface; REQ=%b REQ_IS_WR=%b REQ_STALL_WR=%b REQ_STALL_RD=%b)",
              req_o ? (write_q ? "REQ_STALL_WR stayed high" : "REQ_STALL_RD stayed high")
                    : (write_q ? "WR_ACK stayed low" : "RD_ACK stayed low"),
              budget, req_o, write_q, req_stall_wr_i, req_stall_rd_i));
            due     = 1'b0;
            state_q <= Stuck;
          end
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));

        default: state_q <= Settle;
      endcase

      if (due && !held_back(write ? stalls.aw : stalls.ar)) begin
        due         = 1'b0;
        req_o       <= 1'b1;
        req_is_wr_o <= write;
        addr_o      <= AddrWidth'(address);
        wr_data_o   <= DataWidth'(data);
        wr_biten_o  <= bits_of((DataWidth / 8)'(strobe));
      end
    end
  end
endmodule
