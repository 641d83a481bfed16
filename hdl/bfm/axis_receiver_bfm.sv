// SPDX-License-Identifier: Apache-2.0
//
// AXI4-Stream receiver BFM: takes the beats that the device transmits, and tells trapline_dpi_pkg.
//
// What it promises to the device (AXI-Stream IHI 0051, 2.2):
// - TREADY is a register that waits for no TVALID. It is high while there is room for a beat: in what the host has not
//   read yet, and for ever where no host reads this stream.
// - The model's --stall holds TREADY back (channel t).
// - From power-up and in reset TREADY is low.
//
// Packets of several TID or TDEST may be interleaved (2.6). A host that reads them would get them mixed, so that this
// ends the run. A device without TREADY can't be held back: a beat for which there is no room ends the run, for it
// would be lost.

module axis_receiver_bfm
  import trapline_dpi_pkg::*;
#(
  // Of the port, for messages.
  parameter string Name = "",
  // Index among the streams of the model.
  parameter int unsigned Stream = 0,
  // A multiple of 8 up to 1024.
  parameter int unsigned DataWidth = 32,
  parameter int unsigned IdWidth = 1,
  parameter int unsigned DestWidth = 1,
  // Whether the device has a TREADY, a TKEEP or TSTRB, and a TLAST.
  parameter bit HasReady = 1'b1,
  parameter bit HasKeep = 1'b1,
  parameter bit HasLast = 1'b1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,

  input  logic [  DataWidth-1:0] tdata_i,
  input  logic [DataWidth/8-1:0] tkeep_i,
  input  logic [DataWidth/8-1:0] tstrb_i,
  input  logic                   tlast_i,
  input  logic [    IdWidth-1:0] tid_i,
  input  logic [  DestWidth-1:0] tdest_i,
  input  logic                   tvalid_i,
  output logic                   tready_o
);

  int unsigned stall;
  bit          is_used;

  initial tready_o = 1'b0;

  initial begin
    is_used = c_dpi_open_stream(Stream, 1'b0, DataWidth, !HasKeep, HasLast);
    stall   = c_dpi_stall_percent(StallT);
  end

  logic                 in_packet_q;  // a beat was taken that was not the last one
  logic [  IdWidth-1:0] id_q;
  logic [DestWidth-1:0] dest_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      tready_o    <= 1'b0;
      in_packet_q <= 1'b0;
    end else begin
      if (tvalid_i && (tready_o || !HasReady)) begin
        room: assert (HasReady || c_dpi_stream_has_room(Stream))
          else c_dpi_report_breach(Name,
            "there is no room for a beat, and the design has no TREADY: read faster, or raise the device's \"buffer\"");
        one_packet: assert (!is_used || !in_packet_q || (tid_i == id_q && tdest_i == dest_q))
          else c_dpi_report_breach(Name, {
            "TID or TDEST changed within a packet: interleaved packets (AXI-Stream IHI 0051, 2.6) ",
            "can't be read by a host"});
        // Of a stream that no host reads nothing reaches a program.
        if (is_used && $isunknown({tkeep_i, tstrb_i, tlast_i, tid_i, tdest_i}))
          c_dpi_report_breach(Name, $sformatf("TKEEP is %b, TSTRB %b, TLAST %b, TID %h, TDEST %h while TVALID is high",
                                              tkeep_i, tstrb_i, tlast_i, tid_i, tdest_i));
        if (is_used && $isunknown(tdata_i))
          c_dpi_stream_put_unknown(Name, unknown_bits(seen_word_t'(tdata_i)),
                                   stream_lanes_t'(tkeep_i) & stream_lanes_t'(tstrb_i));
        c_dpi_stream_beat(Stream, stream_data_t'(tdata_i), stream_lanes_t'(tkeep_i), stream_lanes_t'(tstrb_i),
                          tlast_i);
        in_packet_q    <= HasLast && !tlast_i;
        {id_q, dest_q} <= {tid_i, tdest_i};
      end
      // Asked behind the beat that has just come, so that one more can.
      tready_o <= c_dpi_stream_has_room(Stream) && !held_back(stall);
    end
  end
endmodule
