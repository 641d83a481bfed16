// SPDX-License-Identifier: Apache-2.0
//
// OBI manager BFM (OpenHW Group, Open Bus Interface 1.6): carries out the beats that it pulls from trapline_dpi_pkg,
// one at a time.
//
// What it promises to the device (OBI 1.6, A channel and R channel):
// - All outputs are registered. REQ stays, with address, direction, byte enables and data unchanged, until a clock edge
//   at which GNT is high: there the request is taken, and REQ falls. Nothing is asked for before its response has come.
// - RREADY is high for one edge at which RVALID is taken, and may be held back before; a device without RREADY finds
//   its response taken at the first edge with RVALID (WithReady is 0).
// - ADDR is a byte address, aligned down to the bus word; BE names the bytes of interest, of reads too. AID is 0.
// - The model's --stall delays REQ (aw those of writes, ar those of reads) and RREADY (b and r).
// - From power-up and in reset REQ is low, and it stays low for SettleCycles after it. While REQ is low the rest of the
//   A channel is random ($urandom).
//
// In odd cases:
// - ERR counts as SLVERR.
// - RVALID before the request was taken ends nothing; obi_checker reports it.
// - A transfer that takes more clock cycles than its budget ends the beat as timed out; no new beat is asked for until
//   reset.

module obi_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32,
  // 0 if the device has no AID.
  parameter int unsigned IdWidth = 0,
  // Whether the device waits for RREADY.
  parameter bit WithReady = 1'b0,
  localparam int unsigned IdBits = IdWidth == 0 ? 1 : IdWidth
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic                   req_o,
  input  logic                   gnt_i,
  output logic [  AddrWidth-1:0] addr_o,
  output logic                   we_o,
  output logic [DataWidth/8-1:0] be_o,
  output logic [  DataWidth-1:0] wdata_o,
  output logic [     IdBits-1:0] aid_o,
  input  logic                   rvalid_i,
  output logic                   rready_o,
  input  logic [  DataWidth-1:0] rdata_i,
  input  logic                   err_i,
  input  logic [     IdBits-1:0] rid_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [2:0] {
    Settle,    // reset was released a moment ago
    Idle,      // no beat: pull one
    Request,
    Response,
    Stuck      // nothing ever came: only reset helps
  } state_e;

  state_e          state_q;
  longint unsigned waited_q;
  longint unsigned budget;
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {req_o, rready_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, 1);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  // Every ID is one that was asked for, since one request is under way at most; obi_checker compares.
  logic unused;
  assign unused = ^rid_i;
  assign aid_o  = '0;

  logic write_q, answered;
  assign answered = rvalid_i && (rready_o || !WithReady);

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
      due      = 1'b0;
      {req_o, rready_o} <= 2'b00;
      write_q  <= 1'b0;
      {addr_o, we_o, be_o} <= (AddrWidth + 1 + DataWidth / 8)'({4{noise()}});
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
            write_q <= write;
            state_q <= Request;
          end
        end

        Request: if (req_o && gnt_i) begin
          req_o    <= 1'b0;
          rready_o <= !held_back(write_q ? stalls.b : stalls.r);
          {addr_o, we_o, be_o} <= (AddrWidth + 1 + DataWidth / 8)'({4{noise()}});
          wdata_o  <= DataWidth'({Slices{noise()}});
          state_q  <= Response;
        end

        Response: if (answered) begin
          rready_o <= 1'b0;
          data = write_q ? '0 : (SliceBits * Slices)'(rdata_i);
          if (!write_q && $isunknown(rdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(rdata_i)));
          for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
          if ($isunknown(err_i)) c_dpi_report_unknown(Port, $sformatf("ERR is %b", err_i));
          c_dpi_end_beat(Port, err_i ? BeatSlverr : BeatOkay, data[63:0]);
          state_q <= Idle;
        end else if (!rready_o) begin
          rready_o <= !held_back(write_q ? stalls.b : stalls.r);
        end

        // The mailbox answers what is queued for a stuck port when it is asked.
        Stuck: void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));

        default: state_q <= Settle;
      endcase

      if ((state_q == Request || (state_q == Response && answered !== 1'b1)) && waited_q >= budget &&
          (state_q == Request && req_o && gnt_i) !== 1'b1) begin
        c_dpi_time_out(Port, $sformatf("%s stayed low for %0d cycles (OBI; REQ=%b GNT=%b WE=%b RVALID=%b)",
          state_q == Request ? "GNT" : "RVALID", budget, req_o, gnt_i, write_q, rvalid_i));
        due     = 1'b0;
        state_q <= Stuck;
      end

      if (due && !req_o && !held_back(write ? stalls.aw : stalls.ar)) begin
        due     = 1'b0;
        req_o   <= 1'b1;
        we_o    <= write;
        addr_o  <= AddrWidth'(address);
        wdata_o <= DataWidth'(data);
        be_o    <= (DataWidth / 8)'(strobe);
      end
    end
  end
endmodule
