// SPDX-License-Identifier: Apache-2.0
//
// AXI4 manager BFM: carries out the bursts that it pulls from trapline_dpi_pkg, one at a time.
//
// What it promises to the device (AXI IHI 0022, A3.2 to A3.4):
// - All outputs are registers. VALID waits for no READY; once high it stays, with its payload unchanged, until READY.
// - All bursts are INCR, of 1 to MaxBeats beats, and cross no multiple of 4096. Their first address may be unaligned;
//   their size is the bus word, or less for a single naturally aligned beat. Strobes lie in the lanes of their beat.
// - The write address and the first write data are offered in the same cycle and then go their own ways; beats follow
//   each other without a gap. BREADY and RREADY are high from the first cycle of a burst to its end.
// - The model's --stall delays any of these, each channel on its own.
// - Each burst has an ID of its own, drawn from the seed. xLOCK, xCACHE, xPROT, xQOS, xREGION
//   and AWATOP are 0; WID is AWID.
// - From power-up and in reset all VALIDs and READYs are low; VALIDs stay low for SettleCycles after it.
// - While VALID is low the payload is random ($urandom).
//
// In odd cases:
// - A handshake that takes more cycles than its budget ends the burst as timed out. What was offered stays offered, as
//   the protocol demands, but nothing new is asked for until reset.
// - A response without a request, or before its request was taken, ends nothing; axi4_checker reports it.
// - The beats of a read are counted; RLAST and the response's ID are axi4_checker's affair.
// - EXOKAY counts as OKAY: nothing exclusive was asked for.
// - Where the device has no write channels, or no read channels, such a burst ends at once as DECERR.

module axi4_manager_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --port arguments of the model.
  parameter int unsigned Port = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32,
  // 0 if the device has no IDs; its ID pins are then one bit wide and 0.
  parameter int unsigned IdWidth = 4,
  // 256, or 16 where AxLEN has 4 bits (AXI3).
  parameter int unsigned MaxBeats = 256,
  // Whether the device has the channels for it.
  parameter bit HasReads = 1'b1,
  parameter bit HasWrites = 1'b1,
  localparam int unsigned IdBits = IdWidth > 0 ? IdWidth : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  output logic [     IdBits-1:0] awid_o,
  output logic [  AddrWidth-1:0] awaddr_o,
  output logic [            7:0] awlen_o,
  output logic [            2:0] awsize_o,
  output logic [            1:0] awburst_o,
  output logic [            1:0] awlock_o,
  output logic [            3:0] awcache_o,
  output logic [            2:0] awprot_o,
  output logic [            3:0] awqos_o,
  output logic [            3:0] awregion_o,
  output logic [            5:0] awatop_o,
  output logic                   awvalid_o,
  input  logic                   awready_i,

  output logic [     IdBits-1:0] wid_o,
  output logic [  DataWidth-1:0] wdata_o,
  output logic [DataWidth/8-1:0] wstrb_o,
  output logic                   wlast_o,
  output logic                   wvalid_o,
  input  logic                   wready_i,

  input  logic [     IdBits-1:0] bid_i,
  input  logic [            1:0] bresp_i,
  input  logic                   bvalid_i,
  output logic                   bready_o,

  output logic [     IdBits-1:0] arid_o,
  output logic [  AddrWidth-1:0] araddr_o,
  output logic [            7:0] arlen_o,
  output logic [            2:0] arsize_o,
  output logic [            1:0] arburst_o,
  output logic [            1:0] arlock_o,
  output logic [            3:0] arcache_o,
  output logic [            2:0] arprot_o,
  output logic [            3:0] arqos_o,
  output logic [            3:0] arregion_o,
  output logic                   arvalid_o,
  input  logic                   arready_i,

  input  logic [     IdBits-1:0] rid_i,
  input  logic [  DataWidth-1:0] rdata_i,
  input  logic [            1:0] rresp_i,
  input  logic                   rlast_i,
  input  logic                   rvalid_i,
  output logic                   rready_o
);

  localparam logic [1:0] Incr = 2'b01;
  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  typedef enum logic [2:0] {
    Settle,  // reset was released a moment ago
    Idle,    // no burst: pull one
    Write,
    Read,
    Stuck    // a handshake timed out: only reset helps
  } state_e;

  // The payload of AW or AR.
  typedef struct packed {
    logic [   IdBits-1:0] id;
    logic [AddrWidth-1:0] addr;
    logic [          7:0] len;
    logic [          2:0] size;
    logic [          1:0] burst;
  } request_t;

  localparam int unsigned RequestSlices = slices_of($bits(request_t));

  state_e          state_q;
  request_t        aw_q, ar_q;
  longint unsigned waited_q;  // cycles since the last handshake of the burst, or since reset
  longint unsigned budget;
  stalls_t         stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {awvalid_o, wvalid_o, bready_o, arvalid_o, rready_o} = '0;
  end

  initial begin
    c_dpi_open_port(Port, AddrWidth, DataWidth, MaxBeats);
    budget = c_dpi_max_cycles();
    stalls = get_stalls();
  end

  assign {awid_o, awaddr_o, awlen_o, awsize_o, awburst_o} = aw_q;
  assign {arid_o, araddr_o, arlen_o, arsize_o, arburst_o} = ar_q;
  assign {awlock_o, awcache_o, awprot_o, awqos_o, awregion_o, awatop_o} = '0;
  assign {arlock_o, arcache_o, arprot_o, arqos_o, arregion_o} = '0;

  // What will still be offered after this edge.
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

  always_ff @(posedge clk_i or negedge rst_ni) begin : burst
    bit              write;
    int unsigned     beats, beat_bytes;
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    longint unsigned address;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;
    // verilator lint_on UNUSEDSIGNAL
    request_t        request;
    bit              is_pulled;       // a burst, at this edge
    bit              aw_due, ar_due;  // pulled, but not offered yet
    int unsigned     w_due, r_due;    // beats not offered yet, not taken yet

    if (!rst_ni) begin
      state_q   <= Settle;
      waited_q  <= 0;
      {aw_due, ar_due} = 2'b00;
      {w_due, r_due}   = '0;
      awvalid_o <= 1'b0;
      wvalid_o  <= 1'b0;
      bready_o  <= 1'b0;
      arvalid_o <= 1'b0;
      rready_o  <= 1'b0;
      aw_q      <= $bits(request_t)'({RequestSlices{noise()}});
      ar_q      <= $bits(request_t)'({RequestSlices{noise()}});
      wid_o     <= '0;
      wdata_o   <= DataWidth'({Slices{noise()}});
      {wstrb_o, wlast_o} <= (DataWidth / 8 + 1)'({3{noise()}});
    end else begin
      is_pulled = 1'b0;
      if (state_q == Idle) begin
        if (c_dpi_has_work(Port)) is_pulled = c_dpi_next_burst(Port, write, address, beats, beat_bytes);
      end

      // Between two bursts nothing is offered and nothing is waited for.
      if (state_q != Idle || is_pulled) begin
        waited_q <= waited_q + 1;
        if ((awvalid_o && awready_i) || (wvalid_o && wready_i) || (arvalid_o && arready_i)) waited_q <= 0;

        if (awvalid_o && awready_i) begin
          awvalid_o <= 1'b0;
          aw_q      <= $bits(request_t)'({RequestSlices{noise()}});
        end
        if (wvalid_o && wready_i) begin
          wvalid_o <= 1'b0;
          if (w_due == 0) begin
            wdata_o            <= DataWidth'({Slices{noise()}});
            {wstrb_o, wlast_o} <= (DataWidth / 8 + 1)'({3{noise()}});
          end
        end
        if (arvalid_o && arready_i) begin
          arvalid_o <= 1'b0;
          ar_q      <= $bits(request_t)'({RequestSlices{noise()}});
        end

        case (state_q)
          Settle: if (has_settled(waited_q)) state_q <= Idle;

          Idle: begin
            waited_q <= 0;
            if (write ? !HasWrites : !HasReads) begin
              c_dpi_end_burst(Port, BeatDecerr);
            end else begin
              request = '{
                id:    IdWidth > 0 ? IdBits'(noise()) : '0,
                addr:  AddrWidth'(address),
                len:   8'(beats - 1),
                size:  3'($clog2(beat_bytes)),
                burst: Incr
              };
              aw_due   = write;
              w_due    = write ? beats : 0;
              ar_due   = !write;
              r_due    = write ? 0 : beats;
              state_q  <= write ? Write : Read;
              bready_o <= write && !held_back(stalls.b);
              rready_o <= !write && !held_back(stalls.r);
            end
          end

          Write: begin
            bready_o <= !held_back(stalls.b);
            if (bvalid_i && bready_o && !aw_open && !w_open && !aw_due && w_due == 0) begin
              if ($isunknown(bresp_i)) c_dpi_report_unknown(Port, $sformatf("BRESP is %b", bresp_i));
              c_dpi_end_burst(Port, status_of(bresp_i));
              bready_o <= 1'b0;
              state_q  <= Idle;
            end else if (expired) begin
              time_out_write();
              w_due   = 0;
              state_q <= Stuck;
            end
          end

          Read: begin
            rready_o <= !held_back(stalls.r);
            if (rvalid_i && rready_o && !ar_open && !ar_due) begin
              data = (SliceBits * Slices)'(rdata_i);
              if ($isunknown(rdata_i)) c_dpi_put_unknown(Port, unknown_bits(seen_word_t'(rdata_i)));
              for (int unsigned i = 1; i < Slices; i++) c_dpi_put_slice(Port, i, data[64*i+:64]);
              if ($isunknown(rresp_i)) c_dpi_report_unknown(Port, $sformatf("RRESP is %b", rresp_i));
              c_dpi_read_beat(Port, status_of(rresp_i), data[63:0]);
              waited_q <= 0;
              r_due    = r_due - 1;
              if (r_due == 0) begin
                c_dpi_end_burst(Port, BeatOkay);
                rready_o <= 1'b0;
                state_q  <= Idle;
              end
            end else if (expired) begin
              time_out_read();
              state_q <= Stuck;
            end
          end

          // The mailbox answers what is queued for a stuck port when it is asked.
          Stuck: void'(c_dpi_next_burst(Port, write, address, beats, beat_bytes));

          default: state_q <= Settle;
        endcase

        if (aw_due && !held_back(stalls.aw)) begin
          aw_due    = 1'b0;
          awvalid_o <= 1'b1;
          aw_q      <= request;
        end
        if (w_due > 0 && !w_open && !held_back(stalls.w)) begin
          c_dpi_write_beat(Port, data[63:0], strobe[7:0]);
          for (int unsigned i = 1; i < Slices; i++) c_dpi_get_slice(Port, i, data[64*i+:64], strobe[8*i+:8]);
          wvalid_o <= 1'b1;
          wdata_o  <= DataWidth'(data);
          wstrb_o  <= (DataWidth / 8)'(strobe);
          wlast_o  <= w_due == 1;
          wid_o    <= request.id;
          w_due    = w_due - 1;
        end
        if (ar_due && !held_back(stalls.ar)) begin
          ar_due    = 1'b0;
          arvalid_o <= 1'b1;
          ar_q      <= request;
        end
      end
    end
  end

  logic unused;
  assign unused = ^{bid_i, rid_i, rlast_i};
endmodule
