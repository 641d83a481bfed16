// SPDX-License-Identifier: Apache-2.0
//
// AXI4 checker: watches one port, whoever drives it, and ends the run at the first breach (AXI IHI 0022).
//
//   A3.1.2  VALIDs are low in reset                                   channel_checker
//   A3.2.1  VALID and payload stay until READY                        channel_checker
//   A3.3.1  a response comes after its request's handshakes           burst_checker
//   A3.4.1  bursts: no reserved kind; no wider than the bus; none across a multiple of 4096; FIXED of 16 beats at most;
//           WRAP of 2, 4, 8 or 16 beats, aligned
//   A3.4.1  WLAST and RLAST with the last beat and no other           burst_checker
//   A3.4.3  strobes only in the lanes of their beat                   burst_checker
//   A5.3    responses carry the ID of an outstanding request          burst_checker
//   A5.3    write data carries the ID of its request, if WithWid      burst_checker
//   A7.2    EXOKAY only for exclusive accesses                        burst_checker
//   A7.3    no locked accesses (AXI3's xLOCK=2), which need an interconnect that locks
//   E1.1    no atomic operations (AXI5's AWATOP)
//
// A response in the cycle of the handshake itself passes: it hurts nobody, and simple devices do it. Read bursts of
// different IDs may be interleaved.

module axi4_checker
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  parameter int unsigned AddrWidth = 32,
  parameter int unsigned DataWidth = 32,
  parameter int unsigned IdWidth = 4,
  // Whether the bus has a WID that counts: AXI3.
  parameter bit WithWid = 1'b0,
  localparam int unsigned IdBits = IdWidth > 0 ? IdWidth : 1
) (
  input logic                   clk_i,
  input logic                   rst_ni,

  input logic [     IdBits-1:0] awid_i,
  input logic [  AddrWidth-1:0] awaddr_i,
  input logic [            7:0] awlen_i,
  input logic [            2:0] awsize_i,
  input logic [            1:0] awburst_i,
  input logic [            1:0] awlock_i,
  input logic [            3:0] awcache_i,
  input logic [            2:0] awprot_i,
  input logic [            3:0] awqos_i,
  input logic [            3:0] awregion_i,
  input logic [            5:0] awatop_i,
  input logic                   awvalid_i,
  input logic                   awready_i,
  input logic [     IdBits-1:0] wid_i,
  input logic [  DataWidth-1:0] wdata_i,
  input logic [DataWidth/8-1:0] wstrb_i,
  input logic                   wlast_i,
  input logic                   wvalid_i,
  input logic                   wready_i,
  input logic [     IdBits-1:0] bid_i,
  input logic [            1:0] bresp_i,
  input logic                   bvalid_i,
  input logic                   bready_i,
  input logic [     IdBits-1:0] arid_i,
  input logic [  AddrWidth-1:0] araddr_i,
  input logic [            7:0] arlen_i,
  input logic [            2:0] arsize_i,
  input logic [            1:0] arburst_i,
  input logic [            1:0] arlock_i,
  input logic [            3:0] arcache_i,
  input logic [            2:0] arprot_i,
  input logic [            3:0] arqos_i,
  input logic [            3:0] arregion_i,
  input logic                   arvalid_i,
  input logic                   arready_i,
  input logic [     IdBits-1:0] rid_i,
  input logic [  DataWidth-1:0] rdata_i,
  input logic [            1:0] rresp_i,
  input logic                   rlast_i,
  input logic                   rvalid_i,
  input logic                   rready_i
);

  logic in_reset;
  assign in_reset = !rst_ni;

  localparam int unsigned RequestWidth = IdBits + AddrWidth + 8 + 3 + 2 + 2 + 4 + 3 + 4 + 4;

  channel_checker #(.Name(Name), .Channel("AW"), .PayloadWidth(RequestWidth + 6)) aw (
    .clk_i, .rst_ni, .valid_i(awvalid_i), .ready_i(awready_i),
    .payload_i({awid_i, awaddr_i, awlen_i, awsize_i, awburst_i, awlock_i, awcache_i, awprot_i, awqos_i, awregion_i,
                awatop_i})
  );
  channel_checker #(.Name(Name), .Channel("W"), .PayloadWidth(IdBits + DataWidth + DataWidth / 8 + 1)) w (
    .clk_i, .rst_ni, .valid_i(wvalid_i), .ready_i(wready_i),
    .payload_i({WithWid ? wid_i : IdBits'(0), wdata_i, wstrb_i, wlast_i})
  );
  channel_checker #(.Name(Name), .Channel("B"), .PayloadWidth(IdBits + 2)) b (
    .clk_i, .rst_ni, .valid_i(bvalid_i), .ready_i(bready_i), .payload_i({bid_i, bresp_i})
  );
  channel_checker #(.Name(Name), .Channel("AR"), .PayloadWidth(RequestWidth)) ar (
    .clk_i, .rst_ni, .valid_i(arvalid_i), .ready_i(arready_i),
    .payload_i({arid_i, araddr_i, arlen_i, arsize_i, arburst_i, arlock_i, arcache_i, arprot_i, arqos_i, arregion_i})
  );
  channel_checker #(.Name(Name), .Channel("R"), .PayloadWidth(IdBits + DataWidth + 3)) r (
    .clk_i, .rst_ni, .valid_i(rvalid_i), .ready_i(rready_i), .payload_i({rid_i, rdata_i, rresp_i, rlast_i})
  );

  burst_checker #(.Name(Name), .DataWidth(DataWidth), .IdBits(IdBits), .WithWid(WithWid)) bursts (
    .clk_i, .rst_ni,
    .awid_i, .awaddr_i(12'(awaddr_i)), .awlen_i, .awsize_i, .awburst_i, .awlock_i(awlock_i[0]),
    .aw_taken_i(awvalid_i && awready_i),
    .wid_i, .wstrb_i, .wlast_i, .w_taken_i(wvalid_i && wready_i),
    .bid_i, .bresp_i, .bvalid_i, .bready_i,
    .arid_i, .arlen_i, .arlock_i(arlock_i[0]), .ar_taken_i(arvalid_i && arready_i),
    .rid_i, .rresp_i, .rlast_i, .rvalid_i, .rready_i
  );

  localparam int unsigned BusBytes = DataWidth / 8;
  localparam logic [1:0] Fixed = 2'b00;
  localparam logic [1:0] Wrap = 2'b10;

  // What is wrong with a request in itself; empty if nothing is. Dma::fault_of has the same words for a manager port.
  function automatic string fault_of(string channel, logic [11:0] address, logic [7:0] len, logic [2:0] size,
                                     logic [1:0] kind);
    /* verilator no_inline_task */  // else its strings are made at each edge
    automatic int unsigned beats = 32'(len) + 1;
    automatic int unsigned bytes = 1 << size;
    automatic int unsigned first = 32'(address) & ~(bytes - 1);
    if (kind == 2'b11) return $sformatf("%sBURST=3 is reserved", channel);
    if (bytes > BusBytes)
      return $sformatf("%sSIZE=%0d asks for beats of %0d bytes on a bus of %0d", channel, size, bytes, BusBytes);
    if (kind == Fixed && beats > 16)
      return $sformatf("%sLEN=%0d: a FIXED burst has %0d beats; 16 are the limit", channel, len, beats);
    if (kind == Wrap && !(beats inside {2, 4, 8, 16}))
      return $sformatf("%sLEN=%0d: a WRAP burst has %0d beats; 2, 4, 8 and 16 are possible", channel, len, beats);
    if (kind == Wrap && first != 32'(address))
      return $sformatf("%sADDR ends in 0x%03x: a WRAP burst is not aligned to its beats of %0d bytes",
                       channel, address, bytes);
    if (kind == 2'b01 && first + beats * bytes > 4096)
      return $sformatf("%sADDR ends in 0x%03x: a burst of %0d bytes crosses a multiple of 4096",
                       channel, address, beats * bytes);
    return "";
  endfunction

  // The fault is worked out only for a request that is taken: the channel checkers hold it still. In a clocked block,
  // for a function in a property is called at every edge, and then puts the noise of a channel at rest into words.
  always_ff @(posedge clk_i) begin : sound
    if (!in_reset && awvalid_i && awready_i) begin
      automatic string fault = fault_of("AW", 12'(awaddr_i), awlen_i, awsize_i, awburst_i);
      aw_sound: assert (fault == "") else c_dpi_report_breach(Name, {fault, " (AXI IHI 0022, A3.4.1)"});
    end
    if (!in_reset && arvalid_i && arready_i) begin
      automatic string fault = fault_of("AR", 12'(araddr_i), arlen_i, arsize_i, arburst_i);
      ar_sound: assert (fault == "") else c_dpi_report_breach(Name, {fault, " (AXI IHI 0022, A3.4.1)"});
    end
  end

  no_atomics: assert property (@(posedge clk_i) disable iff (in_reset) awvalid_i && awready_i |-> awatop_i == '0)
    else c_dpi_report_breach(Name, $sformatf(
      "AWATOP=0x%02x asks for an atomic operation, which is not served (AXI IHI 0022, E1.1)", awatop_i));

  aw_not_locked: assert property (@(posedge clk_i) disable iff (in_reset) awvalid_i && awready_i |-> !awlock_i[1])
    else c_dpi_report_breach(Name, $sformatf(
      "AWLOCK=%0d asks for a locked access, which is not served (AXI IHI 0022, A7.3)", awlock_i));

  ar_not_locked: assert property (@(posedge clk_i) disable iff (in_reset) arvalid_i && arready_i |-> !arlock_i[1])
    else c_dpi_report_breach(Name, $sformatf(
      "ARLOCK=%0d asks for a locked access, which is not served (AXI IHI 0022, A7.3)", arlock_i));
endmodule
