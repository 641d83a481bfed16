// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Lite manager BFM: carries out the beats that it pulls from trapline_dpi_pkg, one at a time.
//
// What it promises to the device (AXI IHI 0022, A3.2 and A3.3):
// - All outputs are registers. VALID waits for no READY; once high it stays, with its payload unchanged, until READY.
// - The write address and the write data are offered in the same cycle, and each VALID drops after its own handshake,
//   so a device may take them together, address first or data first.
// - BREADY and RREADY are high from the first cycle of a beat to its end.
// - The model's --stall delays any of these, each channel on its own.
// - From power-up and in reset all VALIDs and READYs are low; VALIDs stay low for SettleCycles after it.
// - While VALID is low the payload is random ($urandom); xPROT is 0 (unprivileged, secure, data) while it is high.
//
// In odd cases:
// - A handshake that takes more cycles than its budget ends the beat as timed out. What was offered stays offered, as
//   the protocol demands, but no new beat is asked for until reset.
// - A response without a request, or before its request was taken, ends no beat; axil_checker reports it.
// - EXOKAY, which AXI4-Lite doesn't know, counts as OKAY.
// - Where the device has no write channels, or no read channels, such a beat ends at once as DECERR.
//
// In a read the first VALID rises after the edge at which the beat was pulled (edge 0). A device that answers at once
// takes it at edge 1 and its data is taken at edge 2; the next beat is pulled at edge 3.

module axil_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two; 32 and 64 are AXI4-Lite's own.
  parameter int unsigned DataWidth = 32,
  // Whether the device has the channels for it.
  parameter bit HasReads = 1'b1,
  parameter bit HasWrites = 1'b1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic [  AddrWidth-1:0] awaddr_o,
  output logic [            2:0] awprot_o,
  output logic                   awvalid_o,
  input  logic                   awready_i,

  output logic [  DataWidth-1:0] wdata_o,
  output logic [DataWidth/8-1:0] wstrb_o,
  output logic                   wvalid_o,
  input  logic                   wready_i,

  input  logic [            1:0] bresp_i,
  input  logic                   bvalid_i,
  output logic                   bready_o,

  output logic [  AddrWidth-1:0] araddr_o,
  output logic [            2:0] arprot_o,
  output logic                   arvalid_o,
  input  logic                   arready_i,

  input  logic [  DataWidth-1:0] rdata_i,
  input  logic [            1:0] rresp_i,
  input  logic                   rvalid_i,
  output logic                   rready_o
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [2:0] {
    Settle,  // reset was released a moment ago
    Idle,    // no beat: pull one
    Write,
    Read,
    Stuck    // a handshake timed out: only reset helps
  } state_e;

  state_e state_q;

  // Cycles that the open handshakes of a beat, or the settling, have taken so far. One counter is enough: the write
  // address and the write data are offered at the same edge, and the response is waited for after both.
  longint unsigned waited_q;
  longint unsigned budget;
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {awvalid_o, wvalid_o, bready_o, arvalid_o, rready_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, 1);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  // Requests that will still be offered after this edge.
  logic aw_open, w_open, ar_open;
  assign aw_open = awvalid_o && !awready_i;
  assign w_open  = wvalid_o && !wready_i;
  assign ar_open = arvalid_o && !arready_i;

  logic expired;
  assign expired = waited_q + 1 >= budget;

  // Apart, and never inlined: else the strings are made and unmade at each edge.
  task automatic time_out_write();
    /* verilator no_inline_task */
    c_dpi_time_out(Port, $sformatf("%s stayed low for %0d cycles (%s)", axi_write_culprit(aw_open, w_open), budget,
                                   write_signals()));
  endtask

  task automatic time_out_read();
    /* verilator no_inline_task */
    c_dpi_time_out(Port, $sformatf("%s stayed low for %0d cycles (%s)", axi_read_culprit(ar_open), budget,
                                   read_signals()));
  endtask

  function automatic string write_signals();
    return $sformatf("AWVALID=%b AWREADY=%b WVALID=%b WREADY=%b BVALID=%b BREADY=%b",
                     awvalid_o, awready_i, wvalid_o, wready_i, bvalid_i, bready_o);
  endfunction

  function automatic string read_signals();
    return $sformatf("ARVALID=%b ARREADY=%b RVALID=%b RREADY=%b", arvalid_o, arready_i, rvalid_i, rready_o);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin : beat
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    bit              write;
    longint unsigned address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    bit is_pulled;              // a beat, at this edge
    bit aw_due, w_due, ar_due;  // pulled, but not offered yet

    if (!rst_ni) begin
      state_q   <= Settle;
      waited_q  <= 0;
      {aw_due, w_due, ar_due} = 3'b000;
      awvalid_o <= 1'b0;
      wvalid_o  <= 1'b0;
      bready_o  <= 1'b0;
      arvalid_o <= 1'b0;
      rready_o  <= 1'b0;
      {awaddr_o, awprot_o} <= (AddrWidth + 3)'({noise(), noise()});
      {wdata_o, wstrb_o}   <= (DataWidth + DataWidth / 8)'({2 * Slices{noise()}});
      {araddr_o, arprot_o} <= (AddrWidth + 3)'({noise(), noise()});
    end else begin
      is_pulled = 1'b0;
      if (state_q == Idle) begin
        if (c_dpi_has_work(Port)) is_pulled = c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]);
      end

      // Between two beats nothing is offered and nothing is waited for.
      if (state_q != Idle || is_pulled) begin
        waited_q <= waited_q + 1;

        if (awvalid_o && awready_i) begin
          awvalid_o            <= 1'b0;
          {awaddr_o, awprot_o} <= (AddrWidth + 3)'({noise(), noise()});
        end
        if (wvalid_o && wready_i) begin
          wvalid_o           <= 1'b0;
          {wdata_o, wstrb_o} <= (DataWidth + DataWidth / 8)'({2 * Slices{noise()}});
        end
        if (arvalid_o && arready_i) begin
          arvalid_o            <= 1'b0;
          {araddr_o, arprot_o} <= (AddrWidth + 3)'({noise(), noise()});
        end

        case (state_q)
          Settle: if (has_settled(waited_q)) state_q <= Idle;

          Idle: begin
            waited_q <= 0;
            if (write ? !HasWrites : !HasReads) begin
              c_dpi_end_beat(Port, BeatDecerr, '0);
            end else begin
              for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
              aw_due   = write;
              w_due    = write;
              ar_due   = !write;
              state_q  <= write ? Write : Read;
              bready_o <= write && !held_back(stalls.b);
              rready_o <= !write && !held_back(stalls.r);
            end
          end

          Write: begin
            bready_o <= !held_back(stalls.b);
            if (bvalid_i && bready_o && !aw_open && !w_open && !aw_due && !w_due) begin
              if ($isunknown(bresp_i)) c_dpi_report_unknown(Port, $sformatf("BRESP is %b", bresp_i));
              c_dpi_end_beat(Port, status_of(bresp_i), '0);
              bready_o <= 1'b0;
              state_q  <= Idle;
            end else if (expired) begin
              time_out_write();
              state_q <= Stuck;
            end else if ((awvalid_o || wvalid_o) && !aw_open && !w_open && !aw_due && !w_due) begin
              waited_q <= 0;
            end
          end

          Read: begin
            rready_o <= !held_back(stalls.r);
            if (rvalid_i && rready_o && !ar_open && !ar_due) begin
              data = (SliceBits * Slices)'(rdata_i);
              if ($isunknown(rdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(rdata_i)));
              for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
              if ($isunknown(rresp_i)) c_dpi_report_unknown(Port, $sformatf("RRESP is %b", rresp_i));
              c_dpi_end_beat(Port, status_of(rresp_i), data[63:0]);
              rready_o <= 1'b0;
              state_q  <= Idle;
            end else if (expired) begin
              time_out_read();
              state_q <= Stuck;
            end else if (arvalid_o && !ar_open) begin
              waited_q <= 0;
            end
          end

          // The mailbox answers what is queued for a stuck port when it is asked.
          Stuck: void'(c_dpi_next_beat(Port, write, address, data[63:0], strobe[7:0]));

          default: state_q <= Settle;
        endcase

        if (aw_due && !held_back(stalls.aw)) begin
          aw_due               = 1'b0;
          awvalid_o            <= 1'b1;
          {awaddr_o, awprot_o} <= {AddrWidth'(address), 3'b000};
        end
        if (w_due && !held_back(stalls.w)) begin
          w_due              = 1'b0;
          wvalid_o           <= 1'b1;
          {wdata_o, wstrb_o} <= {DataWidth'(data), (DataWidth / 8)'(strobe)};
        end
        if (ar_due && !held_back(stalls.ar)) begin
          ar_due               = 1'b0;
          arvalid_o            <= 1'b1;
          {araddr_o, arprot_o} <= {AddrWidth'(address), 3'b000};
        end
      end
    end
  end
endmodule
