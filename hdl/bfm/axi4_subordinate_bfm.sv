// SPDX-License-Identifier: Apache-2.0
//
// AXI4 subordinate BFM: answers a manager port of the design out of host memory, through trapline_dpi_pkg.
//
// What the design meets (AXI IHI 0022, A3.2 to A3.4):
// - INCR, FIXED and WRAP bursts of any size, narrow and unaligned. One read and one write burst are under way at a
//   time, answered in the order of their requests with their own IDs; others wait at AxREADY. Write data is taken after
//   its address.
// - Memory that is not mapped is answered with DECERR on each beat of a read, or on the response of a write, which
//   then changes nothing; so is a write where the design may only read.
// - Lanes that a read beat does not cover are 0. Bytes of a write without a strobe stay as they were.
// - A read burst sees memory as it was when its address was taken; a write burst is in memory before BVALID rises.
// - AxREADY and WREADY are high as soon as something can be taken, and answers come without a gap, unless the model's
//   --stall delays them.
// - An exclusive access gets OKAY, which says that it failed. xCACHE, xPROT, xQOS and xREGION are ignored.
// - AXI3 is served alike: LEN of 4 bits and xLOCK of 2 come widened. axi4_checker ends the run at what is not served:
//   locked accesses, interleaved write data (WID), and AXI5's atomics (AWATOP).
// - What the design leaves undone (data without an address, an address without data, an answer that is not taken) is
//   waited for without a limit, and told, so that it can be named at the end.
// - From power-up and in reset all VALIDs and READYs are low. What was under way is forgotten; a write burst whose last
//   beat had not come has changed nothing.

module axi4_subordinate_bfm
  import trapline_dpi_pkg::*;
#(
  // Index of this port among the --manager arguments of the model.
  parameter int unsigned Manager = 0,
  // 1 to 64.
  parameter int unsigned AddrWidth = 32,
  // 8 to 1024, a power of two.
  parameter int unsigned DataWidth = 32,
  // 0 if the design has no IDs; the ID pins are then one bit wide.
  parameter int unsigned IdWidth = 4,
  localparam int unsigned IdBits = IdWidth > 0 ? IdWidth : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [     IdBits-1:0] awid_i,
  input  logic [  AddrWidth-1:0] awaddr_i,
  input  logic [            7:0] awlen_i,
  input  logic [            2:0] awsize_i,
  input  logic [            1:0] awburst_i,
  input  logic [            1:0] awlock_i,
  input  logic [            3:0] awcache_i,
  input  logic [            2:0] awprot_i,
  input  logic [            3:0] awqos_i,
  input  logic [            3:0] awregion_i,
  input  logic [            5:0] awatop_i,
  input  logic                   awvalid_i,
  output logic                   awready_o,

  input  logic [     IdBits-1:0] wid_i,
  input  logic [  DataWidth-1:0] wdata_i,
  input  logic [DataWidth/8-1:0] wstrb_i,
  input  logic                   wlast_i,
  input  logic                   wvalid_i,
  output logic                   wready_o,

  output logic [     IdBits-1:0] bid_o,
  output logic [            1:0] bresp_o,
  output logic                   bvalid_o,
  input  logic                   bready_i,

  input  logic [     IdBits-1:0] arid_i,
  input  logic [  AddrWidth-1:0] araddr_i,
  input  logic [            7:0] arlen_i,
  input  logic [            2:0] arsize_i,
  input  logic [            1:0] arburst_i,
  input  logic [            1:0] arlock_i,
  input  logic [            3:0] arcache_i,
  input  logic [            2:0] arprot_i,
  input  logic [            3:0] arqos_i,
  input  logic [            3:0] arregion_i,
  input  logic                   arvalid_i,
  output logic                   arready_o,

  output logic [     IdBits-1:0] rid_o,
  output logic [  DataWidth-1:0] rdata_o,
  output logic [            1:0] rresp_o,
  output logic                   rlast_o,
  output logic                   rvalid_o,
  input  logic                   rready_i
);

  // A word has so many slices, see trapline_dpi_pkg.
  localparam int unsigned Slices = slices_of(DataWidth);

  stalls_t     stalls;

  // Defined from time 0, not only from the first edge of reset: assertions of the design may look at once.
  initial begin
    {awready_o, wready_o, bvalid_o, arready_o, rvalid_o} = '0;
  end

  initial begin
    c_dpi_open_manager(Manager, DataWidth);
    stalls = get_stalls();
  end

  // ---- reads

  always_ff @(posedge clk_i or negedge rst_ni) begin : read
    // Whole slices: a narrower bus leaves upper bits unused.
    // verilator lint_off UNUSEDSIGNAL
    bit [SliceBits*Slices-1:0] data;
    // verilator lint_on UNUSEDSIGNAL
    int          status;
    int unsigned due;     // beats of the burst that are not offered yet
    bit          active;  // from AR to the last R
    dma_wait_e   waits, waited;

    waits = rst_ni && rvalid_o && rready_i !== 1'b1 ? WaitTaken : WaitNone;
    if (waits != waited) c_dpi_dma_waits(Manager, 1'b0, waits);
    waited = waits;

    if (!rst_ni) begin
      due       = 0;
      active    = 1'b0;
      arready_o <= 1'b0;
      rvalid_o  <= 1'b0;
      rid_o     <= IdBits'(noise());
      rdata_o   <= DataWidth'({Slices{noise()}});
      {rresp_o, rlast_o} <= 3'(noise());
    end else begin
      if (rvalid_o && rready_i) begin
        rvalid_o <= 1'b0;
        if (due == 0) begin
          active = 1'b0;
          rid_o   <= IdBits'(noise());
          rdata_o <= DataWidth'({Slices{noise()}});
          {rresp_o, rlast_o} <= 3'(noise());
        end
      end
      if (arvalid_i && arready_o) begin
        if ($isunknown({arid_i, araddr_i, arlen_i, arsize_i, arburst_i}))
          c_dpi_dma_report_unknown(Manager, $sformatf(
            "ARID is %h, ARADDR is %h, ARLEN is %h, ARSIZE is %h, ARBURST is %b",
            arid_i, araddr_i, arlen_i, arsize_i, arburst_i));
        c_dpi_begin_dma(Manager, 1'b0, 64'(araddr_i), 32'(arlen_i) + 1, 1 << arsize_i, 32'(arburst_i));
        due    = 32'(arlen_i) + 1;
        active = 1'b1;
        rid_o  <= arid_i;
      end
      if (due > 0 && !(rvalid_o && rready_i !== 1'b1) && !held_back(stalls.r)) begin
        status = c_dpi_dma_read_beat(Manager, data[63:0]);
        for (int unsigned i = 1; i < Slices; i++) c_dpi_dma_get_slice(Manager, i, data[64*i+:64]);
        rresp_o  <= resp_of(status);
        rdata_o  <= DataWidth'(data);
        rlast_o  <= due == 1;
        rvalid_o <= 1'b1;
        due      = due - 1;
      end
      arready_o <= !active && !held_back(stalls.ar);
    end
  end

  // ---- writes

  always_ff @(posedge clk_i or negedge rst_ni) begin : write
    int          status;
    int unsigned due;     // beats of the burst that have not come yet
    bit          active;  // from AW to B
    bit          answer;  // the response is not offered yet
    dma_wait_e   waits, waited;
    bit [  SliceBits*Slices-1:0] data;
    bit [SliceBits/8*Slices-1:0] strobe;

    if (!rst_ni) waits = WaitNone;
    else if (bvalid_o && bready_i !== 1'b1) waits = WaitResponse;
    else if (wready_o && wvalid_i !== 1'b1) waits = WaitData;
    else if (wvalid_i && !active && awvalid_i !== 1'b1) waits = WaitAddress;
    else waits = WaitNone;
    if (waits != waited) c_dpi_dma_waits(Manager, 1'b1, waits);
    waited = waits;

    if (!rst_ni) begin
      due       = 0;
      active    = 1'b0;
      answer    = 1'b0;
      awready_o <= 1'b0;
      wready_o  <= 1'b0;
      bvalid_o  <= 1'b0;
      bid_o     <= IdBits'(noise());
      bresp_o   <= 2'(noise());
    end else begin
      if (bvalid_o && bready_i) begin
        active = 1'b0;
        bvalid_o <= 1'b0;
        bid_o    <= IdBits'(noise());
        bresp_o  <= 2'(noise());
      end
      if (wvalid_i && wready_o) begin
        if ($isunknown(wstrb_i)) c_dpi_dma_report_unknown(Manager, $sformatf("WSTRB is %b", wstrb_i));
        if ($isunknown(wdata_i))
          c_dpi_dma_put_unknown(Manager, unknown_bits(seen_word_t'(wdata_i)), stream_lanes_t'(wstrb_i));
        data   = (SliceBits * Slices)'(wdata_i);
        strobe = (SliceBits / 8 * Slices)'(wstrb_i);
        for (int unsigned i = 1; i < Slices; i++) c_dpi_dma_put_slice(Manager, i, data[64*i+:64], strobe[8*i+:8]);
        c_dpi_dma_write_beat(Manager, data[63:0], strobe[7:0]);
        due    = due - 1;
        answer = due == 0;
      end
      if (awvalid_i && awready_o) begin
        if ($isunknown({awid_i, awaddr_i, awlen_i, awsize_i, awburst_i}))
          c_dpi_dma_report_unknown(Manager, $sformatf(
            "AWID is %h, AWADDR is %h, AWLEN is %h, AWSIZE is %h, AWBURST is %b",
            awid_i, awaddr_i, awlen_i, awsize_i, awburst_i));
        c_dpi_begin_dma(Manager, 1'b1, 64'(awaddr_i), 32'(awlen_i) + 1, 1 << awsize_i, 32'(awburst_i));
        due    = 32'(awlen_i) + 1;
        active = 1'b1;
        bid_o  <= awid_i;
      end
      if (answer && !held_back(stalls.b)) begin
        answer   = 1'b0;
        bvalid_o <= 1'b1;
        status = c_dpi_end_dma_write(Manager);
        bresp_o  <= resp_of(status);
      end
      awready_o <= !active && !held_back(stalls.aw);
      wready_o  <= due > 0 && !held_back(stalls.w);
    end
  end

  // Beats are counted; WLAST, WID and AWATOP are axi4_checker's affair.
  logic unused;
  assign unused = ^{awlock_i, awcache_i, awprot_i, awqos_i, awregion_i, awatop_i, wid_i, wlast_i,
                    arlock_i, arcache_i, arprot_i, arqos_i, arregion_i};
endmodule
